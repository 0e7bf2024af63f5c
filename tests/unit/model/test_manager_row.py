"""A manager's account of one service."""

import dataclasses

import pytest

from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager


def test_a_row_needs_only_a_name_a_manager_and_a_state() -> None:
    row = ManagerRow(name="cinder-volume", manager=Manager.SM, state=InstanceState.STOPPED)
    assert row.pid is None
    assert row.desired is InstanceState.RUNNING


def test_a_row_cannot_be_changed_after_it_was_given() -> None:
    row = ManagerRow(name="ntpd", manager=Manager.PMON, state=InstanceState.RUNNING)
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.pid = 1  # type: ignore[misc]

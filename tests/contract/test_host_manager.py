"""The port `HostManager`."""

from typing import Protocol

import pytest

from insvc.errors import UnknownName
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager
from insvc.ports import HostManager
from tests.fakes.host_manager import FakeHostManager


class Stage(Protocol):
    """A manager that runs the services `first` and `second`."""

    manager: HostManager


class FakeStage:
    """In memory."""

    def __init__(self) -> None:
        rows = (
            ManagerRow(name=name, manager=Manager.SYSTEMD, state=InstanceState.RUNNING, pid=pid)
            for name, pid in (("first", 10), ("second", 20))
        )
        self.manager: HostManager = FakeHostManager(*rows)


@pytest.fixture
def stage() -> Stage:
    return FakeStage()


def names(manager: HostManager, *asked: str) -> set[str]:
    return {row.name for row in manager.look(asked or None).rows}


def test_it_tells_of_every_service_it_has(stage: Stage) -> None:
    assert {"first", "second"} <= names(stage.manager)


def test_it_tells_of_those_alone_that_were_asked_for(stage: Stage) -> None:
    assert names(stage.manager, "second", "no-such") == {"second"}


def test_every_row_names_the_manager_that_speaks(stage: Stage) -> None:
    assert {row.manager for row in stage.manager.look().rows} == {stage.manager.kind}


def test_a_restarted_service_has_another_main_process(stage: Stage) -> None:
    (before,) = stage.manager.look(["first"]).rows
    told = stage.manager.restart(Order(service="first"))
    (after,) = stage.manager.look(["first"]).rows
    assert told.done
    assert after.state is InstanceState.RUNNING
    assert after.pid not in {None, before.pid}


def test_a_service_it_does_not_have_is_refused_by_name(stage: Stage) -> None:
    with pytest.raises(UnknownName) as refused:
        stage.manager.restart(Order(service="no-such"))
    assert refused.value.subject == "no-such"

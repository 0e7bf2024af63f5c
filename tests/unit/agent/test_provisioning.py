"""sm's tables in use, and their change."""

from pathlib import Path

import pytest

from insvc.adapters.provisioning import PLACE
from insvc.adapters.sm_shipped import shipped_tables
from insvc.agent.provisioning import Provisioning
from insvc.errors import UnknownName
from insvc.supervise.provisioning import Change
from insvc.supervise.sm_tables import is_provisioned

VIM = Change(kind="service", name="vim", provisioned=False)


def test_a_change_is_in_use_at_once_where_that_is_asked_for(tmp_path: Path) -> None:
    found = Provisioning(tmp_path, shipped_tables())
    assert found.tables == shipped_tables()
    found.change(VIM, (), at_once=True)
    assert not is_provisioned(found.tables, "vim")


def test_otherwise_it_waits_for_the_next_start_and_comes_with_the_next_change(
    tmp_path: Path,
) -> None:
    found = Provisioning(tmp_path, shipped_tables())
    found.change(VIM, (), at_once=False)
    assert is_provisioned(found.tables, "vim")
    assert not is_provisioned(Provisioning(tmp_path, shipped_tables()).tables, "vim")
    found.change(Change(kind="service", name="keystone", provisioned=False), (), at_once=True)
    assert not is_provisioned(found.tables, "vim")


def test_nothing_is_written_down_that_would_not_fit(tmp_path: Path) -> None:
    found = Provisioning(tmp_path, shipped_tables())
    with pytest.raises(UnknownName):
        found.change(Change(kind="service", name="nobody", provisioned=True), (), at_once=True)
    again = Provisioning(tmp_path, shipped_tables())
    assert (again.tables, again.faults) == (shipped_tables(), ())


def test_a_service_that_is_delivered_later_keeps_its_place(tmp_path: Path) -> None:
    found = Provisioning(tmp_path, shipped_tables())
    mine = Change(kind="service", name="mine", provisioned=False)
    found.change(mine, {"mine"}, at_once=True)
    again = Provisioning(tmp_path, shipped_tables())
    assert again.faults == ()
    assert not is_provisioned(again.tables, "mine")


def test_a_damaged_file_is_told_and_the_shipped_tables_stand(tmp_path: Path) -> None:
    Provisioning(tmp_path, shipped_tables()).change(VIM, (), at_once=True)
    (tmp_path / PLACE).write_bytes(b"no database")
    found = Provisioning(tmp_path, shipped_tables())
    assert found.tables == shipped_tables()
    assert len(found.faults) == 1
    assert "sm.db.damaged" in found.faults[0]

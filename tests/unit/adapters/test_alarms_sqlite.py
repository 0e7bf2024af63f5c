"""The table of alarms in a file."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from insvc.adapters import alarms_sqlite
from insvc.adapters.alarms_sqlite import SqliteAlarms
from insvc.errors import CorruptStore
from insvc.model.alarm import Alarm, AlarmChange, StandingAlarm


def alarm(entity: str, text: str = "it failed") -> Alarm:
    """An alarm about that."""
    return Alarm(alarm="200.006", entity=entity, severity="major", text=text, next_act="look")


def change(at: float, what: Literal["raised", "changed", "cleared"], one: Alarm) -> AlarmChange:
    """A change at that time."""
    return AlarmChange(at=at, what=what, alarm=one)


@pytest.fixture
def table(tmp_path: Path) -> Iterator[SqliteAlarms]:
    with closing(SqliteAlarms(tmp_path / "alarms.db")) as made:
        yield made


def test_what_was_raised_stands_since_then_whatever_its_text_becomes(table: SqliteAlarms) -> None:
    table.change([change(5.0, "raised", alarm("a")), change(5.0, "raised", alarm("b"))])
    table.change([change(7.0, "changed", alarm("a", "worse")), change(8.0, "cleared", alarm("b"))])
    assert table.standing() == (StandingAlarm(alarm=alarm("a", "worse"), since=5.0),)


def test_changes_are_kept_in_their_order_over_a_restart(tmp_path: Path) -> None:
    made = [change(5.0, "raised", alarm("a")), change(4.0, "cleared", alarm("a"))]
    with closing(SqliteAlarms(tmp_path / "alarms.db")) as first:
        first.change(made)
    with closing(SqliteAlarms(tmp_path / "alarms.db")) as second:
        assert second.changes() == tuple(made)
        assert second.changes(1) == (made[1],)


def test_old_changes_are_forgotten(table: SqliteAlarms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms_sqlite, "KEPT", 3)
    for number in range(5):
        table.change([change(number, "raised", alarm(str(number)))])
    assert [one.at for one in table.changes()] == [2.0, 3.0, 4.0]


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alarms.db").write_bytes(b"x" * 200)
    with pytest.raises(CorruptStore, match="is no table of alarms"):
        SqliteAlarms(tmp_path / "alarms.db")

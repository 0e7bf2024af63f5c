"""The file that outlives sm."""

import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from insvc.adapters.provisioning import PLACE, SqliteProvisioning
from insvc.errors import CorruptStore, WorldError
from insvc.supervise.provisioning import Change

VIM = Change(kind="service", name="vim", provisioned=False)
WEB = Change(kind="service-group-member", name="web-services", member="horizon", provisioned=False)


@pytest.fixture
def moments() -> Iterator[float]:
    return map(float, count(1))


def store(root: Path, moments: Iterator[float]) -> SqliteProvisioning:
    return SqliteProvisioning(root, now=lambda: next(moments))


def test_changes_are_kept_in_their_order_and_the_last_word_on_a_row_counts(
    tmp_path: Path, moments: Iterator[float]
) -> None:
    first = store(tmp_path, moments)
    back = Change(kind="service", name="vim", provisioned=True)
    for one in (VIM, WEB, back):
        first.keep(one)
    again = SqliteProvisioning(tmp_path)
    assert again.changes() == (WEB, back)
    assert again.fault == ""


def test_a_file_that_cannot_be_trusted_is_put_aside_and_told(
    tmp_path: Path, moments: Iterator[float]
) -> None:
    store(tmp_path, moments).keep(VIM)
    path = tmp_path / PLACE
    path.write_bytes(b"x" * 5000)
    found = store(tmp_path, moments)
    assert found.changes() == ()
    assert "it was put aside as sm.db.damaged" in found.fault
    assert path.with_name("sm.db.damaged").read_bytes() == b"x" * 5000
    found.keep(WEB)
    assert SqliteProvisioning(tmp_path).changes() == (WEB,)
    assert SqliteProvisioning(tmp_path).fault == ""


def test_a_file_that_is_none_any_more_takes_no_change(
    tmp_path: Path, moments: Iterator[float]
) -> None:
    found = store(tmp_path, moments)
    found.keep(VIM)
    path = tmp_path / PLACE
    path.unlink()
    path.mkdir()
    with pytest.raises(CorruptStore):
        found.keep(WEB)


def test_a_full_disk_is_the_disk_s_fault(tmp_path: Path) -> None:
    found = SqliteProvisioning(tmp_path, now=lambda: 0.0)
    with sqlite3.connect(tmp_path / PLACE) as held:
        held.execute(
            "CREATE TRIGGER full BEFORE INSERT ON changes BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
    with pytest.raises(WorldError) as refusal:
        found.keep(VIM)
    assert "what it holds is untouched" in refusal.value.reason
    assert found.changes() == ()


def test_a_row_that_another_release_wrote_is_left_out_and_told(
    tmp_path: Path, moments: Iterator[float]
) -> None:
    first = store(tmp_path, moments)
    first.keep(VIM)
    with sqlite3.connect(tmp_path / PLACE) as connection:
        connection.execute("INSERT INTO changes VALUES ('service-instance', 'x', '', 1, 0.5)")
    connection.close()
    again = SqliteProvisioning(tmp_path)
    assert again.changes() == (VIM,)
    assert "service-instance x" in again.fault
    assert "expected one of service-domain" in again.fault

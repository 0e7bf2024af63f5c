"""What dnf, dnf5 and zypper wrote down, in the form in which they did."""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from insvc.adapters import rpm_history
from insvc.adapters.rpm_history import RpmHistory
from insvc.inspect.rpm import Change

DNF = "var/lib/dnf/history.sqlite"
DNF5 = "usr/lib/sysimage/libdnf5/transaction_history.sqlite"
OF_DNF = """
    CREATE TABLE trans (id INTEGER, dt_begin INTEGER, dt_end INTEGER);
    CREATE TABLE trans_item (
        id INTEGER PRIMARY KEY, trans_id INTEGER, item_id INTEGER, action INTEGER, state INTEGER);
    CREATE TABLE rpm (item_id INTEGER, name TEXT, epoch INTEGER, version TEXT, release TEXT);
    INSERT INTO rpm VALUES (1, 'mylib', 2, '2', '1'), (2, 'mylib', 2, '1', '1'),
        (3, 'other', 0, '7', '1');
    INSERT INTO trans VALUES (1, 90, 100), (2, 190, NULL), (3, 290, 300), (4, 390, 400);
    INSERT INTO trans_item (trans_id, item_id, action, state) VALUES (1, 2, 1, 1),
        (2, 1, 6, 1), (2, 2, 7, 1), (2, 3, 1, 1), (3, 1, 11, 1), (4, 1, 8, 3);
"""
OF_DNF5 = """
    CREATE TABLE trans (id INTEGER, dt_begin INTEGER, dt_end INTEGER);
    CREATE TABLE trans_item (id INTEGER PRIMARY KEY, trans_id INTEGER, item_id INTEGER,
        action_id INTEGER, state_id INTEGER);
    CREATE TABLE pkg_name (id INTEGER, name TEXT);
    CREATE TABLE rpm (item_id INTEGER, name_id INTEGER, epoch INTEGER, version TEXT, release TEXT);
    INSERT INTO pkg_name VALUES (1, 'mylib');
    INSERT INTO rpm VALUES (1, 1, 0, '5', '1'), (2, 1, 0, '4', '1');
    INSERT INTO trans VALUES (1, 490, 500), (2, 590, 600);
    INSERT INTO trans_item (trans_id, item_id, action_id, state_id)
        VALUES (1, 1, 2, 2), (1, 2, 6, 2), (2, 1, 5, 2);
"""


def write(root: Path, name: str, script: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def changes(root: Path, package: str) -> Iterable[Change]:
    return RpmHistory(root).changes(package)


def test_dnf_tells_what_each_ended_transaction_replaced(tmp_path: Path) -> None:
    write(tmp_path, DNF, OF_DNF)
    assert changes(tmp_path, "mylib") == (
        Change(100.0, None, "2:1-1"),
        Change(190.0, "2:1-1", "2:2-1"),
    )
    assert changes(tmp_path, "other") == (Change(190.0, None, "7-1"),)
    assert changes(tmp_path, "unknown") == ()


@pytest.mark.parametrize("has_log", [False, True])
def test_who_may_not_write_beside_the_records_reads_them_where_they_are_whole(
    tmp_path: Path, *, has_log: bool
) -> None:
    write(tmp_path, DNF, f"PRAGMA journal_mode = WAL; {OF_DNF}")
    path = tmp_path / DNF
    path.with_name(f"{path.name}-shm").mkdir()  # so nobody can write there, not even root
    if has_log:
        path.with_name(f"{path.name}-wal").write_bytes(b"kept here" * 1000)
    found = [one.after for one in changes(tmp_path, "mylib")]
    assert found == ([] if has_log else ["2:1-1", "2:2-1"])


def test_dnf5_goes_on_where_dnf_ended(tmp_path: Path) -> None:
    write(tmp_path, DNF, OF_DNF)
    write(tmp_path, DNF5, OF_DNF5)
    assert tuple(changes(tmp_path, "mylib"))[2:] == (
        Change(500.0, "4-1", "5-1"),
        Change(600.0, "5-1", None),
    )


def test_zyppers_log_is_read_from_its_end_and_again_when_it_grew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "var/log/zypp/history"
    log.parent.mkdir(parents=True)
    line = "2026-01-02 10:00:0{0}|install|mylib|{0}-1|x86_64|root@h|lab|5f3c|\n"
    torn = "2026-99-99 10:00:00|install|mylib|9-1|x86_64||lab|5f3c|\n"
    log.write_text(line.format(1) + torn, "utf-8")
    history = RpmHistory(tmp_path)
    at = time.mktime((2026, 1, 2, 10, 0, 1, 0, 0, -1))
    for _ in range(2):
        assert history.changes("mylib") == (Change(at, None, "1-1"),)
    log.write_text(line.format(1) + torn + line.format(2), "utf-8")
    assert history.changes("mylib") == (Change(at, None, "1-1"), Change(at + 1, "1-1", "2-1"))
    monkeypatch.setattr(rpm_history, "_TAIL_BYTES", len(line.format(2)))
    assert RpmHistory(tmp_path).changes("mylib") == (Change(at + 1, None, "2-1"),)


def test_records_that_cannot_be_read_tell_nothing(tmp_path: Path) -> None:
    assert changes(tmp_path, "mylib") == ()
    path = tmp_path / DNF
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and long enough to be looked at as one")
    (tmp_path / "var/log/zypp/history").mkdir(parents=True)
    assert changes(tmp_path, "mylib") == ()

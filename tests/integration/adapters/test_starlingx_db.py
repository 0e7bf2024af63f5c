"""`insvc.adapters.starlingx_db`: a database of somebody else's."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from insvc.adapters.starlingx_db import PLACE, read_tables
from insvc.errors import WorldError
from tests.fakes import starlingx


@pytest.fixture
def root(tmp_path: Path) -> Path:
    starlingx.sm(tmp_path)
    return tmp_path


def execute(root: Path, text: str) -> None:
    with closing(sqlite3.connect(root / PLACE)) as held, held:
        held.execute(text)


def test_services_their_needs_and_times_are_read(root: Path) -> None:
    starlingx.service(root, "oam-ip", pidfile=False)
    starlingx.service(root, "vim", "oam-ip", pidfile=False, STATUS="failed", CONDITION="x")
    starlingx.service(root, "absent", pidfile=False, PROVISIONED="no")
    tables = read_tables(root)
    assert set(tables.services) == {"oam-ip", "vim"}
    assert tables.needs == {"vim": ("oam-ip",)}
    vim = tables.services["vim"]
    assert vim.standing == ("enabled-active", "failed", "x")
    assert (vim.enable_s, vim.disable_s, vim.is_wanted) == (20.0, 10.0, True)


def test_columns_may_be_called_otherwise_and_odd_values_mean_nothing(root: Path) -> None:
    execute(root, "ALTER TABLE SERVICE_DEPENDENCY RENAME COLUMN SERVICE_NAME TO SERVICE")
    execute(root, "INSERT INTO SERVICES (PROVISIONED, NAME) VALUES ('yes', NULL)")
    execute(root, "INSERT INTO SERVICES (PROVISIONED, NAME) VALUES ('yes', 'bare')")
    execute(root, "INSERT INTO SERVICE_ACTIONS VALUES ('bare', 'enable', 'x', 'soon')")
    (bare,) = read_tables(root).services.values()
    assert (bare.name, bare.desired, bare.pidfile, bare.enable_s) == ("bare", "", "", None)
    assert bare.standing == ("", "", "")


def test_a_database_that_is_not_there_or_not_built_so_is_an_error(root: Path) -> None:
    execute(root, "ALTER TABLE SERVICES RENAME COLUMN STATE TO CHANGED")
    with pytest.raises(WorldError, match="has no column state in its table services"):
        read_tables(root)
    (root / PLACE).write_bytes(b"none" * 1000)
    with pytest.raises(WorldError, match="cannot be read"):
        read_tables(root)
    (root / PLACE).unlink()
    with pytest.raises(WorldError, match="sm does not run"):
        read_tables(root)
    assert not (root / PLACE).exists()


def test_it_is_read_while_sm_writes_and_is_not_written(root: Path) -> None:
    starlingx.service(root, "vim", pidfile=False)
    before = (root / PLACE).read_bytes()
    with closing(sqlite3.connect(root / PLACE, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        held.execute("UPDATE SERVICES SET STATE='disabled'")
        assert read_tables(root).services["vim"].standing.is_active
        held.execute("ROLLBACK")
    assert (root / PLACE).read_bytes() == before

"""What a host was asked to do: once, in order of epochs, and over restarts."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.ledger_sqlite import SqliteLedger
from insvc.errors import CorruptStore, StaleEpoch, WorldError
from insvc.model.act import ActFacts, Intent
from insvc.model.words import Action

INTENT = Intent(run="r", step="s", action=Action.RESTART, service="x", epoch=3)
FACTS = ActFacts(step="s", manager_done=True, said="running again", times={"asked": 1.0})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agent.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    made = SqliteLedger(path)
    yield made
    made.close()


def test_a_disk_that_refuses_is_not_taken_for_damage(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be used: unable to open database file"):
        SqliteLedger(tmp_path / "missing" / "agent.db")


def test_an_act_is_begun_once(ledger: SqliteLedger) -> None:
    assert ledger.begin(INTENT)
    assert not ledger.begin(INTENT)


def test_an_act_without_an_end_is_unknown(ledger: SqliteLedger) -> None:
    assert ledger.recall("r", "s", 1) is None
    ledger.begin(INTENT)
    recalled = ledger.recall("r", "s", 1)
    assert recalled == ActFacts(step="s", said="unknown")
    assert not ActFacts(step="s", said="unknown").manager_done


def test_facts_outlive_the_agent(path: Path, ledger: SqliteLedger) -> None:
    ledger.begin(INTENT)
    ledger.end(INTENT, FACTS)
    second = SqliteLedger(path)
    assert second.recall("r", "s", 1) == FACTS
    assert second.recall("r", "s", 2) is None
    second.close()


def test_the_highest_epoch_outlives_the_agent(path: Path, ledger: SqliteLedger) -> None:
    assert ledger.epoch() == 0
    ledger.begin(INTENT)
    ledger.raise_epoch(5)
    second = SqliteLedger(path)
    assert second.epoch() == 5
    with pytest.raises(StaleEpoch) as refusal:
        second.begin(INTENT)
    assert "under epoch 5" in refusal.value.reason
    assert second.recall("r", "other", 1) is None
    second.close()


def test_the_store_is_durable(path: Path, ledger: SqliteLedger) -> None:
    ledger.begin(INTENT)
    store = sqlite3.connect(path)
    assert store.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()
    (level,) = ledger._store.execute("PRAGMA synchronous").fetchone()
    assert level == 2


def test_a_file_that_is_no_ledger_is_left_as_it_was(path: Path) -> None:
    path.write_bytes(b"precious" * 100)
    with pytest.raises(CorruptStore):
        SqliteLedger(path)
    assert path.read_bytes() == b"precious" * 100


@pytest.mark.parametrize("text", ["{", "{}", '{"step": 3}'])
def test_a_row_that_cannot_be_read_is_not_guessed(
    path: Path, ledger: SqliteLedger, text: str
) -> None:
    ledger.begin(INTENT)
    with sqlite3.connect(path) as store:
        store.execute("UPDATE acts SET facts = ?", (text,))
    store.close()
    with pytest.raises(CorruptStore, match="step s of run r cannot be read"):
        ledger.recall("r", "s", 1)

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from insvc.adapters.journal_rows import digest_of
from insvc.adapters.journal_sqlite import SqliteJournal
from insvc.errors import CorruptStore, StaleEpoch, WorldError
from insvc.execute.records import created, step_lost
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan
from tests.fakes.threads import begin, end

FIRST = created(Plan(), at=1.0, patch={}, stale_before=0)


def begun(epoch: int) -> Record:
    body = {"pid": 1, "epoch": epoch}
    return Record(kind=RecordKind.CONTROLLER_STARTED, at=2.0, body=body)


WISH = Record(kind=RecordKind.PAUSE_ASKED, at=3.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def write_three(path: Path) -> None:
    journal = SqliteJournal(path)
    for record in (FIRST, begun(1), WISH):
        journal.append("r1", 1, record)
    journal.close()


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_nothing_is_made_before_the_first_record(path: Path) -> None:
    journal = SqliteJournal(path)
    assert journal.runs() == ()
    assert not path.exists()
    journal.close()


def test_records_outlive_the_process_that_wrote_them(path: Path) -> None:
    write_three(path)
    assert SqliteJournal(path).records("r1") == (FIRST, begun(1), WISH)


def test_a_journal_that_another_process_has_made_is_seen(path: Path) -> None:
    reader = SqliteJournal(path)
    write_three(path)
    assert len(reader.records("r1")) == 3
    assert len(reader.runs()) == 1


def test_the_epoch_of_the_newest_lease_outlives_its_writer(path: Path) -> None:
    write_three(path)
    SqliteJournal(path).append("r1", 9, begun(9))
    with pytest.raises(StaleEpoch, match="holds epoch 8, a newer one has taken epoch 9"):
        SqliteJournal(path).append("r1", 8, begun(8))


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE record SET body = '{"pid": 2, "epoch": 1}' WHERE number = 2""",
        "UPDATE record SET at = 5.0 WHERE number = 2",
        "UPDATE record SET step = 'a@h1' WHERE number = 2",
    ],
)
def test_a_record_that_was_changed_is_found(path: Path, statement: str) -> None:
    write_three(path)
    change(path, statement)
    with pytest.raises(CorruptStore, match="record 2 of run r1 was changed"):
        SqliteJournal(path).records("r1")


@pytest.mark.parametrize("number", [1, 2])
def test_a_record_that_is_missing_is_found(path: Path, number: int) -> None:
    write_three(path)
    change(path, f"DELETE FROM record WHERE number = {number}")
    with pytest.raises(CorruptStore, match=f"record {number} of run r1"):
        SqliteJournal(path).records("r1")


def test_records_after_one_that_is_missing_are_not_told(path: Path) -> None:
    write_three(path)
    change(path, "DELETE FROM record WHERE number = 1")
    with pytest.raises(CorruptStore, match="record 1 of run r1 is missing"):
        SqliteJournal(path).records("r1", after=1)


def test_a_record_of_a_kind_nobody_knows_is_corruption(path: Path) -> None:
    write_three(path)
    row = (3.0, "telepathy", "", 0, "{}")
    with closing(sqlite3.connect(path)) as connection:
        (before,) = connection.execute("SELECT digest FROM record WHERE number = 2").fetchone()
    digest = digest_of(before, 3, row)
    change(path, f"UPDATE record SET kind = 'telepathy', digest = '{digest}' WHERE number = 3")
    with pytest.raises(CorruptStore, match="record 3 of run r1 cannot be read: 'telepathy'"):
        SqliteJournal(path).records("r1")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE record SET at = 5.0 WHERE number = 2", "record 2 of run r1 was changed"),
        ("UPDATE record SET digest = 'x' WHERE number = 1", "record 1 of run r1 was changed"),
        ("DELETE FROM record WHERE number = 1", "record 1 of run r1 is missing"),
        ("DELETE FROM record WHERE number = 2", "record 2 of run r1 is missing"),
    ],
)
def test_a_milestone_that_was_changed_or_follows_nothing_is_found(
    path: Path, statement: str, what: str
) -> None:
    write_three(path)
    change(path, statement)
    with pytest.raises(CorruptStore, match=what):
        SqliteJournal(path).milestones("r1")


def test_a_list_of_runs_looks_into_no_step(path: Path) -> None:
    write_three(path)
    journal = SqliteJournal(path)
    journal.append("r1", 1, step_lost("a@h1", 1, "no answer", at=4.0))
    change(path, "UPDATE record SET body = '?' WHERE number = 4")
    assert [one.run for one in journal.runs()] == ["r1"]
    with pytest.raises(CorruptStore, match="record 4 of run r1 was changed"):
        journal.records("r1")
    journal.close()


def test_a_run_longer_than_what_is_read_at_once_is_read_whole(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.append("r1", 1, FIRST)
    journal._writable().execute("PRAGMA synchronous = OFF")
    for _ in range(2_100):
        journal.append("r1", 0, WISH)
    assert len(journal.records("r1")) == 2_101
    assert len(journal.records("r1", after=100)) == 2_001
    journal.close()


def test_a_file_that_is_no_journal_is_refused_when_it_is_opened(path: Path) -> None:
    path.write_bytes(b"no database at all")
    with pytest.raises(CorruptStore):
        SqliteJournal(path)
    assert path.read_bytes() == b"no database at all"


def test_a_table_that_vanished_is_corruption(path: Path) -> None:
    write_three(path)
    journal = SqliteJournal(path)
    change(path, "DROP TABLE record")
    with pytest.raises(CorruptStore, match="cannot be read"):
        journal.records("r1")
    for ask in (journal.runs, journal.names, lambda: journal.milestones("r1")):
        with pytest.raises(CorruptStore):
            ask()
    journal.close()


def test_a_disk_that_refuses_is_an_error_of_the_machine(path: Path) -> None:
    write_three(path)
    journal = SqliteJournal(path)
    change(path, "DROP TABLE lease")
    with pytest.raises(WorldError, match="cannot be written"):
        journal.append("r1", 1, begun(1))
    journal.close()


def test_a_refused_record_leaves_nothing_behind(path: Path) -> None:
    write_three(path)
    journal = SqliteJournal(path)
    with pytest.raises(StaleEpoch):
        journal.append("r1", 0, begun(0))
    assert journal.append("r1", 1, begun(1)) == 4
    journal.close()


def test_wishes_of_many_processes_are_all_kept_in_some_order(path: Path) -> None:
    write_three(path)

    def wish() -> None:
        journal = SqliteJournal(path)
        for _ in range(5):
            journal.append("r1", 0, WISH)
        journal.close()

    for thread in [begin(wish) for _ in range(3)]:
        end(thread)
    assert len(SqliteJournal(path).records("r1")) == 18


def test_a_closed_journal_opens_again_when_it_is_asked(path: Path) -> None:
    write_three(path)
    journal = SqliteJournal(path)
    journal.close()
    journal.close()
    assert len(journal.records("r1")) == 3
    journal.close()

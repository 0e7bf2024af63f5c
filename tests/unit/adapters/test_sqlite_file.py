import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from insvc.adapters.sqlite_file import create, open_checked, put_aside, unreadable
from insvc.errors import CorruptStore, WorldError

ID, VERSION = 0x1234, 3
SCHEMA = "CREATE TABLE word (text TEXT NOT NULL);"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a folder?" / "store.db"
    create(made, ID, VERSION, SCHEMA)
    return made


def reopen(path: Path) -> sqlite3.Connection:
    return open_checked(path, ID, VERSION, "store")


def fill(path: Path, rows: int) -> None:
    with closing(reopen(path)) as connection:
        for number in range(rows):
            connection.execute("INSERT INTO word VALUES (?)", (f"{number}" * 50,))


def refusal(path: Path) -> str:
    """The reason of the refusal, after which the file is as it was."""
    before = path.read_bytes()
    with pytest.raises(CorruptStore) as fault:
        reopen(path)
    assert path.read_bytes() == before
    assert fault.value.subject == str(path)
    return fault.value.reason


def test_what_is_written_is_there_when_it_is_opened_again(path: Path) -> None:
    fill(path, 3)
    with closing(reopen(path)) as connection:
        assert connection.execute("SELECT count(*) FROM word").fetchone() == (3,)


def test_every_write_goes_to_the_disk_at_once(path: Path) -> None:
    with closing(reopen(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_file_that_exists_is_left_alone(path: Path) -> None:
    fill(path, 2)
    create(path, ID, VERSION, SCHEMA)
    with closing(reopen(path)) as connection:
        assert connection.execute("SELECT count(*) FROM word").fetchone() == (2,)
    assert [one.name for one in path.parent.iterdir()] == ["store.db"]


def test_a_folder_that_cannot_be_made_is_an_error_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be made"):
        create(tmp_path / "file" / "store.db", ID, VERSION, SCHEMA)


@pytest.mark.parametrize("content", [b"", b"hello", b"x" * 4096])
def test_a_file_of_another_kind_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "does not begin like one" in refusal(path)


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    assert "another program" in refusal(path)


def test_a_version_of_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "future.db"
    create(path, ID, VERSION + 1, SCHEMA)
    assert refusal(path) == "has version 4, this program reads 3"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_that_is_cut_short_is_refused(path: Path, share: float) -> None:
    fill(path, 400)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "cut short" in refusal(path)


def test_a_damaged_page_is_found(path: Path) -> None:
    fill(path, 400)
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 3] = b"\xa5" * (4096 * 2)
    path.write_bytes(content)
    assert "damaged" in refusal(path) or "cannot be read" in refusal(path)


def test_a_file_that_nobody_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(CorruptStore, match="cannot be read"):
        reopen(tmp_path / "folder.db")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, WorldError),
        (sqlite3.SQLITE_IOERR_WRITE, WorldError),
        (sqlite3.SQLITE_CANTOPEN, WorldError),
        (sqlite3.SQLITE_BUSY, WorldError),
        (sqlite3.SQLITE_CORRUPT, CorruptStore),
        (sqlite3.SQLITE_NOTADB, CorruptStore),
    ],
)
def test_only_damage_makes_a_file_one_to_be_restored(code: int, kind: type[Exception]) -> None:
    fault = sqlite3.DatabaseError("some words")
    fault.sqlite_errorcode = code
    told = unreadable(Path("/x.db"), fault)
    assert type(told) is kind
    assert "some words" in told.reason
    assert ("backup" in told.next_act) == (kind is CorruptStore)


_ANOTHER_PROCESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM word").fetchone()[0])
connection.close()
"""


def counted_by_another_process(path: Path) -> int:
    """How many rows a process sees that opens the file, as the last to close it may tidy it up."""
    told = subprocess.run(
        [sys.executable, "-c", _ANOTHER_PROCESS, path], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


def test_opening_it_twice_in_one_process_takes_no_lock_away(path: Path) -> None:
    """Else another process takes itself for the last one, and removes the log that is written."""
    with closing(reopen(path)) as first:
        first.execute("INSERT INTO word VALUES ('one')")
        reopen(path).close()
        assert counted_by_another_process(path) == 1
        first.execute("INSERT INTO word VALUES ('two')")
        assert counted_by_another_process(path) == 2
    assert counted_by_another_process(path) == 2


def test_a_file_is_put_aside_with_what_belongs_to_it(path: Path) -> None:
    path.with_name("store.db-wal").write_bytes(b"log")
    aside = put_aside(path)
    assert aside.name == "store.db.damaged"
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "store.db.damaged",
        "store.db.damaged-wal",
    ]
    with pytest.raises(WorldError, match="cannot be put aside"):
        put_aside(path)

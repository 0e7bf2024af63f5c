"""The journal in one SQLite file: every record is on disk before `append` returns.

Each record carries a digest over itself and the digest before it, so that a changed, lost or
exchanged record is found when it is read.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from insvc.adapters.journal_rows import Row, digest_of, record_of, row_of
from insvc.adapters.sqlite_file import create, open_checked, unreadable
from insvc.errors import CorruptStore, InputError, StaleEpoch, UnknownName, WorldError
from insvc.execute.run import Record, RecordKind, RunSummary
from insvc.execute.state import summarise

APPLICATION_ID = 0x494E534A
"""Tells this file from any other SQLite database ("INSJ")."""

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE record (
    run TEXT NOT NULL, number INTEGER NOT NULL, at REAL NOT NULL, epoch INTEGER NOT NULL,
    kind TEXT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, body TEXT NOT NULL,
    digest TEXT NOT NULL, PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE lease (only INTEGER PRIMARY KEY CHECK (only = 1), epoch INTEGER NOT NULL);
INSERT INTO lease VALUES (1, 0);
"""

_WISHES = {
    RecordKind.PAUSE_ASKED,
    RecordKind.RESUME_ASKED,
    RecordKind.ABORT_ASKED,
    RecordKind.PATCH_ASKED,
}
_FIELDS = "one.number, one.at, one.kind, one.step, one.attempt, one.body, one.digest"
_NEXT = f"""
SELECT {_FIELDS} FROM record AS one WHERE run = ? AND number > ? ORDER BY number LIMIT ?
"""  # noqa: S608 - names of columns
_MILESTONES = f"""
SELECT before.digest, {_FIELDS} FROM record AS one
LEFT JOIN record AS before ON before.run = one.run AND before.number = one.number - 1
WHERE one.run = ? AND one.step = '' ORDER BY one.number
"""  # noqa: S608 - names of columns
_COUNT = "SELECT count(*) FROM record WHERE run = ? AND kind = ?"
_AT_ONCE = 1_000


class SqliteJournal:
    """Port `Journal` in a file.

    Args:
        path: the file. It is made by the first record; its folder too.

    Raises:
        CorruptStore: the file is there and is no journal that this version can trust. It is
            left as it was found.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        if path.exists():
            self._connection = open_checked(path, APPLICATION_ID, SCHEMA_VERSION, "journal")

    def append(self, run: str, epoch: int, record: Record) -> int:
        """Write one record and return its number in the run once it is on disk.

        Raises:
            StaleEpoch: a newer lease was taken.
            UnknownName: no such run, and the record is not CREATED.
            InputError: the run exists already, and the record is CREATED.
            WorldError: the disk refused; nothing was written.
        """
        connection = self._writable()
        with _transaction(connection, self._path):
            if record.kind not in _WISHES:
                _fence(connection, epoch, run)
            number, digest = self._last(connection, run)
            self._check_begin(run, number, record)
            row = row_of(record)
            values = (run, number + 1, row[0], epoch, *row[1:], digest_of(digest, number + 1, row))
            connection.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return number + 1

    def records(self, run: str, after: int = 0) -> tuple[Record, ...]:
        """The records of a run in order, from the one that follows number `after`.

        Raises:
            UnknownName: no such run.
            CorruptStore: a record cannot be read or was changed; nothing is guessed.
        """
        return tuple(self.read(run, after))

    def read(self, run: str, after: int = 0) -> Iterator[Record]:
        """The same one after the other, so that a long run is never held whole.

        Raises:
            UnknownName: no such run.
            CorruptStore: a record cannot be read or was changed; those before it were right.
        """
        connection = self._reader()
        if connection is None:
            raise self._unknown(run)
        with _reading(self._path):
            digest = self._digest_of(connection, run, after) if after else ""
        number = after
        while rows := self._rows(connection, run, number):
            for found, *row, told in rows:
                number += 1
                if found != number:
                    raise self._corrupt(run, number, "is missing")
                digest = self._checked(run, number, digest, tuple(row), told)
                yield self._record(run, number, tuple(row))
        if not number:
            raise self._unknown(run)

    def milestones(self, run: str) -> tuple[Record, ...]:
        """The records of a run that are about no step, in order.

        Raises:
            UnknownName: no such run.
            CorruptStore: one of them cannot be read or was changed; the others are not looked at.
        """
        connection = self._reader()
        if connection is None:
            raise self._unknown(run)
        with _reading(self._path):
            rows = connection.execute(_MILESTONES, (run,)).fetchall()
        if not rows:
            raise self._unknown(run)
        return tuple(self._milestone(run, *one) for one in rows)

    def names(self) -> tuple[str, ...]:
        """The id of every run, newest first: by the lease, which outlasts a clock set back.

        Raises:
            CorruptStore: the file cannot be read.
        """
        connection = self._reader()
        if connection is None:
            return ()
        with _reading(self._path):
            names = connection.execute(
                "SELECT run FROM record WHERE number = 1 ORDER BY epoch DESC, at DESC, run DESC"
            ).fetchall()
        return tuple(str(name) for (name,) in names)

    def runs(self) -> tuple[RunSummary, ...]:
        """Every run, newest first; what its steps did is counted and not looked into.

        Raises:
            CorruptStore: a record about a run as a whole cannot be read or was changed.
        """
        return tuple(self._summary(run) for run in self.names())

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _reader(self) -> sqlite3.Connection | None:
        """A connection where there is a journal, made by whatever process."""
        if self._connection is None and self._path.exists():
            self._connection = open_checked(self._path, APPLICATION_ID, SCHEMA_VERSION, "journal")
        return self._connection

    def _writable(self) -> sqlite3.Connection:
        if not self._path.exists():
            create(self._path, APPLICATION_ID, SCHEMA_VERSION, _SCHEMA)
        if self._connection is None:
            self._connection = open_checked(self._path, APPLICATION_ID, SCHEMA_VERSION, "journal")
        return self._connection

    def _last(self, connection: sqlite3.Connection, run: str) -> tuple[int, str]:
        row = connection.execute(
            "SELECT number, digest FROM record WHERE run = ? ORDER BY number DESC LIMIT 1", (run,)
        ).fetchone()
        return (int(row[0]), str(row[1])) if row else (0, "")

    def _digest_of(self, connection: sqlite3.Connection, run: str, number: int) -> str:
        row = connection.execute(
            "SELECT digest FROM record WHERE run = ? AND number = ?", (run, number)
        ).fetchone()
        if row is None:
            raise self._corrupt(run, number, "is missing")
        return str(row[0])

    def _rows(
        self, connection: sqlite3.Connection, run: str, after: int
    ) -> list[tuple[object, ...]]:
        """The next rows, not more than are read at once."""
        with _reading(self._path):
            return connection.execute(_NEXT, (run, after, _AT_ONCE)).fetchall()

    def _summary(self, run: str) -> RunSummary:
        milestones = self.milestones(run)
        with _reading(self._path):
            kind = RecordKind.STEP_ENDED.value
            (ended,) = self._writable().execute(_COUNT, (run, kind)).fetchone()
        return summarise(run, milestones, int(ended))

    def _milestone(self, run: str, before: str | None, number: int, *row: object) -> Record:
        if before is None and number > 1:
            raise self._corrupt(run, number - 1, "is missing")
        self._checked(run, number, before or "", row[:-1], row[-1])
        return self._record(run, number, row[:-1])

    def _checked(self, run: str, number: int, before: str, row: Row, told: object) -> str:
        """The record's digest, which must be the one that was written with it."""
        digest = digest_of(before, number, row)
        if told != digest:
            raise self._corrupt(run, number, "was changed after it was written")
        return digest

    def _record(self, run: str, number: int, row: Row) -> Record:
        try:
            return record_of(row)
        except ValueError as fault:
            raise self._corrupt(run, number, f"cannot be read: {fault}") from fault

    def _check_begin(self, run: str, number: int, record: Record) -> None:
        is_first = record.kind is RecordKind.CREATED
        if number and is_first:
            raise InputError(
                f"run {run}", "exists already", next_act="choose another id for the new run"
            )
        if not number and not is_first:
            raise self._unknown(run)

    def _unknown(self, run: str) -> UnknownName:
        return UnknownName(
            run, f"no run of this id is in {self._path}", next_act="see `insvc run list`"
        )

    def _corrupt(self, run: str, number: int, what: str) -> CorruptStore:
        return CorruptStore(
            str(self._path),
            f"record {number} of run {run} {what}",
            next_act="restore the file from a backup; it was not changed",
        )


def _fence(connection: sqlite3.Connection, epoch: int, run: str) -> None:
    (highest,) = connection.execute("SELECT epoch FROM lease").fetchone()
    if epoch < highest:
        raise StaleEpoch(
            f"run {run}",
            f"this controller holds epoch {epoch}, a newer one has taken epoch {highest}",
            next_act="leave the run to the newer controller; see `insvc run list`",
        )
    if epoch > highest:
        connection.execute("UPDATE lease SET epoch = ?", (epoch,))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as fault:
        raise unreadable(path, fault) from fault


@contextmanager
def _transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Everything inside happens, on disk, or nothing of it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.OperationalError as fault:
        raise WorldError(
            str(path), f"cannot be written: {fault}", next_act="check the disk and who uses it"
        ) from fault

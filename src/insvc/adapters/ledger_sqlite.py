"""A host's own memory of what it was asked to do: written before the act, kept over restarts."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from insvc.adapters.sqlite_file import is_of_the_disk, refused_by_disk
from insvc.adapters.wire import from_json, to_json
from insvc.errors import CorruptStore, InsvcError, StaleEpoch
from insvc.model.act import ActFacts, Intent

_SCHEMA = """
CREATE TABLE IF NOT EXISTS acts (
    run TEXT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, epoch INTEGER NOT NULL,
    intent TEXT NOT NULL, facts TEXT, PRIMARY KEY (run, step, attempt)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epochs (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1), highest INTEGER NOT NULL
);
INSERT OR IGNORE INTO epochs VALUES (1, 0);
"""
_NEXT = "move the file away to begin anew; what it held is then unknown"


class SqliteLedger:
    """The ledger in one SQLite file: WAL, and every commit on disk before it counts.

    Raises:
        CorruptStore: the file is no ledger, or damaged.
        WorldError: the disk refused; so may every method of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._reading():
            self._store = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            with self._reading():
                self._store.execute("PRAGMA journal_mode=WAL")
                self._store.execute("PRAGMA synchronous=FULL")
                self._store.execute("PRAGMA cache_size=-128")
                self._store.executescript(_SCHEMA)
        except InsvcError:
            self._store.close()
            raise

    def epoch(self) -> int:
        """The highest epoch seen; 0 where none was."""
        with self._lock:
            (highest,) = self._execute("SELECT highest FROM epochs").fetchone()
        return int(highest)

    def raise_epoch(self, epoch: int) -> None:
        """Remember the epoch as the highest seen.

        Raises:
            StaleEpoch: a higher one has been seen.
        """
        with self._lock:
            (highest,) = self._execute("SELECT highest FROM epochs").fetchone()
            if epoch < highest:
                raise StaleEpoch(
                    f"epoch {epoch}",
                    f"this host has been asked under epoch {highest}",
                    next_act="stop this controller: another one has taken over",
                )
            if epoch > highest:
                self._execute("UPDATE epochs SET highest = ?", epoch)

    def begin(self, intent: Intent) -> bool:
        """Write the intent; false where it was begun before and must not be acted on again.

        Raises:
            StaleEpoch: a higher epoch has been seen.
        """
        self.raise_epoch(intent.epoch)
        with self._lock:
            written = self._execute(
                "INSERT OR IGNORE INTO acts (run, step, attempt, epoch, intent)"
                " VALUES (?, ?, ?, ?, ?)",
                *_key(intent),
                intent.epoch,
                json.dumps(to_json(intent)),
            )
        return written.rowcount == 1

    def end(self, intent: Intent, facts: ActFacts) -> None:
        """Write what was seen when the act ended."""
        with self._lock:
            self._execute(
                "UPDATE acts SET facts = ? WHERE run = ? AND step = ? AND attempt = ?",
                json.dumps(to_json(facts)),
                *_key(intent),
            )

    def recall(self, run: str, step: str, attempt: int) -> ActFacts | None:
        """What was seen of that act; nothing where it was never begun.

        An act without an end is answered with `manager_done` false and `said` "unknown".

        Raises:
            CorruptStore: its row cannot be read.
        """
        with self._lock:
            row = self._execute(
                "SELECT facts FROM acts WHERE run = ? AND step = ? AND attempt = ?",
                run,
                step,
                attempt,
            ).fetchone()
        if row is None:
            return None
        if row[0] is None:
            return ActFacts(step=step, attempt=attempt, said="unknown")
        try:
            return from_json(ActFacts, json.loads(row[0]))
        except (ValueError, InsvcError) as fault:
            reason = f"step {step} of run {run} cannot be read: {fault}"
            raise CorruptStore(str(self._path), reason, next_act=_NEXT) from fault

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as fault:
            if is_of_the_disk(fault):
                raise refused_by_disk(self._path, fault) from fault
            what = f"is no ledger: {fault}"
            raise CorruptStore(str(self._path), what, next_act=_NEXT) from fault

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        with self._reading():
            return self._store.execute(statement, values)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._store.close()


def _key(intent: Intent) -> tuple[str, str, int]:
    return intent.run, intent.step, intent.attempt

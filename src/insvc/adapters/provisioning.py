"""What operators have taken into use, or out of it, of sm's tables: one small file a host."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from insvc.adapters.sqlite_file import create, open_checked, refused_by_disk
from insvc.adapters.wire import from_json
from insvc.errors import CorruptStore, InputError
from insvc.supervise.provisioning import Change

PLACE = "var/lib/sm/sm.db"
"""Below the host's root; it outlives every start of the host."""
APPLICATION_ID = 0x496E7653
VERSION = 1
_SCHEMA = """
CREATE TABLE changes (
    kind TEXT NOT NULL, name TEXT NOT NULL, member TEXT NOT NULL, provisioned INTEGER NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (kind, name, member)
) WITHOUT ROWID;
"""


class SqliteProvisioning:
    """The changes of one host. The tables themselves come with insvc, or with what takes its place.

    Args:
        root: the folder that holds the host's files.
        now: seconds since the epoch.

    Attributes:
        fault: what became of a file that could not be trusted, or which of its rows count for
            nothing; empty where all was well.

    Raises:
        WorldError: the file cannot be made or read.
    """

    def __init__(self, root: Path, now: Callable[[], float] = time.time) -> None:
        self._path = root / PLACE
        self._now = now
        self.fault = ""
        try:
            self._look()
        except CorruptStore as fault:
            aside = self._path.with_name(f"{self._path.name}.damaged")
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._look()
            self.fault = (
                f"{fault}; it was put aside as {aside.name}, and what is in use is what the "
                "shipped tables say"
            )

    def changes(self) -> tuple[Change, ...]:
        """All that stands, the oldest first; rows that another release wrote are left out."""
        return tuple(one for one in self._read() if isinstance(one, Change))

    def _read(self) -> tuple[Change | str, ...]:
        """Each row, or why it counts for nothing."""
        with closing(self._open()) as connection:
            rows = connection.execute(
                "SELECT kind, name, member, provisioned FROM changes ORDER BY at, kind, name"
            ).fetchall()
        return tuple(_change(*row) for row in rows)

    def keep(self, change: Change) -> None:
        """Write it down in place of what stood of that row, in full or not at all.

        Raises:
            WorldError: the disk refused.
        """
        row = (change.kind, change.name, change.member, int(change.provisioned), self._now())
        try:
            with closing(self._open()) as connection:
                connection.execute(
                    "INSERT INTO changes VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, name, member) "
                    "DO UPDATE SET provisioned = excluded.provisioned, at = excluded.at",
                    row,
                )
        except sqlite3.DatabaseError as fault:
            raise refused_by_disk(self._path, fault) from fault

    def _look(self) -> None:
        create(self._path, APPLICATION_ID, VERSION, _SCHEMA)
        left_out = [one for one in self._read() if isinstance(one, str)]
        self.fault = "; ".join(left_out)

    def _open(self) -> sqlite3.Connection:
        return open_checked(self._path, APPLICATION_ID, VERSION, "table of what sm has in use")


def _change(kind: object, name: object, member: object, provisioned: object) -> Change | str:
    told = {"kind": kind, "name": name, "member": member, "provisioned": bool(provisioned)}
    try:
        return from_json(Change, told)
    except InputError as fault:
        return f"{kind} {name} {member}: counts for nothing here: {fault}"

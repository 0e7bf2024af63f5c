"""The recorder's ring: samples and events of one host in one file that keeps to its bounds."""

import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Literal, Self, TypeVar
from urllib.parse import quote

from insvc.adapters.sqlite_file import (
    create,
    is_of_the_disk,
    open_checked,
    put_aside,
    unreadable,
)
from insvc.adapters.wire import from_json, to_json
from insvc.errors import CorruptStore, InputError, WorldError
from insvc.model.recorder import Event, Sample

APPLICATION_ID = 0x496E7652
VERSION = 1
KIND = "recorder's ring"
_SCHEMA = """
CREATE TABLE records (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX records_by_kind ON records (kind, number);
CREATE TABLE sizes (kind TEXT PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE states (subject TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO sizes VALUES ('sample', 0, 0), ('event', 0, 0);
"""
_WORDS = {Sample: "sample", Event: "event"}
T = TypeVar("T", Sample, Event)
_MIB = 1 << 20
_TOLD = 40
_PIECE = 64
"""How many of the oldest are looked at in one go when room is made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """How much is kept of a kind: no more rows than that, and no more bytes of text."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    rows: int
    bytes: int


BOUNDS: Mapping[str, Bound] = {
    "sample": Bound(rows=20_160, bytes=48 * _MIB),
    "event": Bound(rows=20_000, bytes=8 * _MIB),
}
"""A week of samples, one each 30 s. Events have a ring of their own: a storm drops no sample."""


class Recorder:
    """The ring of one host. It belongs to one process; its caller serialises its threads.

    Args:
        path: the file; made where it is missing.
        bounds: how much is kept, by kind.

    Raises:
        CorruptStore: it is something else, or damaged.
        WorldError: it cannot be made or used for now.
    """

    def __init__(self, path: Path, bounds: Mapping[str, Bound] = BOUNDS) -> None:
        create(path, APPLICATION_ID, VERSION, _SCHEMA)
        self._path = path
        self._bounds = bounds
        self._connection = open_checked(path, APPLICATION_ID, VERSION, KIND)
        self._states: dict[str, str] = dict(
            self._connection.execute("SELECT subject, state FROM states")
        )

    @classmethod
    def open(cls, path: Path, bounds: Mapping[str, Bound] = BOUNDS) -> tuple[Self, Path | None]:
        """The ring at that path, and where a damaged one was put, if there was one.

        Raises:
            WorldError: it cannot be made or used for now.
        """
        try:
            return cls(path, bounds), None
        except CorruptStore:
            aside = put_aside(path)
            return cls(path, bounds), aside

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whatever has a recorded state."""
        return tuple(self._states)

    def count(self, kind: Literal["sample", "event"]) -> int:
        """How many records of that kind are kept."""
        ((rows,),) = self._connection.execute("SELECT rows FROM sizes WHERE kind = ?", (kind,))
        return int(rows)

    def note(self, states: Mapping[str, str], at: float) -> tuple[Event, ...]:
        """Record what is in another state than it last was; answers with the events.

        All of it is on disk afterwards, or none.

        Args:
            states: state by subject.
            at: seconds since the epoch.

        Raises:
            WorldError: the disk refused; nothing was recorded, and it is a change still.
            CorruptStore: the file is damaged.
        """
        events = tuple(
            Event(at=at, subject=subject, before=self._states.get(subject), after=state)
            for subject, state in states.items()
            if self._states.get(subject) != state
        )
        if events:
            self._write("event", [json.dumps(to_json(one)) for one in events], states)
            self._states.update(states)
        return events

    def sample(self, one: Sample) -> None:
        """Record a sample.

        Raises:
            WorldError: the disk refused.
            CorruptStore: the file is damaged.
        """
        self._write("sample", [json.dumps(to_json(one))], {})

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _write(self, kind: str, bodies: list[str], states: Mapping[str, str]) -> None:
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(
                    "INSERT INTO records (kind, body) VALUES (?, ?)",
                    [(kind, body) for body in bodies],
                )
                self._connection.executemany(
                    "INSERT OR REPLACE INTO states VALUES (?, ?)", states.items()
                )
                self._grow(kind, len(bodies), sum(map(len, bodies)))
                self._make_room(kind)
        except sqlite3.DatabaseError as fault:
            raise unreadable(self._path, fault) from fault

    def _grow(self, kind: str, rows: int, octets: int) -> None:
        self._connection.execute(
            "UPDATE sizes SET rows = rows + ?, bytes = bytes + ? WHERE kind = ?",
            (rows, octets, kind),
        )

    def _make_room(self, kind: str) -> None:
        """Drop the oldest of that kind until it is within its bounds."""
        bound = self._bounds[kind]
        ((rows, octets),) = self._connection.execute(
            "SELECT rows, bytes FROM sizes WHERE kind = ?", (kind,)
        )
        while rows > 1 and (rows > bound.rows or octets > bound.bytes):
            oldest = self._connection.execute(
                "SELECT number, length(body) FROM records WHERE kind = ? ORDER BY number LIMIT ?",
                (kind, min(_PIECE, rows - 1)),
            ).fetchall()
            gone = []
            for number, size in oldest:
                if rows <= bound.rows and octets <= bound.bytes:
                    break
                gone.append((number,))
                rows, octets = rows - 1, octets - size
                self._grow(kind, -1, -size)
            self._connection.executemany("DELETE FROM records WHERE number = ?", gone)


def read_recorder(path: Path, kind: type[T], newest: int) -> tuple[T, ...]:
    """The newest records of that kind, oldest first, of a host that runs or is dead.

    The file is not changed.

    Raises:
        CorruptStore: it is something else, or damaged.
        WorldError: it is not there, or cannot be read.
    """
    if not path.is_file():
        raise WorldError(str(path), "is not there", next_act="name a host that runs sm-eru")
    try:
        bodies = _bodies(path, _WORDS[kind], newest, "mode=ro")
    except sqlite3.DatabaseError as fault:
        # To read a file with a log, SQLite wants to write beside it.
        is_closed = getattr(fault, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY
        if not is_closed and not is_of_the_disk(fault):
            raise unreadable(path, fault) from fault
        bodies = _of_still_file(path, _WORDS[kind], newest)
    return tuple(_read(path, kind, one) for one in bodies)


def _read(path: Path, kind: type[T], body: str) -> T:
    try:
        return from_json(kind, json.loads(body))
    except (ValueError, InputError) as fault:
        raise CorruptStore(
            str(path),
            f"holds a record that is no {_WORDS[kind]}: {str(body)[:_TOLD]!r}",
            next_act="ask for the newer ones alone, by a smaller number after --newest",
        ) from fault


def _of_still_file(path: Path, kind: str, newest: int) -> list[str]:
    """Of a file in a folder that nobody may write; with what its log holds, by a copy of both."""
    log = path.with_name(f"{path.name}-wal")
    try:
        if not log.exists():
            return _bodies(path, kind, newest, "immutable=1")
        with TemporaryDirectory() as folder:
            for one in (path, log):
                shutil.copyfile(one, Path(folder) / one.name)
            return _bodies(Path(folder) / path.name, kind, newest, "mode=rw")
    except OSError as fault:
        raise WorldError(
            str(path),
            f"cannot be copied with its log to be read: {fault.strerror}",
            next_act="copy it and its -wal into a folder that may be written, and name it there",
        ) from fault
    except sqlite3.DatabaseError as fault:
        raise unreadable(path, fault) from fault


def _bodies(path: Path, kind: str, newest: int, how: str) -> list[str]:
    address = f"file:{quote(str(path.absolute()))}?{how}"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        ((found,),) = connection.execute("PRAGMA application_id")
        if found != APPLICATION_ID:
            raise CorruptStore(
                str(path), f"is no {KIND}", next_act="name the file var/lib/sm/eru.db of a host"
            )
        rows: Iterable[tuple[str]] = connection.execute(
            "SELECT body FROM records WHERE kind = ? ORDER BY number DESC LIMIT ?", (kind, newest)
        )
        return [body for (body,) in rows][::-1]

"""SQLite files that are trusted only after a look: ours, whole, and of a version we know."""

import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from insvc.errors import CorruptStore, WorldError

_HEADER = 100
_BUSY_S = 10.0
_PRIMARY = 0xFF
_OF_THE_DISK = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
}
"""Primary result codes that say nothing of what the file holds."""


def create(path: Path, application_id: int, version: int, schema: str) -> None:
    """Make the file with these tables, in full or not at all; one that exists is left alone.

    Raises:
        WorldError: the folder refused it.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        if path.exists():  # nothing is written then: its disk may be full
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA application_id = {application_id}")
            connection.execute(f"PRAGMA user_version = {version}")
            connection.executescript(f"BEGIN; {schema} COMMIT;")
            connection.execute("PRAGMA journal_mode = WAL")
        _link(draft, path)
    except (OSError, sqlite3.OperationalError) as fault:
        raise WorldError(
            str(path), f"cannot be made: {fault}", next_act="check the folder and its owner"
        ) from fault
    finally:
        with suppress(OSError):
            draft.unlink()


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return


def open_checked(path: Path, application_id: int, version: int, kind: str) -> sqlite3.Connection:
    """A connection to a file that is whole, of this kind and of this version.

    Args:
        path: the file.
        application_id: what `create` was given.
        version: what `create` was given.
        kind: what the file is, for the error.

    Raises:
        CorruptStore: it is something else, damaged or cut short; it was not changed.
        WorldError: the disk refused, and what the file holds is not known.
    """
    try:
        if path.is_dir():
            raise _refused(path, "cannot be read: it is a folder")
        if path.stat().st_size < _HEADER:
            raise _refused(path, f"is no {kind}: it does not begin like one")
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as reader:
            _check(reader, path, application_id, version, kind)
        return _open(path)
    except OSError as fault:
        raise _refused(path, f"cannot be read: {fault}") from fault
    except sqlite3.DatabaseError as fault:
        code = getattr(fault, "sqlite_errorcode", 0) & _PRIMARY
        if code == sqlite3.SQLITE_NOTADB:
            raise _refused(path, f"is no {kind}: it does not begin like one") from fault
        if code == sqlite3.SQLITE_CORRUPT and (left := _left_of(path)):
            raise _refused(path, f"is cut short: {left} are left") from fault
        raise unreadable(path, fault) from fault


def put_aside(path: Path, word: str = "damaged") -> Path:
    """Give a database another name, with what belongs to it; answers with that name.

    Its log goes along: one left behind would be taken for the next file's own.

    Raises:
        WorldError: the folder refused it.
    """
    aside = path.with_name(f"{path.name}.{word}")
    try:
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).replace(f"{aside}{suffix}")
        path.replace(aside)
    except OSError as fault:
        raise WorldError(
            str(path), f"cannot be put aside: {fault.strerror}", next_act="check its folder"
        ) from fault
    return aside


def unreadable(path: Path, fault: sqlite3.DatabaseError) -> CorruptStore | WorldError:
    """The error for a file that SQLite could not read: the disk's fault, or the file's own."""
    if is_of_the_disk(fault):
        return refused_by_disk(path, fault)
    return _refused(path, f"cannot be read: {fault}")


def is_of_the_disk(fault: sqlite3.DatabaseError) -> bool:
    """Whether it says nothing of what the file holds."""
    return getattr(fault, "sqlite_errorcode", 0) & _PRIMARY in _OF_THE_DISK


def refused_by_disk(path: Path, fault: sqlite3.DatabaseError) -> WorldError:
    """The error for a file that cannot be used for now."""
    return WorldError(
        str(path),
        f"cannot be used: {fault}; what it holds is untouched",
        next_act="make room on its disk, or look at what is wrong with it, and ask again",
    )


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=_BUSY_S, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _check(
    reader: sqlite3.Connection, path: Path, application_id: int, version: int, kind: str
) -> None:
    """Whose file it is and whether it is whole, asked of SQLite alone.

    The file is never opened beside SQLite while it may be in use: to close it again would take away
    the locks that this very process holds on it, and another process could write over it.
    """
    ((found_id,),) = reader.execute("PRAGMA application_id")
    if found_id != application_id:
        raise _refused(path, f"is the database of another program, not a {kind}")
    ((found_version,),) = reader.execute("PRAGMA user_version")
    if found_version != version:
        raise _refused(path, f"has version {found_version}, this program reads {version}")
    faults = reader.execute("PRAGMA quick_check").fetchall()
    if faults != [("ok",)]:
        raise _refused(path, f"is damaged: {faults[0][0]}")


def _left_of(path: Path) -> str:
    """How much is left of a damaged file that is shorter than it says; empty where it is not."""
    with path.open("rb") as stream:
        header = stream.read(_HEADER)
    (page,) = struct.unpack_from(">H", header, 16)
    (pages,) = struct.unpack_from(">I", header, 28)
    whole, size = pages * (65536 if page == 1 else page), path.stat().st_size
    return f"{size} of {whole} bytes" if size < whole else ""


def _refused(path: Path, what: str) -> CorruptStore:
    return CorruptStore(
        str(path), what, next_act="restore the file from a backup; it was not changed"
    )

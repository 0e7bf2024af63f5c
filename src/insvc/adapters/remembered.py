"""The file in which earlier contents of source files are remembered, by their digests."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from insvc.errors import WorldError
from insvc.inspect.remembered import State, by_path, is_same_code, states_in, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "sources.json"
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_LARGEST_MEMORY = 1 << 25
_LARGEST_SOURCE = 1 << 20
_FRESH_NS = 100_000_000
"""What was changed so shortly ago may be changed again without a sign of it."""


class SourceMemory:
    """What is remembered of source files; read when it is first asked.

    Args:
        path: of its file; nothing is remembered where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[str] = []

    @cached_property
    def states(self) -> tuple[State, ...]:
        """All that is remembered; nothing where the file is damaged or not to be trusted."""
        try:
            return states_in(_trusted(self.path))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else str(fault)
            self.faults.append(f"{self.path} {why}: what it remembers does not count")
            return ()

    @cached_property
    def _by_path(self) -> Mapping[str, list[State]]:
        return by_path(self.states)

    def is_same(self, path: str, started_at: float, prefix: str = "") -> bool | None:
        """Whether a process that was started then has read what the file at that path holds now.

        Args:
            path: of the file, as the process sees it.
            started_at: seconds since the epoch.
            prefix: what leads to the root of the process.

        Returns:
            nothing where that is not known.
        """
        states = self._by_path.get(path)
        if not states:
            return None
        now = look(path, seen_at=started_at, prefix=prefix)
        return None if now is None else is_same_code(states, started_at, now.digest)

    def replace(self, states: Iterable[State]) -> None:
        """Remember these states and nothing else; the file is replaced at once or not at all.

        Raises:
            WorldError: it cannot be written.
        """
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, _WRITE, 0o600), "w", encoding="ascii") as file:
                file.write(text_of(states))
            draft.replace(self.path)
        except OSError as fault:
            with suppress(OSError):
                draft.unlink()
            raise WorldError(
                str(self.path),
                f"cannot be written: {fault.strerror}",
                next_act="make room, or run this as root",
            ) from fault


def look(
    path: str, *, seen_at: float, prefix: str = "", known: Iterable[State] = ()
) -> State | None:
    """What the regular file at that path is now; nothing where there is none or it changes.

    Args:
        path: of the file.
        seen_at: now, seconds since the epoch.
        prefix: what leads to its root.
        known: states of that path whose digests need not be worked out again.
    """
    try:
        file = _opened(f"{prefix}{path}")
    except (OSError, ValueError):
        return None
    try:
        before = os.fstat(file)
        if before.st_size > _LARGEST_SOURCE:
            return None
        digest = next((one.digest for one in known if _is_it(one, before)), None)
        if digest is None:
            digest = _digest(os.read(file, _LARGEST_SOURCE + 1))
            after = os.fstat(file)
            if (before.st_ctime_ns, before.st_size) != (after.st_ctime_ns, after.st_size):
                return None
    except OSError:
        return None
    finally:
        os.close(file)
    times = (before.st_ctime_ns, before.st_mtime_ns)
    return State(path, before.st_ino, before.st_size, *times, digest, seen_at)


def _opened(path: str) -> int:
    """A regular file, open to be read; anything else is never opened, since that may do something.

    Raises:
        OSError: there is none, or it may not be read.
    """
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(place).st_mode):
            raise OSError(None, "is no regular file", path)
        return os.open(f"/proc/self/fd/{place}", _READ)
    finally:
        os.close(place)


def is_settled(state: State, now: float) -> bool:
    """Whether a change of the file just now would have left a sign."""
    return state.changed_ns + _FRESH_NS < now * 1e9


def _digest(content: bytes) -> str:
    import hashlib  # a scan that finds nothing changed goes without

    return hashlib.sha256(content).hexdigest()


def _is_it(state: State, found: os.stat_result) -> bool:
    mine = (state.inode, state.size, state.changed_ns, state.written_ns)
    return mine == (found.st_ino, found.st_size, found.st_ctime_ns, found.st_mtime_ns)


def _trusted(path: Path) -> str:
    """The text of a file that none but this user, or root, may have written.

    Raises:
        OSError: it cannot be read, or others may have written it.
    """
    file = os.open(path, _READ | os.O_NOFOLLOW)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST_MEMORY:
            raise OSError(None, "is no regular file of at most 32 MiB")
        is_own = found.st_uid in {0, os.geteuid()}
        if not is_own or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(None, "may be written by others")
        with open(file, "rb", closefd=False) as stream:
            return stream.read(_LARGEST_MEMORY).decode("ascii")
    finally:
        os.close(file)

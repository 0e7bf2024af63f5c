"""What goes on at a host that forbids some restarts, told from lock lists and session files."""

import re
import struct
from collections.abc import Iterable, Mapping
from typing import Final

from insvc.model.words import Condition

LOCKS: Final = (
    "var/lib/dpkg/lock-frontend",
    "var/lib/dpkg/lock",
    "var/lib/rpm/.rpm.lock",
    "usr/lib/sysimage/rpm/.rpm.lock",
)
"""Files that a package manager locks for writing as long as it changes packages, below the root."""

_LOCK = re.compile(
    r"^\d+: (?:POSIX|FLOCK|OFDLCK) +\S+ +WRITE +-?\d+ "
    r"([0-9a-f]+):([0-9a-f]+):(\d+) ",
    re.MULTILINE,
)
_SCREENS = {"x11", "wayland", "mir"}
_UTMP: Final = struct.Struct("<hxxi376x")
_LOGGED_IN = 7

FileKey = tuple[int, int, int]
"""Major and minor number of the device, and the inode."""


def written(locks: str) -> frozenset[FileKey]:
    """The files that somebody holds a write lock on; what waits for one does not count.

    Args:
        locks: as /proc/locks lists them; lines of another form are passed over.
    """
    return frozenset(
        (int(major, 16), int(minor, 16), int(inode)) for major, minor, inode in _LOCK.findall(locks)
    )


def is_written(key: FileKey, locks: frozenset[FileKey]) -> bool:
    """Whether that file is among them.

    File systems without a device of their own (major number 0) may be listed under another number
    than their files report: there the inode decides, so that no lock is overlooked.
    """
    if key in locks:
        return True
    return key[0] == 0 and any(major == 0 and inode == key[2] for major, _, inode in locks)


def of_sessions(texts: Iterable[str]) -> tuple[Condition, ...]:
    """What the login manager's session files say: people, and people at a screen.

    Greeters, background jobs and sessions that are closing are nobody. A file that does not say
    what it is counts as somebody.
    """
    people = [told for told in map(_told, texts) if _is_person(told)]
    found = [Condition.USER_SESSION] if people else []
    if any(told.get("TYPE") in _SCREENS for told in people):
        found.append(Condition.GRAPHICAL_SESSION)
    return tuple(found)


def logged_in(records: bytes) -> tuple[int, ...]:
    """Pids of logins in a utmp file, for hosts without a login manager; a torn end is left out."""
    whole = len(records) - len(records) % _UTMP.size
    return tuple(pid for kind, pid in _UTMP.iter_unpack(records[:whole]) if kind == _LOGGED_IN)


def _told(text: str) -> Mapping[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {key: value.strip('"') for key, _, value in pairs}


def _is_person(told: Mapping[str, str]) -> bool:
    kind = told.get("CLASS", "user")
    return told.get("STATE") != "closing" and (kind == "user" or kind.startswith("user-"))

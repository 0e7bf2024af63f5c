"""What dpkg wrote of its changes: its log, and the former ones as far back as they are needed."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

_CHANGE = re.compile(rb"\S+ \S+ (?:install|upgrade|downgrade) ([^\s:]+)(?::\S+)? (\S+) (\S+)")
_STAMP_BYTES = len("2026-01-31 23:59:59")
_FARTHEST = 13
_LONGEST = 1 << 25
_NEVER = float("inf")
Change = tuple[float, "str | None", "str | None"]
"""Seconds since the epoch, and the versions before and after; nothing where it was not there."""


@dataclass(slots=True)
class _Log:
    """One file of it.

    Attributes:
        text: its lines.
        begins_at: the moment of its first line, seconds since the epoch; never where it has none.
        changes: when each package went from what to what, oldest first, as far as asked for.
    """

    text: bytes
    begins_at: float = _NEVER
    changes: dict[str, list[Change]] = field(default_factory=dict)


class DpkgLog:
    """Answers from the newest log first; compressed ones are opened only for older processes.

    Args:
        path: of the newest log.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._logs: dict[int, _Log | None] = {}

    def version_at(self, package: str, moment: float) -> str | None:
        """The version that was installed at that moment; nothing where no record says.

        Source: lines in local time of whole seconds.
        """
        self._forget_changed()
        changes: list[Change] = []
        for number in range(_FARTHEST):
            log = self._log(number)
            if log is None:
                break
            changes = [*_changes(log, package), *changes]
            if log.begins_at <= moment and (changes or number):
                break
        version: str | None = None
        for at, before, after in changes:
            if at + 1 > moment:
                return before
            version = after
        return version

    def _forget_changed(self) -> None:
        try:
            seen = os.stat(self._path)  # noqa: PTH116 - once a stale process
        except OSError:
            stamp = None
        else:
            stamp = (seen.st_ino, seen.st_size, seen.st_mtime_ns)
        if stamp != self._stamp:
            self._stamp = stamp
            self._logs.clear()

    def _log(self, number: int) -> _Log | None:
        if number not in self._logs:
            text = _text(f"{self._path}.{number}" if number else self._path)
            known = None if text is None else _Log(text)
            if known is not None:
                known.begins_at = _moment(known.text[:_STAMP_BYTES]) or _NEVER
            self._logs[number] = known
        return self._logs[number]


def _text(path: str) -> bytes | None:
    """The log at that path, or the compressed one beside it; nothing where neither can be read."""
    try:
        with Path(path).open("rb") as plain:
            return plain.read(_LONGEST)
    except OSError:
        pass
    packed = f"{path}.gz"
    if not os.access(packed, os.R_OK):
        return None
    import gzip
    import zlib

    try:
        with gzip.open(packed) as unpacked:
            return unpacked.read(_LONGEST)
    except (OSError, EOFError, zlib.error):
        return None


def _changes(log: _Log, package: str) -> list[Change]:
    known = log.changes.get(package)
    if known is None:
        known = log.changes[package] = changes_of(log.text, package)
    return known


def changes_of(text: bytes, package: str) -> list[Change]:
    """When a package went from what version to what by a log, in its order."""
    found: list[Change] = []
    for line in _lines(text, package.encode()):
        told = _CHANGE.fullmatch(line)
        at = _moment(line[:_STAMP_BYTES])
        if told is not None and at is not None and told[1] == package.encode():
            found.append((at, _version(told[2]), _version(told[3])))
    return found


def _lines(text: bytes, package: bytes) -> list[bytes]:
    """The lines that may tell of a change of that package, in their order."""
    places = []
    for verb in (b" install ", b"grade "):
        at = text.find(verb + package)
        while at >= 0:
            places.append(at)
            at = text.find(verb + package, at + 1)
    return [text[text.rfind(b"\n", 0, at) + 1 :].partition(b"\n")[0] for at in sorted(places)]


def _moment(stamp: bytes) -> float | None:
    """Seconds since the epoch of a date and a time of day in local time."""
    try:
        date, clock = stamp.decode("ascii").split(" ")
        year, month, day = (int(part) for part in date.split("-"))
        hour, minute, second = (int(part) for part in clock.split(":"))
        return time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
    except (ValueError, OverflowError):
        return None


def _version(word: bytes) -> str | None:
    return None if word == b"<none>" else word.decode("utf-8", "replace")

"""Learns of changed definitions by itself: a moment after the last change, never amid a patch."""

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from insvc.adapters.inotify import FolderWatch
from insvc.adapters.patch_flag import PatchFlag
from insvc.agent.loop import Loop
from insvc.errors import WorldError

QUIET_S = 1.0
"""For so long nothing may change before it is read: files are written in several steps."""
HELD_S = 1.0
"""How often a patch that is being installed is looked at, while something waits for its end."""
LOOK_S = 30.0
"""How often the folders are looked at without being told of a change."""

Print = tuple[tuple[str, int, int, int], ...]


class Reload:
    """Reads definitions again once they have changed and settled. It belongs to the loop's thread.

    Args:
        root: of the host's files.
        folders: those with definitions, below it; they may come and go.
        loop: what serves its events.
        read: what reads them.
        clock: seconds that never jump.
    """

    def __init__(
        self,
        root: Path,
        folders: Iterable[str],
        loop: Loop,
        read: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folders = [root / one for one in folders]
        self._loop = loop
        self._read = read
        self._clock = clock
        self._flag = PatchFlag(root)
        self._watch: FolderWatch | None = None
        self._due: float | None = None
        self._held_by: int | None = None
        self._look_at = 0.0
        self._print: Print = ()

    def begin(self) -> None:
        """Watch from now on; what is there now counts as read."""
        try:
            self._watch = FolderWatch()
        except WorldError as fault:
            sys.stderr.write(f"{fault}; folders are looked at every {LOOK_S:g} s\n")
        else:
            self._loop.watch(self._watch.fd, self._hear)
        self._look()
        self._loop.add_timed(self)
        self._loop.add_closing(self.close)

    def close(self) -> None:
        """Watch no more."""
        if self._watch is not None:
            self._loop.unwatch(self._watch.fd)
            self._watch.close()
            self._watch = None

    def wait_s(self) -> float | None:
        """Seconds until it looks or reads."""
        at = self._look_at if self._due is None else min(self._due, self._look_at)
        return at - self._clock()

    def tick(self) -> None:
        """Look, or read, where it is time."""
        now = self._clock()
        if now >= self._look_at:
            former = self._print
            self._look()
            if former != self._print and self._due is None:
                self._due = now + QUIET_S
        if self._due is not None and now >= self._due:
            self._read_unless_held(now)

    def _read_unless_held(self, now: float) -> None:
        holder = self._flag.holder()
        if holder is not None:
            if holder != self._held_by:
                sys.stderr.write(f"changed definitions wait: pid {holder} installs a patch\n")
            self._held_by, self._due = holder, now + HELD_S
            return
        self._held_by, self._due = None, None
        self._look()
        self._read()

    def _hear(self) -> None:
        if self._watch is not None and self._watch.drain():
            self._due = self._clock() + QUIET_S

    def _look(self) -> None:
        """Watch folders, or where they would come to be, and take the print of what is in them."""
        self._look_at = self._clock() + LOOK_S
        for folder in self._folders:
            if self._watch is not None and not self._watch.add(folder):
                self._watch.add(folder.parent)
        self._print = tuple(sorted(one for folder in self._folders for one in _print(folder)))


def _print(folder: Path) -> Iterable[tuple[str, int, int, int]]:
    """Which files are there and how they were last written."""
    try:
        paths = tuple(folder.iterdir())
    except OSError:
        return
    for path in paths:
        with suppress(OSError):  # it is gone since
            seen = path.stat() if path.exists() else path.lstat()
            yield str(path), seen.st_ino, seen.st_size, seen.st_mtime_ns

"""Source files as one process sees them: times, text, and what changed below a folder.

Only regular files are opened, never waited for, and never more than a bounded part of anything is
read: a process may have put anything there.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from insvc.inspect.changes import FileTimes

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_LARGEST = 1 << 20
_MOST = 20_000
_LIBRARIES = ("site-packages", "dist-packages", "node_modules")
_SKIPPED = frozenset({".git", "__pycache__", ".cache", "site-packages", "dist-packages"})


class SourceFiles:
    """The files of one root.

    Attributes:
        prefix: what leads to that root: empty for the observer's own.
        faults: what could not be looked at, one line each.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self._times: dict[str, FileTimes | None] = {}
        self._changed: dict[tuple[str, tuple[str, ...]], dict[str, FileTimes]] = {}
        self.faults: list[str] = []

    def times(self, path: str) -> FileTimes | None:
        """Of the regular file at that path; nothing where there is none. It is looked at once."""
        if path not in self._times:
            self._times[path] = self._look(path)
        return self._times[path]

    def _look(self, path: str) -> FileTimes | None:
        try:
            found = os.stat(f"{self.prefix}{path}")  # noqa: PTH116 - thousands of them
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return FileTimes(found.st_ctime, found.st_mtime)

    def text(self, path: str) -> str:
        """The text at that path; empty where it is no regular file or larger than 1 MiB."""
        try:
            file = os.open(f"{self.prefix}{path}", _READ)
        except (OSError, ValueError):
            return ""
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
                return ""
            return os.read(file, _LARGEST).decode("utf-8", "replace")
        except OSError:
            return ""
        finally:
            os.close(file)

    def folders(self, pattern: str) -> list[str]:
        """The folders that fit a pattern in which `*` stands for one whole name or part of it."""
        base = Path(f"{self.prefix}/")
        try:
            found = (
                sorted(base.glob(pattern.lstrip("/")))
                if "*" in pattern
                else [base / pattern.lstrip("/")]
            )
            return [f"/{one.relative_to(base)}" for one in found if one.is_dir()]
        except OSError:
            return []

    def changed_below(
        self, folder: str, suffixes: tuple[str, ...], since: float
    ) -> dict[str, FileTimes]:
        """Files below a folder that end so and were put there or changed after that moment."""
        key = (folder, suffixes)
        known = self._changed.get(key)
        if known is None:
            known = self._changed[key] = dict(self._walk(folder, suffixes, since))
        return known

    def _walk(
        self, top: str, suffixes: tuple[str, ...], since: float
    ) -> Iterator[tuple[str, FileTimes]]:
        """Look below a folder.

        An installer puts new files and records into a folder of libraries, which changes it: one
        that did not change is not looked into, and neither are those below it.
        """
        is_library = top.endswith(_LIBRARIES)
        left = _MOST
        folders = [top] if not is_library or self._is_changed(top, since) else []
        while folders:
            folder = folders.pop()
            entries = self._entries(folder)
            left -= len(entries)
            if left < 0:
                self.faults.append(f"{top}: more than {_MOST} files: not all were looked at")
                return
            is_looked_into = not is_library or self._is_changed(folder, since)
            for entry in entries:
                path = f"{folder.rstrip('/')}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED:
                        folders.append(path)
                elif is_looked_into and entry.name.endswith(suffixes):
                    times = self.times(path)
                    if times is not None and times.changed_at > since:
                        yield path, times

    def _is_changed(self, folder: str, since: float) -> bool:
        try:
            return os.stat(f"{self.prefix}{folder}").st_ctime > since  # noqa: PTH116 - as above
        except OSError:
            return False

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(f"{self.prefix}{folder}") as found:
                return list(found)
        except OSError:
            return []

"""Keeps the log files of a host's services from filling its disk.

A service writes its file directly (appending, so that what it writes after a cut is at its new
end); nothing stands between it and the file that could block it or die. A file that has outgrown
its limit is copied to `NAME.log.1`, which it replaces, and emptied. Lines written in the moment
between the copy and the cut are lost.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LIMIT_BYTES = 8 * 1024 * 1024
LOOK_S = 5.0
"""Pause between two looks."""
LOOK_SOON_S = 0.25
"""The same after a look that has cut something: who floods its log does it again."""
_NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC


class LogKeeper:
    """Looks at the log files in a folder as long as it is entered.

    Args:
        folder: where the files `*.log` are; it need not exist yet.
        limit_bytes: the size from which one is cut.
        look_s: seconds between two looks.
    """

    def __init__(
        self, folder: Path, limit_bytes: int = LIMIT_BYTES, look_s: float = LOOK_S
    ) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._look_s = look_s
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to look, in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._is_over.set()
        self._thread.join()

    def look(self) -> tuple[str, ...]:
        """Cut what is too long now; answers with the names of those files."""
        return tuple(path.name for path in self._too_long() if cut(path, self._limit_bytes))

    def _run(self) -> None:
        pause_s = 0.0
        while not self._is_over.wait(pause_s):
            pause_s = min(LOOK_SOON_S, self._look_s) if self.look() else self._look_s

    def _too_long(self) -> Iterator[Path]:
        # Whatever is wrong with the folder now, this thread must look again later.
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    is_own = entry.name.endswith(".log") and entry.is_file(follow_symlinks=False)
                    if is_own and entry.stat(follow_symlinks=False).st_size > self._limit_bytes:
                        yield Path(entry.path)


def cut(path: Path, kept_bytes: int) -> bool:
    """Keep the file's end beside it and empty it, while others go on appending to it.

    A disk without room for the copy is the more reason to empty the file.

    Args:
        path: the file.
        kept_bytes: how much of its end is kept at most.

    Returns:
        Whether it was emptied; false where it cannot be opened.
    """
    try:
        log = os.open(path, os.O_RDWR | _NO_LINK)
    except OSError:
        return False
    try:
        with suppress(OSError):
            _keep_end(log, path.with_name(f"{path.name}.1"), kept_bytes)
        os.ftruncate(log, 0)
    finally:
        os.close(log)
    return True


def _keep_end(log: int, beside: Path, kept_bytes: int) -> None:
    fresh = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINK, 0o600)
    try:
        size = os.fstat(log).st_size
        at = max(0, size - kept_bytes)
        while at < size and (sent := os.sendfile(fresh, log, at, size - at)):
            at += sent
    finally:
        os.close(fresh)

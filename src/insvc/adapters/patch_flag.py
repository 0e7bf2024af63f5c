"""The flag that a patch is being installed: a file that names the live process that does it.

A flag whose process is gone means nothing: who set it was killed and can take it back no more.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from insvc.adapters.pidfd import read_identity
from insvc.adapters.small_file import read_small
from insvc.model.observation import ProcessIdentity

FLAG = "var/run/patch_installing"
_LONGEST_BYTES = 64


class PatchFlag:
    """The flag of one host, as somebody who waits for its end sees it.

    Args:
        root: of the host's files.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / FLAG
        self._seen: tuple[int, int] | None = None
        self._holder: ProcessIdentity | None = None

    def holder(self) -> int | None:
        """The pid of the live process that installs a patch now; nothing where none does.

        Who had the flag's pid when it was first seen is its process: another that is given the
        same pid later does not hold it.
        """
        try:
            found = self._path.stat()
            text = read_small(self._path, _LONGEST_BYTES).strip()
        except OSError:
            return None
        if self._seen != (found.st_ino, found.st_mtime_ns):
            self._seen = (found.st_ino, found.st_mtime_ns)
            is_pid = text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - no pid has more
            self._holder = read_identity(int(text)) if is_pid else None
        if self._holder is None or read_identity(self._holder.pid) != self._holder:
            return None
        return self._holder.pid


@contextmanager
def installing(root: Path) -> Iterator[None]:
    """Hold the flag inside the block, unless somebody else does."""
    path = root / FLAG
    if PatchFlag(root).holder() is not None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(f"{os.getpid()}\n", encoding="ascii")
    fresh.replace(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()

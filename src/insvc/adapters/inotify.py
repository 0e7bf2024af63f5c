"""Folders watched for changes by the kernel; the standard library has no inotify."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from insvc.errors import WorldError

_IN_MODIFY, _IN_ATTRIB, _IN_CLOSE_WRITE = 0x2, 0x4, 0x8
_IN_MOVED = 0xC0
_IN_CREATE, _IN_DELETE, _IN_DELETE_SELF, _IN_MOVE_SELF = 0x100, 0x200, 0x400, 0x800
_IN_ONLYDIR = 0x01000000
_WANTED = (
    _IN_MODIFY
    | _IN_ATTRIB
    | _IN_CLOSE_WRITE
    | _IN_MOVED
    | _IN_CREATE
    | _IN_DELETE
    | _IN_DELETE_SELF
    | _IN_MOVE_SELF
    | _IN_ONLYDIR
)


class FolderWatch:
    """Tells that something has changed in one of its folders, but not what.

    A folder that does not exist is watched once `add` is called again after it was made: the
    caller's own looks find that.

    Raises:
        WorldError: the kernel gives no more watches.
    """

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = int(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        if self.fd < 0:
            raise WorldError(
                "inotify",
                f"cannot be had: {os.strerror(ctypes.get_errno())}",
                next_act="raise fs.inotify.max_user_instances",
            )

    def add(self, folder: Path) -> bool:
        """Watch that folder too, or still; false where it cannot be watched now."""
        return int(self._libc.inotify_add_watch(self.fd, os.fsencode(folder), _WANTED)) >= 0

    def drain(self) -> bool:
        """Take what has been told so far; whether anything was."""
        has_any = False
        with suppress(BlockingIOError):
            while os.read(self.fd, 65_536):
                has_any = True
        return has_any

    def close(self) -> None:
        """Watch no more."""
        os.close(self.fd)

"""Reads small files that others wrote: regular ones only, never more than a bound."""

import os
import stat
from pathlib import Path

LIMIT_BYTES = 1 << 20


def read_small(path: Path, limit_bytes: int = LIMIT_BYTES) -> str:
    """The text of a regular file; bytes that are no UTF-8 are kept as surrogates.

    Raises:
        OSError: it cannot be read, is no regular file (a pipe would hold us up), or is too large.
    """
    # Without O_NONBLOCK a pipe without a writer would never open.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(None, "is no regular file", str(path))
        with open(fd, "rb", closefd=False) as file:
            content = file.read(limit_bytes + 1)
    finally:
        os.close(fd)
    if len(content) > limit_bytes:
        raise OSError(None, f"is larger than {limit_bytes} bytes", str(path))
    return content.decode("utf-8", "surrogateescape")

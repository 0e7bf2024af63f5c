"""Files of procfs, read with as few calls as may be: a scan reads thousands of them.

They are named by text and not by `Path`, which interns every part of a name: in a daemon, pids and
addresses that are never seen again would make that table be laid out anew again and again.
"""

import os

READ = os.O_RDONLY | os.O_CLOEXEC
_CHUNK = 1 << 16


def read_at(folder: int | None, name: str) -> bytes:
    """A whole file of procfs.

    Args:
        folder: descriptor of the folder that a relative name begins at.
        name: of the file.

    Raises:
        OSError: it is gone or may not be read.
    """
    file = os.open(name, READ, dir_fd=folder)
    try:
        return read_open(file)
    finally:
        os.close(file)


def read_short_at(folder: int | None, name: str) -> bytes:
    """The same of a file that the kernel writes at once: all there is when it is read first.

    Raises:
        OSError: it is gone or may not be read.
    """
    file = os.open(name, READ, dir_fd=folder)
    try:
        first = os.read(file, _CHUNK)
        return first + read_open(file) if len(first) == _CHUNK else first
    finally:
        os.close(file)


def read_open(file: int) -> bytes:
    """What an open file of procfs holds from where it stands.

    Raises:
        OSError: it is gone or may not be read.
    """
    pieces = []
    while piece := os.read(file, _CHUNK):
        pieces.append(piece)
    return b"".join(pieces)

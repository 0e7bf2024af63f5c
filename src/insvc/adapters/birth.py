"""When a file was made, which the standard library does not tell on Linux."""

import ctypes
import os
import struct

_NO_FOLDER = -100
_WANTED = 0x800
_SIZE = 256
_ANSWERED_AT, _BIRTH_AT = 0, 80


def born_at(path: str, folder: int | None = None) -> float | None:
    """When the file itself was made, seconds since the epoch; nothing where nobody knows.

    Source: statx(2). A file that is written over keeps it; one that is put in its place does not.

    Args:
        path: of the file; followed to its end.
        folder: descriptor of the folder that a relative path begins at.
    """
    answer = ctypes.create_string_buffer(_SIZE)
    try:
        statx = ctypes.CDLL(None, use_errno=True).statx
    except (OSError, AttributeError):
        return None
    begin = _NO_FOLDER if folder is None else folder
    if statx(begin, os.fsencode(path), 0, _WANTED, answer) != 0:
        return None
    (answered,) = struct.unpack_from("=I", answer, _ANSWERED_AT)
    if not answered & _WANTED:
        return None
    seconds: int
    nanoseconds: int
    seconds, nanoseconds = struct.unpack_from("=qI", answer, _BIRTH_AT)
    return seconds + nanoseconds / 1e9

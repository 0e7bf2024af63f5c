"""What a process of ours writes about itself, on standard error: lost rather than fatal.

A daemon says that a disk is full by a log on that very disk. That it cannot be said is no reason to
end, least of all for whoever keeps a host up.
"""

import os
import sys
from contextlib import suppress
from io import TextIOBase


class OwnLog(TextIOBase):
    """Text for a descriptor; what that refuses is dropped.

    Args:
        fd: the descriptor; it is not closed.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, text: str) -> int:
        """Write it, as far as it can be written; answers as if all of it were."""
        with suppress(OSError):
            os.write(self._fd, text.encode("utf-8", "backslashreplace"))
        return len(text)


def outlive_full_log() -> None:
    """Let nothing that this process says of itself from now on be the end of it."""
    sys.stderr = OwnLog(sys.__stderr__.fileno() if sys.__stderr__ is not None else 2)

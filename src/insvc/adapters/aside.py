"""A piece of work that a child process does meanwhile, on another processor.

Only for a process that has one thread and knows it: what a child inherits of others may be locked
for ever.
"""

import marshal
import os
from collections.abc import Callable
from typing import Any

_CHUNK = 1 << 16


def can_work_aside() -> bool:
    """Whether a child would have a processor of its own."""
    return len(os.sched_getaffinity(0)) > 1


class Aside:
    """Begins the work at once; nothing that it does is seen here but its answer.

    Args:
        work: what is done; its answer is made of tuples, lists, texts, bytes and numbers.
    """

    def __init__(self, work: Callable[[], Any]) -> None:
        self._reader, writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _answer(work, writer)
        os.close(writer)

    def answer(self) -> Any:  # noqa: ANN401 - as the work's
        """Wait for the answer; nothing where the child failed or was killed.

        It is asked for once.
        """
        pieces = []
        try:
            while piece := os.read(self._reader, _CHUNK):
                pieces.append(piece)
        finally:
            os.close(self._reader)
            _, status = os.waitpid(self._pid, 0)
        return marshal.loads(b"".join(pieces)) if status == 0 else None  # noqa: S302 - our child's


def _answer(work: Callable[[], Any], writer: int) -> None:
    """The whole life of the child: whatever happens, it never returns into what called it."""
    status = 1
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(marshal.dumps(work()))
        status = 0
    finally:
        os._exit(status)

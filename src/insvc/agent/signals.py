"""Signals as events of the loop. Nothing at all is done inside a signal handler."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

from insvc.agent.loop import Loop

_MOST_AT_ONCE = 4096


class Signals:
    """Hears signals until it is closed. To be made, and closed, in the main thread.

    Args:
        loop: whose thread acts on them.
        acts: what is done on which signal; several of a kind at once count as one.
    """

    def __init__(self, loop: Loop, acts: Mapping[int, Callable[[], object]]) -> None:
        self._loop = loop
        self._acts = acts
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._former_fd = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._former = {number: signal.signal(number, _ignore) for number in acts}
        loop.watch(self._read, self._hear)

    def close(self) -> None:
        """Let signals do what they did before."""
        for number, former in self._former.items():
            signal.signal(number, former)
        signal.set_wakeup_fd(self._former_fd)
        with suppress(KeyError, ValueError):  # the loop may have been closed before
            self._loop.unwatch(self._read)
        os.close(self._read)
        os.close(self._write)

    def _hear(self) -> None:
        for number in dict.fromkeys(os.read(self._read, _MOST_AT_ONCE)):
            if number in self._acts:
                self._acts[number]()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Heard by the descriptor alone."""

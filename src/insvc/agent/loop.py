"""One thread that waits for everything at once: descriptors, times, and calls of other threads."""

import os
import selectors
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from insvc.errors import WorldError

T = TypeVar("T")
_LONGEST_WAIT_S = 5.0
_LOOK_S = 0.5


class Timed(Protocol):
    """Something with a calendar."""

    def wait_s(self) -> float | None:
        """Seconds until its next event; nothing where none is due. Below 0: it is late."""
        ...

    def tick(self) -> None:
        """Let happen what is due."""
        ...


class Loop:
    """Runs what is due until it is stopped. Other threads use `call`, `post` and `stop` alone."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timed: list[Timed] = []
        self._closing: list[Callable[[], object]] = []
        self._posted: deque[Callable[[], object]] = deque()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._drain_wakes)
        self._is_stopped = False
        self._has_ended = threading.Event()
        # A signal that stops the loop may come in the midst of `close`, in the same thread.
        self._open = threading.RLock()
        self._is_open = True
        self.first: Callable[[], object] = lambda: None
        """Looked at before anything else whenever the loop wakes, however long it was away."""
        self._thread: int | None = None

    def add_timed(self, timed: Timed) -> None:
        """Serve its calendar too."""
        self._timed.append(timed)

    def add_closing(self, close: Callable[[], object]) -> None:
        """Call it when the loop is closed."""
        self._closing.append(close)

    def watch(self, fd: int, on_readable: Callable[[], object]) -> None:
        """Call back whenever the descriptor is readable."""
        self._selector.register(fd, selectors.EVENT_READ, on_readable)

    def watch_writable(self, fd: int, on_writable: Callable[[], object]) -> None:
        """Call back whenever the descriptor is writable."""
        self._selector.register(fd, selectors.EVENT_WRITE, on_writable)

    def unwatch(self, fd: int) -> None:
        """Watch it no longer."""
        self._selector.unregister(fd)

    def post(self, act: Callable[[], object]) -> None:
        """Let the loop's thread do it soon."""
        self._posted.append(act)
        self._wake()

    def call(self, act: Callable[[], T]) -> T:
        """Let the loop's thread do it, and answer with what it returned or raised.

        Raises:
            WorldError: the loop has ended before it came to it.
        """
        if threading.get_ident() == self._thread:
            return act()
        answer: list[T] = []
        faults: list[BaseException] = []
        is_done = threading.Event()

        def run() -> None:
            try:
                answer.append(act())
            except Exception as fault:  # noqa: BLE001 - carried over to the thread that asked
                faults.append(fault)
            finally:
                is_done.set()

        self.post(run)
        while not is_done.wait(_LOOK_S) and not self._has_ended.is_set():
            pass
        if faults:
            raise faults[0]
        if not answer:
            raise _ended()
        return answer[0]

    def stop(self) -> None:
        """Let `run` return after the event in hand."""
        self._is_stopped = True
        self._wake()

    def run(self) -> None:
        """Serve events until stopped."""
        self._thread = threading.get_ident()
        try:
            while not self._is_stopped:
                self.run_once()
        finally:
            self._has_ended.set()

    def run_once(self) -> None:
        """Wait for the next event, or the next due time, and serve it."""
        self._thread = threading.get_ident()
        ready = self._selector.select(self._wait_s())
        self.first()
        for key, _ in ready:
            key.data()
        while self._posted:
            self._posted.popleft()()
        for timed in self._timed:
            timed.tick()

    def close(self) -> None:
        """Give back the descriptors; later calls of other threads are heard by nobody."""
        with self._open:
            self._is_open = False
            for close in self._closing:
                close()
            self._selector.close()
            os.close(self._wake_read)
            os.close(self._wake_write)

    def _wait_s(self) -> float:
        if self._posted or self._is_stopped:
            return 0.0
        waits = [wait for one in self._timed if (wait := one.wait_s()) is not None]
        return max(0.0, min([*waits, _LONGEST_WAIT_S]))

    def _wake(self) -> None:
        with self._open, suppress(BlockingIOError):
            if self._is_open:
                os.write(self._wake_write, b".")

    def _drain_wakes(self) -> None:
        os.read(self._wake_read, 4096)


def _ended() -> WorldError:
    return WorldError(
        "the agent's loop",
        "has ended, so nothing more is carried out",
        next_act="ask again once the agent is back",
    )

"""Asks many services at once whether they serve, without a thread for any of them."""

import errno
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from insvc.agent.loop import Loop
from insvc.agent.readiness import LOOK_TIMEOUT_S, request_for

Words = tuple[bytes, ...]
Hear = Callable[[Words | None], object]
"""Takes the words of the first line of an answer, none where only a connection was asked for;
nothing at all where nobody answered."""
AT_ONCE = 256
"""Questions that are open at the same time; each holds a descriptor."""
_FULL = frozenset({errno.EMFILE, errno.ENFILE})
_PAUSE_S = 0.1
_LINE_BYTES = 200


@dataclass(eq=False, slots=True)
class _Question:
    """One question on its way.

    Attributes:
        endpoint: `address:port`; `path`: of HTTP, absent where a connection is answer enough.
        hear: who takes the answer.
        client: the socket, once it is asked.
        until: when it is given up, on the clock of the asker.
        heard: what has come of the answer.
    """

    endpoint: str
    path: str | None
    hear: Hear
    client: socket.socket | None = None
    until: float = 0.0
    heard: bytes = b""


class Asker:
    """Asks and hears in the loop's thread, to which all of it belongs.

    Args:
        loop: what serves the sockets.
        clock: seconds, of a clock that only goes on.
    """

    def __init__(self, loop: Loop, clock: Callable[[], float] = time.monotonic) -> None:
        self._loop = loop
        self._clock = clock
        self._waiting: deque[_Question] = deque()
        self._open: deque[_Question] = deque()
        self._count = 0
        self._again_at: float | None = None
        loop.add_timed(self)
        loop.add_closing(self.close)

    def ask(self, endpoint: str, path: str | None, hear: Hear) -> None:
        """Ask there; `hear` is called within a second or so, never before this returns."""
        self._waiting.append(_Question(endpoint, path, hear))
        if self._again_at is None:
            self._again_at = self._clock()

    def wait_s(self) -> float | None:
        """Seconds until a question is asked or given up."""
        while self._open and self._open[0].client is None:
            self._open.popleft()
        times = [self._open[0].until] if self._open else []
        if self._again_at is not None:
            times.append(self._again_at)
        return min(times) - self._clock() if times else None

    def tick(self) -> None:
        """Give up what nobody has answered, and ask what has waited."""
        now = self._clock()
        while self._open and (self._open[0].client is None or self._open[0].until <= now):
            self._end(self._open.popleft(), None)
        if self._again_at is not None and self._again_at <= now:
            self._again_at = None
            while self._waiting and self._count < AT_ONCE and self._again_at is None:
                self._begin(self._waiting.popleft(), now)

    def close(self) -> None:
        """Ask no more; nobody hears of what is open."""
        self._waiting.clear()
        while self._open:
            client = self._open.popleft().client
            if client is not None:
                client.close()

    def _begin(self, question: _Question, now: float) -> None:
        address, _, port = question.endpoint.rpartition(":")
        try:
            client = socket.socket(_family(address), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        except OSError as fault:
            if fault.errno not in _FULL:
                raise
            # Our own shortage says nothing about who is asked.
            self._waiting.appendleft(question)
            self._again_at = now + _PAUSE_S
            return
        question.client, question.until = client, now + LOOK_TIMEOUT_S
        self._open.append(question)
        self._count += 1
        self._loop.watch_writable(client.fileno(), lambda: self._send(question))
        try:
            client.connect((address.strip("[]"), int(port)))
        except BlockingIOError:
            return
        except OSError:
            self._end(question, None)

    def _send(self, question: _Question) -> None:
        """The connection stands, or has failed."""
        client = question.client
        if client is None:
            return
        if client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._end(question, None)
        elif question.path is None:
            self._end(question, ())
        else:
            with suppress(OSError):
                client.send(request_for(question.endpoint, question.path))
            self._loop.unwatch(client.fileno())
            self._loop.watch(client.fileno(), lambda: self._receive(question))

    def _receive(self, question: _Question) -> None:
        """Some of the answer is there, or its end."""
        if question.client is None:
            return
        try:
            part = question.client.recv(_LINE_BYTES)
        except OSError:
            self._end(question, None)
            return
        question.heard += part
        line, newline, _ = question.heard.partition(b"\n")
        if newline or not part or len(line) >= _LINE_BYTES:
            self._end(question, tuple(line.split()))

    def _end(self, question: _Question, answer: Words | None) -> None:
        client, question.client = question.client, None
        if client is None:
            return
        self._loop.unwatch(client.fileno())
        client.close()
        self._count -= 1
        if self._waiting and self._again_at is None:
            self._again_at = self._clock()
        question.hear(answer)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET

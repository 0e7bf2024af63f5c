"""A small real web server whose answers, silences and deaths a test decides."""

import socket
import threading
import time
from functools import partial
from types import TracebackType
from typing import Self

from tests.fakes.threads import begin, end

_PATIENCE_S = 20.0


class WebServer:
    """Answers every line of a request that ends with an empty line; binds a free loopback port.

    Attributes:
        answer: the bytes of every answer; empty for silence.
        closes: whether it closes the connection after each answer.
        questions: how many requests or connections came in all.
    """

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") -> None:
        self.answer = answer
        self.closes = False
        self.questions = 0
        self._port = 0
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """`address:port`."""
        return f"127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """Where it listens, now or when it is started again."""
        return self._port

    def start(self) -> None:
        """Listen, at the same port as before."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._acceptor = begin(partial(self._accept, listener))

    def stop(self) -> None:
        """Close the listener and every connection, as a killed process does."""
        if self._listener is not None and self._acceptor is not None:
            _shut(self._listener)
            self._listener = None
            # Only its end makes the list of connections whole: it may hold one more in its hand.
            end(self._acceptor)
        for one in self._connections:
            _shut(one)
        for thread in self._threads:
            end(thread)
        self._connections.clear()
        self._threads.clear()

    def wait_for_questions(self, count: int) -> None:
        """Until so many more have come."""
        wanted = self.questions + count
        deadline = time.monotonic() + _PATIENCE_S
        while self.questions < wanted:
            assert time.monotonic() < deadline, "nobody asks"
            time.sleep(0.005)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                listener.close()
                return
            self.questions += 1
            self._connections.append(connection)
            self._threads.append(begin(partial(self._serve, connection)))

    def _serve(self, connection: socket.socket) -> None:
        received = b""
        with connection:
            while True:
                try:
                    chunk = connection.recv(4096)
                    received += chunk
                    if not chunk:
                        return
                    if not received.endswith(b"\r\n\r\n"):
                        continue
                    received = b""
                    self.questions += 1
                    connection.sendall(self.answer)
                except OSError:
                    return
                if self.closes:
                    return


def _shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        one.close()

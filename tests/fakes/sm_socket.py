"""A service manager's socket that says what a test wants it to say."""

import json
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from insvc.adapters.unix_socket import listen
from tests.fakes.threads import begin, end


class FakeSm:
    """Answers on `run/sm.sock` of a host inside a `with` block.

    Args:
        run: the host's run directory.

    Attributes:
        role, locked: of the host.
        states: state by service.
        raw: answered instead, where it is given; `answers`: the answer to single asks.
        questions: every question asked.
    """

    def __init__(self, run: Path) -> None:
        self.role = "active"
        self.locked = False
        self.states: dict[str, str] = {}
        self.raw: bytes | None = None
        self.answers: dict[str, Any] = {}
        self.questions: list[dict[str, Any]] = []
        self._run = run
        self._ends = False
        self._connection: socket.socket | None = None

    def __enter__(self) -> Self:
        self._run.mkdir(parents=True, exist_ok=True)
        self._ends = False
        self._listener = listen(self._run / "sm.sock")
        self._thread = begin(self._serve)
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._part()
        end(self._thread)
        self._listener.close()

    def _part(self) -> None:
        """Break off with whoever has a connection and asks no more."""
        with suppress(OSError):
            if self._connection is not None:
                self._connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                self._connection, _ = self._listener.accept()
            except OSError:
                return
            if self._ends:
                self._part()
            with suppress(OSError), self._connection as connection:
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        """Answer until the other side goes away."""
        with connection.makefile("rb") as lines:
            for line in lines:
                self.questions.append(json.loads(line))
                connection.sendall(self._answer(self.questions[-1].get("ask", "")))
                if self.raw is not None:
                    return

    def _answer(self, word: str) -> bytes:
        if self.raw is not None:
            return self.raw
        if word in self.answers:
            return json.dumps({"ok": True, "answer": self.answers[word]}).encode() + b"\n"
        rows = [{"name": name, "state": state} for name, state in self.states.items()]
        answer = {"role": self.role, "locked": self.locked, "services": rows}
        return json.dumps({"ok": True, "answer": answer}).encode() + b"\n"

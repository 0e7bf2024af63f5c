"""A service manager's socket that says what a test wants it to say."""

import json
import threading
from pathlib import Path
from typing import Any, Self

from insvc.adapters.unix_socket import listen


class FakeSm:
    """Answers on `run/sm.sock` of a host inside a `with` block.

    Args:
        run: the host's run directory.

    Attributes:
        role, locked: of the host.
        states: state by service.
        raw: answered instead, where it is given.
        questions: every question asked.
    """

    def __init__(self, run: Path) -> None:
        self.role = "active"
        self.locked = False
        self.states: dict[str, str] = {}
        self.raw: bytes | None = None
        self.questions: list[dict[str, Any]] = []
        self._run = run
        self._ends = False

    def __enter__(self) -> Self:
        self._run.mkdir(parents=True, exist_ok=True)
        self._ends = False
        self._listener = listen(self._run / "sm.sock")
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        self._listener.shutdown(2)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._ends:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                while line := stream.readline():
                    self.questions.append(json.loads(line))
                    stream.write(self._answer())
                    stream.flush()
                    if self.raw is not None:
                        break

    def _answer(self) -> bytes:
        if self.raw is not None:
            return self.raw
        rows = [{"name": name, "state": state} for name, state in self.states.items()]
        answer = {"role": self.role, "locked": self.locked, "services": rows}
        return json.dumps({"ok": True, "answer": answer}).encode() + b"\n"

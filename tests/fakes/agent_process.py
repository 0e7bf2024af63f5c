"""A real agent as a process of its own, and questions to it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from insvc.adapters.ask import ask
from insvc.adapters.launcher import LIBRARY
from insvc.errors import AgentUnreachable
from tests.fakes.host_folder import HostFolder, until


class Process:
    """One agent process, and questions to it."""

    def __init__(self, folder: HostFolder) -> None:
        self._socket = folder.path / "run" / "agent.sock"
        self._log = folder.path / "run" / "agent.err"
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "insvc.agent", str(folder.path)],
                env={**os.environ, "PYTHONPATH": str(LIBRARY)},
                stderr=log,
            )

    def ask(self, name: str, **arguments: Any) -> Any:
        return ask(self._socket, {"ask": name, **arguments}, 60.0, patience_s=20.0)

    def rows(self) -> dict[str, tuple[str, int | None]]:
        try:
            told = self.ask("managers")
        except (
            AgentUnreachable
        ):  # what a killed agent was just starting held its socket for a moment
            told = self.ask("managers")
        return {row["name"]: (row["state"], row["pid"]) for row in told}

    def log(self) -> str:
        """What this agent, and those before it on its host, have said."""
        return self._log.read_text(errors="replace")

    def wait_until_up(self) -> dict[str, tuple[str, int | None]]:
        until(lambda: all(state == "running" for state, _ in self.rows().values()))
        return self.rows()

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def running(folder: HostFolder) -> Iterator[Process]:
    made = Process(folder)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.end(signal.SIGKILL)

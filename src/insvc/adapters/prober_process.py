"""The outage prober as a process of its own, so that a busy controller does not disturb it."""

import asyncio
import json
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from insvc.adapters import prober_loop
from insvc.errors import InputError, UnknownName, WorldError
from insvc.ports import Outage, Target

ANSWER_WITHIN_S = 10.0
"""A prober that is silent for longer is ended: a run goes on without measuring."""

_END_WITHIN_S = 2.0


class ProcessProber:
    """Port `Prober` by a child process that ends with this one.

    It is started by the first watch and asks each target every few milliseconds.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    async def watch(self, target: Target) -> None:
        """Begin to ask this target at 10 ms or finer.

        Raises:
            InputError: the endpoint is not `address:port`.
            WorldError: the prober's process does not answer.
        """
        address, _, port = target.endpoint.rpartition(":")
        if not address or not port.isdecimal():
            raise InputError(
                f"endpoint {target.endpoint!r} of {target.name}",
                "found no address:port",
                next_act="correct the step's endpoint",
            )
        ask = {"ask": "watch", "name": target.name, "address": address.strip("[]")}
        await asyncio.to_thread(self._talk, {**ask, "port": int(port), "path": target.path})

    async def unwatch(self, name: str) -> tuple[Outage, ...]:
        """Stop asking and answer with the outages seen since `watch`.

        Raises:
            UnknownName: nothing of that name is watched.
            WorldError: the prober's process does not answer.
        """
        told = await asyncio.to_thread(self._talk, {"ask": "unwatch", "name": name})
        if told is None:
            raise UnknownName(name, "is not watched", next_act="watch it first")
        return tuple(Outage(**one) for one in told)

    def close(self) -> None:
        """Stop watching everything and end the process; a later watch starts another."""
        with self._turn:
            child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.close()
            child.wait(timeout=_END_WITHIN_S)
        except (OSError, subprocess.TimeoutExpired):
            child.kill()
            child.wait()
        child.stdout.close()

    def _talk(self, ask: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the child answers
        with self._turn:
            child = self._running()
            assert child.stdin is not None
            assert child.stdout is not None
            try:
                child.stdin.write(json.dumps(ask).encode() + b"\n")
                child.stdin.flush()
                # An answer is one line, written at once: where something is to be read, all is.
                is_there = select.select([child.stdout], [], [], ANSWER_WITHIN_S)[0]
                line = child.stdout.readline() if is_there else b""
            except OSError as fault:
                raise _silent(child) from fault
            if not line:
                # Its answer may still come, and would be taken for that of the next question.
                child.kill()
                raise _silent(child)
            return json.loads(line)["answer"]

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None:
            program = str(Path(prober_loop.__file__))
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-S", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._child


def _silent(child: "subprocess.Popen[bytes]") -> WorldError:
    return WorldError(
        f"the outage prober (process {child.pid})",
        "does not answer",
        next_act="see what it wrote to the standard error stream",
    )

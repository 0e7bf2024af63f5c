"""Restarts one program of supervisord and sees it through."""

import time
from collections.abc import Callable

from insvc.adapters.supervisord_rpc import Refused, Rpc
from insvc.inspect.supervisord import (
    ALREADY_STARTED,
    EXITED,
    FATAL,
    HAS_PROCESS,
    IS_DOWN,
    NOT_RUNNING,
    RUNNING,
    Program,
    read_program,
    words_of,
)
from insvc.model.act import DrainRule
from insvc.model.restart import Order, Restarted

_LOOK_AGAIN_S = 0.02
_ENDED = frozenset({EXITED, FATAL})


class _NotDoneError(Exception):
    """The act cannot go on; the text tells why."""


class RestartAct:
    """One restart of one program.

    Args:
        rpc: asks its supervisord.
        order: what is ordered.
        pause: what lets some seconds pass.
    """

    def __init__(self, rpc: Rpc, order: Order, pause: Callable[[float], object]) -> None:
        self._rpc = rpc
        self._order = order
        self._pause = pause
        self._until = time.monotonic() + order.timeout_s
        self._drained: bool | None = None
        self._times: dict[str, float] = {}

    def carry_out(self, before: Program) -> Restarted:
        """Stop it and start it again.

        Raises:
            WorldError: supervisord does not answer.
        """
        try:
            if before.state in HAS_PROCESS:
                self._end(before)
            said = self._begin(before)
        except (Refused, _NotDoneError, ValueError) as fault:
            return self._told(str(fault), done=False)
        return self._told(said, done=True)

    def _end(self, before: Program) -> None:
        """Let it end, by its drain where there is one, else as supervisord stops it."""
        drain = self._order.drain
        if drain is None or not self._drain(before, drain):
            self._ask("supervisor.stopProcess", unless=NOT_RUNNING)
            if not self._wait(lambda now: now.state in IS_DOWN, self._until):
                raise _NotDoneError(f"had not ended within {self._order.timeout_s:g} s")
        self._times["stopped"] = time.time()

    def _drain(self, before: Program, drain: DrainRule) -> bool:
        """Whether it ended by itself once it was asked to.

        Raises:
            _NotDoneError: it did not, and is to be left running then.
        """
        self._rpc.ask("supervisor.signalProcess", self._order.service, drain.signal)
        until = min(self._until, time.monotonic() + drain.timeout_s)
        self._drained = self._wait(lambda now: now.state in IS_DOWN or now.pid != before.pid, until)
        if not self._drained and drain.on_timeout == "leave":
            raise _NotDoneError(
                f"had not finished within {drain.timeout_s:g} s and is left running"
            )
        return self._drained

    def _begin(self, before: Program) -> str:
        """Start it, unless supervisord did that itself; answers with how it went."""
        is_new = self._now().state not in HAS_PROCESS
        if is_new:
            self._ask("supervisor.startProcess", unless=ALREADY_STARTED)
        is_up = self._wait(lambda now: now.state == RUNNING or now.state in _ENDED, self._until)
        now = self._now()
        if now.state != RUNNING:
            late = "" if is_up else f"within {self._order.timeout_s:g} s not running: "
            raise _NotDoneError(late + words_of(now))
        if now.pid == before.pid:
            raise _NotDoneError(f"runs on as pid {now.pid}, expected a new process")
        self._times["ready"] = time.time()
        return f"running as pid {now.pid}"

    def _ask(self, method: str, unless: int | None = None) -> None:
        """Ask without waiting for the end of it; one fault may be the state that is wished for."""
        try:
            self._rpc.ask(method, self._order.service, False)
        except Refused as refused:
            if refused.code != unless:
                raise

    def _wait(self, is_so: Callable[[Program], bool], until: float) -> bool:
        while True:
            now = self._now()
            if now.state in HAS_PROCESS and now.pid and "stopped" in self._times:
                self._times.setdefault("started", time.time())
            if is_so(now):
                return True
            if time.monotonic() >= until:
                return False
            self._pause(_LOOK_AGAIN_S)

    def _now(self) -> Program:
        return read_program(self._rpc.ask("supervisor.getProcessInfo", self._order.service))

    def _told(self, said: str, *, done: bool) -> Restarted:
        return Restarted(done=done, said=said, drained=self._drained, times=self._times)

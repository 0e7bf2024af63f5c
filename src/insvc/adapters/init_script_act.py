"""Runs the script of one service for a restart, and sees it through in the process table."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from insvc.adapters.bounded import Completed, run_bounded
from insvc.adapters.pidfd import Held, read_identity
from insvc.adapters.running_programs import RunningPrograms
from insvc.adapters.wait_end import wait_for_ends
from insvc.inspect.init_script import Found, InitScript
from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.restart import Order, Restarted
from insvc.supervise.exit_codes import Answer, lsb_answer

_STATUS_S = 10.0
_SETTLES_S = 10.0
"""How long its processes may take to come and go after the script has ended."""
_LOOK_AGAIN_S = 0.02


class _NotDoneError(Exception):
    """The act cannot go on; the text tells why."""


class ScriptAct:
    """One restart of one service.

    Args:
        script: of the service.
        path: of the script, which has been vouched for.
        order: what is ordered.
        look: finds what there is of the service now.
    """

    def __init__(
        self, script: InitScript, path: Path, order: Order, look: Callable[[], Found]
    ) -> None:
        self._script = script
        self._path = path
        self._order = order
        self._look = look
        self._until = time.monotonic() + order.timeout_s
        self._old: tuple[ProcessIdentity, ...] = ()
        self._drained: bool | None = None
        self._times: dict[str, float] = {}

    def carry_out(self, before: Found) -> Restarted:
        """Stop it and start it again; that this did not come about is an answer.

        Args:
            before: what there is of it now.
        """
        self._old = () if before.pid is None else RunningPrograms().tree(before.pid)
        try:
            actions = self._actions()
            for action in actions:
                self._run(action)
            self._await_new()
            self._confirm()
            pid = self._await_new()  # what was seen first may have been a daemon about to fork
        except _NotDoneError as fault:
            return self._told(str(fault), done=False)
        return self._told(f"its script ended with 0, and pid {pid} runs", done=True)

    def _actions(self) -> tuple[str, ...]:
        """What the script is asked for, after the drain where one is ordered."""
        drain = self._order.drain
        if drain is not None and self._old and self._has_drained(drain):
            return ("start",)
        return ("restart",) if "restart" in self._script.offers else ("stop", "start")

    def _has_drained(self, drain: DrainRule) -> bool:
        """Whether it ended by itself once it was asked to.

        Raises:
            _NotDoneError: it did not, and is to be left running then.
        """
        held = Held.by_identity(self._old[0])
        if held is not None:
            held.signal(signal.Signals[f"SIG{drain.signal}"])
            held.close()
        left_s = min(drain.timeout_s, self._until - time.monotonic())
        self._drained = wait_for_ends(self._old, left_s)
        if not self._drained and drain.on_timeout == "leave":
            raise _NotDoneError(
                f"had not finished within {drain.timeout_s:g} s and is left running"
            )
        self._watch()
        return self._drained

    def _run(self, action: str) -> None:
        done = self._ask(action, self._until - time.monotonic())
        answer = lsb_answer(action, done.status)
        is_down_already = action == "stop" and answer is Answer.NOT_RUNNING
        if answer is not Answer.DONE and not is_down_already:
            raise _NotDoneError(f"its script's `{action}` {done}: {answer.words}")

    def _ask(self, action: str, timeout_s: float) -> Completed:
        return run_bounded([str(self._path), action], timeout_s, watch=self._watch)

    def _watch(self) -> None:
        """Note when the old main process is gone."""
        if self._old and "stopped" not in self._times and not _lives(self._old[0]):
            self._times["stopped"] = time.time()

    def _await_new(self) -> int:
        """The pid of the new main process, once it runs and nothing of the old does.

        Raises:
            _NotDoneError: that did not come about in time.
        """
        until = min(self._until, time.monotonic() + _SETTLES_S)
        while True:
            self._watch()
            pid = self._look().pid
            left = [one for one in self._old if _lives(one)]
            if pid is not None and not left and self._is_new(pid):
                self._watch()
                self._times.setdefault("started", time.time())
                return pid
            if time.monotonic() >= until:
                raise _NotDoneError(_why(pid, left))
            time.sleep(_LOOK_AGAIN_S)

    def _is_new(self, pid: int) -> bool:
        found = read_identity(pid)
        return found is not None and found not in self._old

    def _confirm(self) -> None:
        """Let its script say that it runs, where it can.

        A daemon that has just begun may not have written its pid file yet, by which scripts judge.

        Raises:
            _NotDoneError: it still says something else when all that has been waited for.
        """
        until = min(self._until, time.monotonic() + _SETTLES_S)
        while "status" in self._script.offers:
            done = self._ask("status", _STATUS_S)
            answer = lsb_answer("status", done.status)
            if answer is Answer.RUNNING:
                break
            if time.monotonic() >= until:
                raise _NotDoneError(f"is up, but its script's `status` {done}: {answer.words}")
            time.sleep(_LOOK_AGAIN_S)
        self._times["ready"] = time.time()

    def _told(self, said: str, *, done: bool) -> Restarted:
        return Restarted(done=done, said=said, drained=self._drained, times=self._times)


def _lives(process: ProcessIdentity) -> bool:
    return read_identity(process.pid) == process


def _why(pid: int | None, left: list[ProcessIdentity]) -> str:
    if left:
        return f"its script ended with 0, and its old process is still there: {left[0]}"
    now = "no process of it runs" if pid is None else f"pid {pid} had ended at once"
    return f"its script ended with 0, and {now}"

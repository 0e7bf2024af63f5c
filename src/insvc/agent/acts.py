"""Carries out one intent and tells what was seen. Facts only; nobody here judges them."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from insvc.adapters.pidfd import read_identity
from insvc.adapters.wire import from_json
from insvc.agent.managing import SM, Looking, Managing
from insvc.agent.readiness import is_serving
from insvc.agent.strays import end_orphans
from insvc.errors import AgentUnreachable, InputError, InsvcError, WorldError
from insvc.model.act import ActFacts, Intent
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager, Role

UNKNOWN = "unknown"
"""What is said of an act whose end nobody knows."""
_PAUSE_S = 0.05
_BACK_S = 8.0


class Acts:
    """The acts of one host.

    Args:
        managers: who restarts what.
        observer: what looks at processes.
        root: the folder that holds the host's files.
        pause: what lets some seconds pass between two looks.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        managers: Managing,
        observer: Looking,
        root: Path,
        pause: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._pause = pause
        self._now = now
        self._managers = managers
        self._observer = observer
        self._root = root
        self._under_way: dict[str, int] = {}
        self._by_action: dict[Action, Callable[[Intent], ActFacts]] = {
            Action.RESTART: self._restart,
            Action.RELOAD: self._restart,
            Action.HANDOFF: self._restart,
            Action.HANDLER: self._restart,
            Action.NEXT_RUN: self._next_run,
            Action.SWACT: self._swact,
            Action.LOCK: lambda intent: self._lock(intent, locked=True),
            Action.UNLOCK: lambda intent: self._lock(intent, locked=False),
        }

    def perform(self, intent: Intent) -> ActFacts:
        """Carry out the intent and wait for its end, within its time."""
        asked_at = self._now()
        try:
            facts = self._act(intent)
        except InsvcError as fault:
            facts = _facts(intent, said=f"{fault}; next: {fault.next_act}", accepted=False)
        return replace(facts, times={"asked": asked_at, **facts.times, "ended": self._now()})

    def _act(self, intent: Intent) -> ActFacts:
        act = self._by_action.get(intent.action)
        if act is None:
            said = f"{intent.service}: an agent knows no act {intent.action}; restart it instead"
            return _facts(intent, said=said, accepted=False)
        return act(intent)

    def _restart(self, intent: Intent) -> ActFacts:
        row = self._managers.row(intent.service)
        if row.manager is Manager.CRON:
            said = f"{intent.service} is a job: it is started afresh for every run; use next-run"
            return _facts(intent, said=said, accepted=False, state=row.state)
        if intent.service == SM and not self._managers.is_locked:
            said = f"{SM}: its end disables every service of the host; lock the host first"
            return _facts(intent, said=said, accepted=False, state=row.state)
        with self._busy(intent.service):
            return self._restart_alone(intent, row)

    def _restart_alone(self, intent: Intent, row: ManagerRow) -> ActFacts:
        pattern = _pattern(intent)
        ran = self._running()
        before = self._observer.identities(row)
        account = self._ask_manager(intent, row.manager)
        facts = _facts(
            intent,
            manager_done=account.done,
            said=account.said,
            before=before,
            drained=account.drained,
            times=account.times,
        )
        try:
            if account.done:
                reaped = self._reap(pattern, intent.service) if pattern else ()
                facts = self._dwell(replace(facts, reaped=reaped), intent)
            return self._look(facts, intent, ran)
        except WorldError as fault:
            said = f"{facts.said}; and then nobody could look at it: {fault}"
            return replace(facts, manager_done=False, said=said)

    def _ask_manager(self, intent: Intent, manager: Manager) -> Restarted:
        """The manager's account; `unknown` where sm was asked and broke off."""
        order = Order(
            service=intent.service,
            action=intent.action,
            with_dependants=intent.with_dependants,
            drain=intent.drain,
            clears_sessions=intent.clear_sessions,
            timeout_s=intent.timeout_s,
            was_begun=intent.attempt > 1,
        )
        try:
            return self._managers.restart(manager, order)
        except AgentUnreachable:
            return Restarted(done=False, said=UNKNOWN)

    @contextmanager
    def _busy(self, service: str) -> Iterator[None]:
        """While it is being restarted, other acts do not miss it."""
        self._under_way[service] = self._under_way.get(service, 0) + 1
        try:
            yield
        finally:
            self._under_way[service] -= 1

    def _running(self) -> frozenset[str]:
        """Services that are up, jobs and what is being restarted by anybody left aside."""
        busy = {name for name, count in self._under_way.items() if count}
        return self._managers.running() - busy

    def _dwell(self, facts: ActFacts, intent: Intent) -> ActFacts:
        """Watch it for its dwell time; it must not be started again meanwhile."""
        since = time.monotonic()
        before = self._row_afterwards(intent.service).restarts
        while time.monotonic() - since < intent.dwell_s:
            self._pause(min(_PAUSE_S, intent.dwell_s))
        return replace(
            facts,
            restarts_in_dwell=self._row_afterwards(intent.service).restarts - before,
            dwelled_s=time.monotonic() - since,
        )

    def _row_afterwards(self, service: str) -> ManagerRow:
        """What its manager says after the act; one that just executes itself anew gets some time.

        Raises:
            WorldError: it does not answer.
        """
        until = time.monotonic() + _BACK_S
        while True:
            try:
                return self._managers.row(service)
            except WorldError:
                if time.monotonic() >= until:
                    raise
            self._pause(_PAUSE_S)

    def _look(self, facts: ActFacts, intent: Intent, ran: frozenset[str]) -> ActFacts:
        """What is there now: processes, replaced code, readiness, and what else went down."""
        lost = self._lost(ran, _BACK_S if facts.manager_done else 0.0)
        row = self._row_afterwards(intent.service)
        return replace(
            facts,
            state=row.state,
            after=self._observer.identities(row),
            stale_evidence=self._observer.stale_evidence(row),
            is_ready=self._is_ready(row),
            lost=lost,
        )

    def _is_ready(self, row: ManagerRow) -> bool | None:
        if row.endpoint is None:
            return None
        return is_serving(row.endpoint, self._managers.health_path(row.name))

    def _lost(self, ran: frozenset[str], patience_s: float) -> tuple[str, ...]:
        """Services that ran and do not, after they had some time to come back."""
        until = time.monotonic() + patience_s
        while True:
            busy = {name for name, count in self._under_way.items() if count}
            lost = ran - self._running() - busy
            if not lost or time.monotonic() >= until:
                return tuple(sorted(lost))
            self._pause(_PAUSE_S)

    def _reap(self, pattern: re.Pattern[str], service: str) -> tuple[int, ...]:
        """End helpers that are older than the service's main process: nobody owns them now."""
        pid = self._managers.row(service).pid
        main = None if pid is None else read_identity(pid)
        return () if main is None else end_orphans(self._root, pattern, main)

    def _next_run(self, intent: Intent) -> ActFacts:
        row = self._managers.row(intent.service)
        if row.manager is not Manager.CRON and row.state is not InstanceState.SCHEDULED:
            said = f"{intent.service} is no job: {row.manager} keeps it running; use restart"
            return _facts(intent, said=said, accepted=False, state=row.state)
        before = self._observer.identities(row)
        has_ended = self._managers.wait_for_job(intent.service, intent.timeout_s)
        row = self._managers.row(intent.service)
        evidence = self._observer.stale_evidence(row) if row.pid is not None else ()
        return _facts(
            intent,
            manager_done=has_ended and not evidence,
            said=_job_words(row, has_ended=has_ended),
            state=row.state,
            before=before,
            after=self._observer.identities(row),
            stale_evidence=evidence,
        )

    def _swact(self, intent: Intent) -> ActFacts:
        role = from_json(Role, intent.role)
        late = self._managers.take_role(role, intent.timeout_s)
        return _of_host(intent, f"{role} now", late)

    def _lock(self, intent: Intent, *, locked: bool) -> ActFacts:
        late = self._managers.set_locked(locked=locked, timeout_s=intent.timeout_s)
        return _of_host(intent, "locked" if locked else "unlocked", late)


def _facts(intent: Intent, **seen: Any) -> ActFacts:  # noqa: ANN401 - fields of ActFacts
    return replace(ActFacts(step=intent.step, attempt=intent.attempt), **seen)


def _of_host(intent: Intent, done: str, late: tuple[str, ...]) -> ActFacts:
    if not late:
        return _facts(intent, manager_done=True, said=done)
    return _facts(intent, said=f"{done}, but not in time: {', '.join(late)}", lost=late)


def _pattern(intent: Intent) -> re.Pattern[str] | None:
    """The pattern of the orphans to end.

    Raises:
        InputError: it is no regular expression.
    """
    try:
        return re.compile(intent.reap) if intent.reap else None
    except re.error as fault:
        reason = f"found {intent.reap!r} as pattern of helpers: {fault}"
        raise InputError(intent.service, reason, next_act="correct the catalog") from fault


def _job_words(row: ManagerRow, *, has_ended: bool) -> str:
    if not has_ended:
        return f"its run (pid {row.pid}) had not ended in time"
    if row.next_run_at is None:
        return "it runs on the active controller alone; its next run there starts afresh"
    due = time.strftime("%H:%M:%SZ", time.gmtime(row.next_run_at))
    return f"its next run, at {due}, starts afresh"

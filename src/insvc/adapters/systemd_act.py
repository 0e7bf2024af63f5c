"""One act of systemd's on one unit: job, result, and what is there afterwards."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from insvc.adapters.dbus_link import CallRefused
from insvc.adapters.pidfd import Held
from insvc.adapters.systemd_bus import SystemdBus, monotonic_offset_s, refused_call
from insvc.adapters.systemd_workers import await_new_workers, hold_workers
from insvc.errors import WorldError
from insvc.inspect.systemd import is_looping, stopped_with
from insvc.inspect.systemd_entry import replaces_itself
from insvc.inspect.systemd_order import (
    START_LIMIT,
    is_other_incarnation,
    is_settled,
    refusal,
    times_of,
    verdict_on_job,
    wait_s,
    was_drained,
)
from insvc.inspect.systemd_unit import UnitFacts
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action

UNKNOWN = "unknown"
"""What is said of an act whose end nobody knows."""
_RELOAD_FILES_S = 30.0
_BACK_S = 8.0
_AFTER_KILL_S = 10.0
_PAUSE_S = 0.02
_UP = frozenset({"active", "reloading"})


@dataclass(kw_only=True, slots=True)
class _Course:
    """How one act goes.

    Attributes:
        order: what was ordered.
        before: the unit before it.
        until: when to stop waiting, on the monotonic clock.
        remarks: what is worth saying of it, in order.
        was_killed: it did not end by itself in its drain time.
    """

    order: Order
    before: UnitFacts
    until: float
    remarks: list[str] = field(default_factory=list)
    was_killed: bool = False

    @property
    def reloads(self) -> bool:
        """Whether the act is a reload."""
        by_reload = self.order.action is Action.HANDOFF and replaces_itself(self.before)
        return by_reload or self.order.action is Action.RELOAD

    @property
    def hands_over(self) -> bool:
        """Whether new workers are to take over from old ones."""
        return self.reloads and self.order.action is Action.HANDOFF

    def said(self, verdict: str) -> str:
        """The verdict, and the remarks after it."""
        return "; ".join((verdict, *self.remarks))


class SystemdAct:
    """Acts through systemd.

    Args:
        connect: makes a new connection where one was lost.
        answer_s: how long systemd may take for one answer.
        starts: tells when a unit was started within the last seconds.
    """

    def __init__(
        self,
        connect: Callable[[], SystemdBus],
        *,
        answer_s: float,
        starts: Callable[[str, float], tuple[float, ...] | None],
    ) -> None:
        self._connect = connect
        self._answer_s = answer_s
        self._starts = starts

    def carry_out(self, bus: SystemdBus, facts: UnitFacts, order: Order) -> Restarted:
        """Restart, reload or hand over a unit that may be.

        Raises:
            WorldError: refused before anything was done.
        """
        course = _Course(order=order, before=facts, until=time.monotonic() + order.timeout_s)
        self._prepare(bus, course)
        with_it = [name for name, state in bus.states(stopped_with(facts)).items() if state in _UP]
        workers = hold_workers(bus, facts) if course.hands_over else ()
        try:
            return self._act(bus, course, with_it, workers)
        finally:
            for worker in workers:
                worker.close()

    def re_execute(self, bus: SystemdBus, order: Order) -> Restarted:
        """Let systemd replace itself by its installed program; every unit goes on.

        Raises:
            WorldError: it could not be told; nothing was done.
        """
        until = time.monotonic() + order.timeout_s
        before = bus.incarnation()
        bus.re_execute()
        while time.monotonic() < until:
            time.sleep(_PAUSE_S)
            with suppress(WorldError):
                fresh = self._connect()
                try:
                    now = fresh.incarnation()
                finally:
                    fresh.close()
                if is_other_incarnation(before, now):
                    return Restarted(done=True, said="systemd executed itself again; units went on")
        return Restarted(done=False, said=UNKNOWN)

    def _prepare(self, bus: SystemdBus, course: _Course) -> None:
        """What has to be so before systemd is given the job; refused where it is not."""
        if course.before.needs_daemon_reload:
            bus.read_files_again(min(_RELOAD_FILES_S, course.order.timeout_s))
            course.remarks.append("systemd read the changed unit files again")
            course.before = bus.facts([course.before.name]).get(course.before.name, course.before)
            check_allowed(course.before, course.order)
        if not course.reloads:
            self._mind_start_limit(bus, course)
        bus.follow_jobs()

    def _mind_start_limit(self, bus: SystemdBus, course: _Course) -> None:
        """Never burn the last start that systemd allows: wait, or refuse."""
        facts, now = course.before, time.monotonic()
        if facts.active == "failed" and facts.result == START_LIMIT:
            bus.forget_failure(facts.name)
            course.remarks.append("its start limit was hit; systemd was told to forget that")
            return
        if is_looping(facts):
            bus.forget_failure(facts.name)
            course.remarks.append("it crashed again and again; systemd counts its starts anew")
            return
        latest = max(facts.began_at, facts.main_at)
        if facts.burst <= 0 or now - latest >= facts.interval_s:
            return
        told = self._starts(facts.name, facts.interval_s)
        starts = (latest,) * facts.burst if told is None else told or (latest,)
        pause_s = wait_s(starts, facts.burst, facts.interval_s, now)
        limit = f"{facts.burst} starts in {facts.interval_s:g} s"
        if now + pause_s > course.until:
            raise WorldError(
                facts.name,
                f"it was started {len(starts)} times lately and systemd allows {limit}: one more "
                "could leave it down",
                next_act=f"wait {pause_s:.0f} s, or allow the step as long",
            )
        if pause_s > 0:
            time.sleep(pause_s)
            course.until += pause_s
            course.remarks.append(f"waited {pause_s:.1f} s, for systemd allows {limit}")

    def _act(
        self, bus: SystemdBus, course: _Course, with_it: list[str], workers: tuple[Held, ...]
    ) -> Restarted:
        verb = "ReloadUnit" if course.reloads else "RestartUnit"
        try:
            job = bus.begin(verb, course.before.name)
            result = self._result(bus, course, job)
            if result is None:
                return self._overdue(bus, course, job)
            if workers and result == "done":
                course.remarks += await_new_workers(
                    bus, course.before, workers, drain=course.order.drain, until=course.until
                )
            return self._judge(bus, course, result, with_it)
        except CallRefused as fault:
            raise refused_call(fault, course.before.name) from fault
        except WorldError as fault:
            return self._judge_by_what_runs(course, fault, with_it)

    def _result(self, bus: SystemdBus, course: _Course, job: str) -> str | None:
        """How the job ended; nothing where it has not, in the time of the order."""
        drain = course.order.drain
        if drain is None or course.reloads:
            return bus.result(job, course.until)
        result = bus.result(job, min(course.until, time.monotonic() + drain.timeout_s))
        if result is None and self._is(bus, course, "deactivating"):
            course.was_killed = True
            if drain.on_timeout != "kill":
                return None
            bus.kill(course.before.name, signal.SIGKILL)
            course.remarks.append(f"it had not ended after {drain.timeout_s:g} s and was killed")
            course.until = max(course.until, time.monotonic() + _AFTER_KILL_S)
        return result or bus.result(job, course.until)

    def _is(self, bus: SystemdBus, course: _Course, state: str) -> bool:
        name = course.before.name
        return bus.states([name]).get(name) == state

    def _overdue(self, bus: SystemdBus, course: _Course, job: str) -> Restarted:
        """The job has not ended: taken back where nothing was done yet, else left to systemd."""
        facts = bus.facts([course.before.name]).get(course.before.name, course.before)
        untouched = facts.invocation == course.before.invocation and facts.active in _UP
        if untouched and bus.withdraw(job):
            said = "its job waited for others of systemd's all the time and was taken back"
            return Restarted(done=False, said=course.said(said))
        limit = facts.stop_limit_s if facts.active == "deactivating" else facts.start_limit_s
        gives_up = "never gives up" if limit is None else f"gives up after {limit:g} s"
        said = (
            f"its job had not ended in time: it is {facts.active} ({facts.sub}); systemd {gives_up}"
        )
        return Restarted(
            done=False, said=course.said(said), drained=False if course.was_killed else None
        )

    def _judge_by_what_runs(
        self, course: _Course, fault: WorldError, with_it: list[str]
    ) -> Restarted:
        """The connection was lost after systemd was told: what runs says whether it acted."""
        course.remarks.append(f"{fault}; judged by what runs")
        while not course.reloads and time.monotonic() < course.until:
            with suppress(WorldError):
                bus = self._connect()
                try:
                    facts = bus.facts([course.before.name]).get(course.before.name)
                    if facts is not None and is_settled(facts):
                        return self._judge(bus, course, "done", with_it)
                finally:
                    bus.close()
            time.sleep(_PAUSE_S)
        return Restarted(done=False, said=UNKNOWN)

    def _judge(
        self, bus: SystemdBus, course: _Course, result: str, with_it: list[str]
    ) -> Restarted:
        before = course.before
        facts = self._after_reloading(bus, course)
        if facts is None:
            return Restarted(done=False, said=course.said("the unit is gone"))
        reason = verdict_on_job(result, facts, before, renews=not course.reloads)
        if with_it:
            course.remarks.append(self._came_back(bus, with_it))
        return Restarted(
            done=not reason,
            said=course.said(reason or _done_words(facts, before, reloads=course.reloads)),
            drained=None
            if course.reloads
            else was_drained(facts, before, killed=course.was_killed),
            times=times_of(facts, before, monotonic_offset_s()),
        )

    def _after_reloading(self, bus: SystemdBus, course: _Course) -> UnitFacts | None:
        """The unit, once it no longer says of itself that it reloads: it may, after its job."""
        while True:
            facts = bus.facts([course.before.name]).get(course.before.name)
            over = time.monotonic() >= course.until
            if facts is None or facts.active != "reloading" or over:
                return facts
            time.sleep(_PAUSE_S)

    def _came_back(self, bus: SystemdBus, names: list[str]) -> str:
        """What became of the units that systemd restarted with it, after some time for them."""
        until = time.monotonic() + _BACK_S
        while True:
            states = bus.states(names)
            lost = [name for name in names if states.get(name) not in _UP]
            if not lost:
                return f"restarted with it: {', '.join(names)}"
            if time.monotonic() >= until:
                return f"stopped with it and not back: {', '.join(lost)}"
            time.sleep(_PAUSE_S)


def check_allowed(facts: UnitFacts, order: Order) -> None:
    """Refuse what must not be done to the unit.

    Raises:
        WorldError: why; nothing was done.
    """
    refused = refusal(facts, order.action)
    if refused is not None:
        reason, next_act = refused
        raise WorldError(order.service, reason, next_act=next_act)


def _done_words(facts: UnitFacts, before: UnitFacts, *, reloads: bool) -> str:
    if reloads:
        return "systemd reloaded it"
    return f"systemd restarted it: run {facts.invocation[:8]} follows {before.invocation[:8]}"

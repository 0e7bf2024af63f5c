"""One service of pmon or sm, run as a program or by a script, and everything that can happen to it.

A moment is immutable; `moves` yields every moment that can follow it. Of a script it is told apart
what its manager knows from what really runs: scripts lie, and processes die unseen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, NamedTuple

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager
from insvc.supervise import pmon, sm
from insvc.supervise.definition import ActionRule, ScriptControl, ServiceDefinition
from insvc.supervise.script_control import event_of
from insvc.supervise.unit import Do, Duty, Event, Unit, called, launched

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
_SCRIPT = ProcessIdentity(boot_id="b", pid=8, start_ticks=9)
_MOST = 3
_AT_REST = 40


class BrokenLaw(AssertionError):
    """A law of supervision does not hold."""


class Kind(NamedTuple):
    """A manager, and how it controls its service.

    Attributes:
        manager: pmon or sm.
        control: `program`, `handing` (one that hands its socket over), `script` (with a process
            and a pid file) or `bare` (without a process).
        on_timeout: what becomes of one that does not end in its drain time.
    """

    manager: Manager
    control: str
    on_timeout: str = "kill"

    @property
    def is_program(self) -> bool:
        """Whether its manager launches it itself."""
        return self.control in {"program", "handing"}

    @property
    def rules(self) -> ModuleType:
        """The manager's table and decisions."""
        return sm if self.manager is Manager.SM else pmon


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What the manager knows, and what is really there.

    Attributes:
        kind: which manager and control.
        unit: what is known of the service; `wanted`: whether it is to be up.
        runs: it really serves (its process lives).
        next_runs: its successor lives; `old_runs`: so does the one it has relieved.
        script: what the script at work was called for; absent where none is.
        now: seconds of the manager's clock.
    """

    kind: Kind
    unit: Unit
    wanted: bool = True
    runs: bool = False
    next_runs: bool = False
    old_runs: bool = False
    script: str | None = None
    now: float = 0.0

    @property
    def duty(self) -> Duty:
        """What the manager is to keep up."""
        return Duty(closing=not self.wanted)

    @property
    def is_up(self) -> bool:
        """Whether its manager says that it serves."""
        return bool(self.unit.state == self.kind.rules.MACHINE.up)

    @property
    def is_down(self) -> bool:
        """Whether its manager says that it is down and stays so."""
        return self.unit.state in {pmon.State.STOPPED, sm.State.DISABLED}

    @property
    def key(self) -> object:
        """What makes it another moment: counters without a limit and absolute times do not."""
        unit = self.unit
        due = tuple(sorted((str(event), round(at - self.now, 3)) for event, at in unit.due))
        spent = (unit.spent.deaths, unit.spent.failed_actions, unit.spent.failed_transitions)
        counts = (unit.failures, unit.misses, unit.tries, *spent)
        return (
            unit.state,
            unit.main is not None,
            unit.registered,
            unit.refused,
            unit.drained,
            unit.act,
            unit.acting is not None,
            unit.spent.condition,
            tuple(min(one, _MOST) for one in counts),
            due,
            self.wanted,
            self.runs,
            (self.next_runs, unit.next is not None),
            (self.old_runs, unit.old is not None),
            self.script,
        )


def first(kind: Kind) -> Moment:
    """It is down and wanted."""
    rule = ActionRule(timeout_s=5.0, retries=1, pause_s=1.0)
    script = ScriptControl(
        style="lsb", name="x", has_process=kind.control == "script", start=rule, stop=rule
    )
    definition = ServiceDefinition(
        name="x",
        manager=kind.manager,
        package="x",
        command=("p",) if kind.is_program else (),
        script=None if kind.is_program else script,
        pidfile="" if kind.control == "bare" else "run/x.pid",
        drain=DrainRule(
            timeout_s=2.0, on_timeout="leave" if kind.on_timeout == "leave" else "kill"
        ),
        startup_s=1.0,
        ready_timeout_s=2.0,
        debounce_s=4.0,
        restarts=2,
        audit_s=3.0,
        audit_misses=2,
        hands_over=kind.control == "handing",
    )
    down = sm.State.DISABLED if kind.manager is Manager.SM else pmon.State.STOPPED
    return settled(Moment(kind=kind, unit=Unit(definition=definition, state=down)))


def moves(now: Moment) -> Iterator[tuple[str, Moment]]:
    """All that can happen next, by name."""
    machine = now.kind.rules.MACHINE
    if now.runs:
        yield "it dies", died(now)
    if now.script is not None:
        for code in (0, 1):
            for runs in {now.runs, now.script == "start"}:
                yield f"its script ends with {code}, runs: {runs}", script_ended(now, code, runs)
    if now.unit.state == machine.starting and knows_main(now):
        yield "it is ready", settled(fed(now, Event.READY))
        yield "it is not ready", settled(fed(now, Event.NOT_READY))
    if now.unit.state == machine.up:
        yield "it answers", settled(fed(now, Event.ALIVE))
        yield "it is silent", settled(fed(now, Event.SILENT))
    yield from _moves_of_two(now)
    yield from _moves_of_sm(now)
    yield "it is restarted", settled(fed(now, Event.STOP))
    yield "time passes", later(now)
    refused = replace(now.unit, refused=False)
    yield "it is wanted or not", settled(replace(now, unit=refused, wanted=not now.wanted))


def _moves_of_two(now: Moment) -> Iterator[tuple[str, Moment]]:
    """What can happen to the successor, and to the one that it relieves."""
    is_alone = now.unit.next is None and now.unit.old is None
    if now.kind.control == "handing" and now.is_up and now.wanted and is_alone:
        yield "it is to hand over", settled(fed(now, Event.HAND_OVER))
    if now.next_runs:
        yield "its successor dies", next_died(now)
        yield "its successor is ready", settled(fed(now, Event.NEXT_READY))
    if now.old_runs:
        yield "the old one dies", old_died(now)


def _moves_of_sm(now: Moment) -> Iterator[tuple[str, Moment]]:
    """What only sm looks for: ways that take too long in all, and what runs and should not."""
    if now.kind.manager is not Manager.SM:
        return
    if now.unit.state in {sm.State.ENABLING, sm.State.DISABLING, sm.State.ENDING}:
        yield "it takes too long in all", settled(fed(now, Event.OUT_OF_TIME))
    if now.is_down and now.runs and not now.kind.is_program:
        yield "it is seen to run", settled(fed(now, Event.STRAY))


def next_died(now: Moment) -> Moment:
    """The successor has ended before its time came."""
    return settled(fed(replace(now, next_runs=False), Event.NEXT_EXITED))


def old_died(now: Moment) -> Moment:
    """The one that was relieved has ended."""
    return settled(fed(replace(now, old_runs=False), Event.OLD_EXITED))


def knows_main(now: Moment) -> bool:
    """Whether a look can be answered: its process is known, or it has none."""
    return now.unit.main is not None or now.kind.control == "bare"


def died(now: Moment) -> Moment:
    """What serves has ended; its manager sees that where it holds the process."""
    gone = replace(now, runs=False)
    return settled(fed(gone, Event.EXITED)) if now.unit.main is not None else gone


def script_ended(now: Moment, code: int, runs: bool) -> Moment:
    """The script at work has ended with that status, and the service then runs or does not."""
    script = now.unit.definition.script
    assert script is not None
    event, _ = event_of(script, now.unit.act, code)
    then = replace(now, script=None, runs=runs, unit=replace(now.unit, acting=None))
    then = fed(then, event)
    if now.runs and not runs and then.unit.main is not None:
        then = fed(then, Event.EXITED)
    return settled(then)


def later(now: Moment) -> Moment:
    """The next events of the calendar happen."""
    if not now.unit.due:
        return now
    then = replace(now, now=max(now.now, min(at for _, at in now.unit.due)))
    for event, at in now.unit.due:
        if at <= then.now:
            then = fed(then, event)
    return settled(then)


def settled(now: Moment) -> Moment:
    """The moment once its manager has nothing more to wish for.

    Raises:
        BrokenLaw: it never comes to rest, or says it is down while it holds a process.
    """
    for _ in range(_AT_REST):
        wishes = now.kind.rules.decide(now.duty, {"x": now.unit})
        if not wishes:
            break
        for _, event in wishes:
            now = fed(now, event)
    else:
        raise BrokenLaw("its manager never comes to rest")
    if now.is_down and now.unit.main is not None:
        raise BrokenLaw("it is called down while its process is held")
    if now.is_down and now.script == "start":
        raise BrokenLaw("it is called down while it is being started")
    return now


def fed(now: Moment, event: Event) -> Moment:
    """The event has happened to the service, and what its manager asks for is done.

    Raises:
        BrokenLaw: what it asks for breaks one.
    """
    unit, actions = now.kind.rules.advance(now.unit, event, now.now)
    then = replace(now, unit=unit)
    for action in actions:
        act = _HANDS.get(action)
        if act is not None:
            then = act(then)
    return then


def _launch(now: Moment) -> Moment:
    if not now.wanted:
        raise BrokenLaw("it is started, and nobody wants it")
    if now.unit.main is not None:
        raise BrokenLaw("it is started while its process is held")
    if not now.kind.is_program:
        return _call(now, "start")
    if now.runs:
        raise BrokenLaw("it is started twice")
    return replace(now, unit=launched(now.unit, ME, now.now), runs=True)


def _signal(now: Moment) -> Moment:
    if now.unit.registered and now.unit.main is not None:
        raise BrokenLaw("it is signalled while its death would count")
    return now if now.kind.is_program else _call(now, "stop")


def _launch_next(now: Moment) -> Moment:
    if not now.wanted or now.next_runs:
        raise BrokenLaw("a successor is launched beside another, or for nobody")
    return replace(now, unit=replace(now.unit, next=ME, next_at=now.now), next_runs=True)


def _take_next(now: Moment) -> Moment:
    """The successor is the main process; the old one lives on where it was relieved."""
    if now.unit.old is None:
        return replace(now, runs=now.next_runs, next_runs=False)
    if now.old_runs:
        raise BrokenLaw("one is relieved while another still finishes")
    return replace(now, runs=now.next_runs, next_runs=False, old_runs=now.runs)


def _call(now: Moment, act: str) -> Moment:
    """One script at a time: another call waits for the end of the one at work, which is ended."""
    if now.script is not None:
        return now
    return replace(now, unit=called(now.unit, act, _SCRIPT, now.now), script=act)


def _sweep(now: Moment) -> Moment:
    """Nothing of it is left; of what has no process nobody knows."""
    return now if now.kind.control == "bare" else replace(now, runs=False)


def _look(now: Moment) -> Moment:
    """Its process is found by the pid file, where it lives."""
    if knows_main(now):
        return now
    if now.runs:
        return replace(now, unit=replace(now.unit, main=ME))
    return fed(now, Event.NOT_READY)


_HANDS: dict[Any, Callable[[Moment], Moment]] = {
    Do.LAUNCH: _launch,
    Do.SIGNAL: _signal,
    Do.LAUNCH_NEXT: _launch_next,
    Do.TAKE_NEXT: _take_next,
    Do.SWEEP: _sweep,
    Do.LOOK: _look,
}

"""Two services of sm, one of which needs the other, and everything that can happen to them.

A moment is immutable; `moves` yields every moment that can follow it. Programs start, get ready,
die and end as the moves say; time goes on from one event of a calendar to the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise import sm
from insvc.supervise.budget import Spent
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.sm import State
from insvc.supervise.unit import Do, Duty, Event, Unit, launched

NEEDS = {"db": (), "api": ("db",)}
UP, DOWN = State.ENABLED_ACTIVE, State.DISABLED
_MOST_FAILURES = 3
_AT_REST = 40


class BrokenLaw(AssertionError):
    """A law of supervision does not hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What sm knows, and what really runs.

    Attributes:
        units: what is known of each service; duty: what sm is to keep up.
        alive: services whose process runs, each with its pid.
        now: seconds of the manager's clock.
    """

    units: dict[str, Unit]
    duty: Duty
    alive: dict[str, int]
    now: float = 0.0

    @property
    def key(self) -> object:
        """What makes it another moment: counters without a limit and absolute times do not."""
        return (
            tuple(_unit_key(one, self.now) for one in self.units.values()),
            (self.duty.role, self.duty.locked, self.duty.closing, self.duty.held),
            frozenset(self.alive),
        )


def first(on_timeout: str = "kill") -> Moment:
    """Both are down and wanted."""
    units = {
        name: Unit(
            definition=ServiceDefinition(
                name=name,
                manager=Manager.SM,
                package=name,
                command=("p",),
                pidfile=f"run/{name}.pid",
                depends_on=needs,
                runs_when="active",
                drain=DrainRule(
                    timeout_s=2.0, on_timeout="kill" if on_timeout == "kill" else "leave"
                ),
                startup_s=1.0,
                ready_timeout_s=2.0,
                debounce_s=4.0,
                restarts=2,
            ),
            state=DOWN,
        )
        for name, needs in NEEDS.items()
    }
    return settled(Moment(units=units, duty=Duty(role=Role.ACTIVE), alive={}))


def moves(now: Moment) -> Iterator[tuple[str, Moment]]:
    """All that can happen next, by name."""
    for name in NEEDS:
        if name in now.alive:
            yield f"{name} dies", died(now, name)
            yield f"{name} is ready", heard(now, name, Event.READY)
            yield f"{name} is not ready", heard(now, name, Event.NOT_READY)
            yield f"{name} hangs", heard(now, name, Event.HUNG)
        yield f"restart {name} alone", settled(fed(now, name, Event.STOP))
        held = sm.hold(now.duty, now.units, name)
        yield f"restart {name} and its dependants", settled(replace(now, duty=held))
    yield "time passes", later(now)
    other = Role.STANDBY if now.duty.role is Role.ACTIVE else Role.ACTIVE
    yield f"become {other}", settled(_asked(now, replace(now.duty, role=other)))
    locked = replace(now.duty, locked=not now.duty.locked)
    yield "lock or unlock", settled(_asked(now, locked))


def died(now: Moment, name: str) -> Moment:
    """The service's process has ended."""
    alive = {one: pid for one, pid in now.alive.items() if one != name}
    return settled(fed(replace(now, alive=alive), name, Event.EXITED))


def heard(now: Moment, name: str, event: Event) -> Moment:
    """A look has come back; an answer of another state is dropped, as the engine drops it."""
    expected = UP if event is Event.HUNG else State.ENABLING
    return settled(fed(now, name, event)) if now.units[name].state == expected else now


def later(now: Moment) -> Moment:
    """The next events of all calendars happen."""
    due = [at for unit in now.units.values() for _, at in unit.due]
    if not due:
        return now
    then = replace(now, now=max(now.now, min(due)))
    for name, unit in now.units.items():
        for event, at in unit.due:
            if at <= then.now:
                then = fed(then, name, event)
    return settled(then)


def settled(now: Moment) -> Moment:
    """The moment once sm has nothing more to wish for.

    Raises:
        BrokenLaw: it never comes to rest.
    """
    for _ in range(_AT_REST):
        now = replace(now, duty=sm.release(now.duty, now.units))
        wishes = sm.decide(now.duty, now.units)
        if not wishes:
            return now
        for name, event in wishes:
            if event is Event.STOP:
                _check_order(now, name)
            now = fed(now, name, event)
    raise BrokenLaw("sm never comes to rest")


def fed(now: Moment, name: str, event: Event) -> Moment:
    """The event has happened to the service.

    Raises:
        BrokenLaw: what sm asks for breaks one.
    """
    unit, actions = sm.advance(now.units[name], event, now.now)
    then = replace(now, units={**now.units, name: unit})
    for action in actions:
        then = _carried_out(then, name, action)
    return then


def _carried_out(now: Moment, name: str, action: Do) -> Moment:
    unit = now.units[name]
    if action in {Do.SIGNAL, Do.KILL} and unit.registered:
        raise BrokenLaw(f"{name} is signalled while its death would count")
    if action is not Do.LAUNCH:
        return now
    if name in now.alive:
        raise BrokenLaw(f"{name} is started twice")
    if not now.duty.wants(unit.definition):
        raise BrokenLaw(f"{name} is started, and nobody wants it")
    for need in NEEDS[name]:
        if now.units[need].state != UP:
            raise BrokenLaw(f"{name} is started before {need} is up")
    pid = unit.starts + 1
    main = ProcessIdentity(boot_id="b", pid=pid, start_ticks=pid)
    units = {**now.units, name: launched(unit, main, now.now)}
    return replace(now, units=units, alive={**now.alive, name: pid})


def _check_order(now: Moment, name: str) -> None:
    """What goes down because it is no longer wanted goes after all that needs it."""
    for one, needs in NEEDS.items():
        unit = now.units[one]
        is_going = not now.duty.wants(unit.definition) and not unit.refused
        if name in needs and is_going and one in now.alive:
            raise BrokenLaw(f"{name} is stopped before {one}, which needs it and goes as well")


def _asked(now: Moment, duty: Duty) -> Moment:
    """A new duty; what had refused to stop may be asked again, as the engine has it."""
    units = {name: replace(unit, refused=False) for name, unit in now.units.items()}
    return replace(now, duty=duty, units=units)


def _unit_key(unit: Unit, now: float) -> object:
    due = tuple(sorted((str(event), round(at - now, 3)) for event, at in unit.due))
    spent: Spent = unit.spent
    counts = (spent.deaths, spent.failed_actions, spent.failed_transitions)
    return (
        unit.state,
        unit.main is not None,
        unit.registered,
        min(unit.failures, _MOST_FAILURES),
        unit.misses,
        unit.refused,
        unit.drained,
        tuple(min(one, _MOST_FAILURES) for one in counts),
        spent.condition,
        due,
    )

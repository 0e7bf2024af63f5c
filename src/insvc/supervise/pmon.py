"""pmon: keeps the processes of a host alive, whatever the host's role.

A death is met at once; only starts that fail are paced. Stops and restarts that were asked for
never touch the failure budget, and every start, asked for or not, is judged by the same look.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from insvc.supervise import status_check
from insvc.supervise.hand_over import with_hand_over
from insvc.supervise.machine import Machine
from insvc.supervise.script_control import rows_of_scripts
from insvc.supervise.unit import Do, Duty, Event, Unit

ALWAYS_UP = ("sm",)


class State(StrEnum):
    """What pmon does with a service."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    ENDING = "ending"
    WAITING = "waiting"
    FAILED = "failed"
    HANDING_OVER = "handing-over"
    RELIEVING = "relieving"


_START = (Do.DELETE_PIDFILE, Do.LAUNCH)
_STOP = (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.SIGNAL)
_FORCE = (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.KILL)
_GONE = (Do.SWEEP, Do.DELETE_PIDFILE)

_OWN: Mapping[tuple[State, Event], tuple[State, tuple[Do, ...]]] = MappingProxyType(
    {
        (State.STOPPED, Event.START): (State.STARTING, _START),
        (State.STARTING, Event.LOOK_DUE): (State.STARTING, (Do.LOOK,)),
        (State.STARTING, Event.NOT_READY): (State.STARTING, ()),
        (State.STARTING, Event.READY): (State.RUNNING, ()),
        (State.STARTING, Event.EXITED): (State.WAITING, (Do.COUNT, *_GONE)),
        (State.STARTING, Event.EXHAUSTED): (State.FAILED, (Do.COUNT, *_GONE)),
        (State.STARTING, Event.OVERDUE): (
            State.ENDING,
            _FORCE,
        ),
        (State.STARTING, Event.STOP): (State.STOPPING, _STOP),
        (State.RUNNING, Event.EXITED): (State.STARTING, (Do.COUNT, Do.SWEEP, *_START)),
        (State.RUNNING, Event.EXHAUSTED): (State.FAILED, (Do.COUNT, *_GONE)),
        (State.RUNNING, Event.ENDED): (State.STOPPED, _GONE),
        (State.RUNNING, Event.SETTLED): (State.RUNNING, (Do.FORGIVE,)),
        (State.RUNNING, Event.AUDIT_DUE): (State.RUNNING, (Do.AUDIT,)),
        (State.RUNNING, Event.ALIVE): (State.RUNNING, (Do.HEAR,)),
        (State.RUNNING, Event.SILENT): (State.RUNNING, (Do.MISS,)),
        (State.RUNNING, Event.HUNG): (State.ENDING, _FORCE),
        (State.RUNNING, Event.STOP): (State.STOPPING, _STOP),
        (State.STOPPING, Event.EXITED): (State.STOPPED, _GONE),
        (State.STOPPING, Event.OVERDUE): (State.STOPPING, (Do.KILL,)),
        (State.STOPPING, Event.LEFT): (State.RUNNING, (Do.REGISTER, Do.REFUSE)),
        (State.ENDING, Event.EXITED): (State.WAITING, (Do.COUNT, *_GONE)),
        (State.ENDING, Event.EXHAUSTED): (State.FAILED, (Do.COUNT, *_GONE)),
        (State.ENDING, Event.STOP): (State.STOPPING, (Do.KILL,)),
        (State.WAITING, Event.RETRY_DUE): (State.STARTING, _START),
        (State.WAITING, Event.START): (State.STARTING, _START),
        (State.WAITING, Event.STOP): (State.STOPPED, ()),
        (State.FAILED, Event.RETRY_DUE): (State.STARTING, _START),
        (State.FAILED, Event.START): (State.STARTING, _START),
        (State.FAILED, Event.STOP): (State.STOPPED, ()),
        **rows_of_scripts(State.STARTING, State.STOPPING, State.ENDING),
    }
)
TABLE = MappingProxyType(
    with_hand_over(
        _OWN,
        up=State.RUNNING,
        starting=State.STARTING,
        handing=State.HANDING_OVER,
        relieving=State.RELIEVING,
    )
)

MACHINE = Machine(
    states=State,
    table=TABLE,
    starting=State.STARTING,
    up=State.RUNNING,
    stopping=State.STOPPING,
    ending=State.ENDING,
    failed=State.FAILED,
    handing=State.HANDING_OVER,
    relieving=State.RELIEVING,
)
OF_RECOVERY = frozenset({Event.EXITED, Event.RETRY_DUE, Event.SILENT, Event.HUNG, Event.NOT_READY})
"""What leads to another start, or is a judgement."""
_UNJUDGED = {Event.RETRY_DUE: Event.STOP, Event.SILENT: Event.ALIVE, Event.HUNG: Event.ALIVE}


def advance(unit: Unit, event: Event, now: float) -> tuple[Unit, tuple[Do, ...]]:
    """One event in the life of a process, or of a service that only its script can judge.

    The failures of one in active mode are forgotten for its answers, not because time has passed.
    """
    if unit.definition.status_check is not None:
        return status_check.advance(unit, event, now)
    after, actions = MACHINE.advance(unit, event, now)
    if unit.definition.active_check is not None:
        due = tuple(one for one in after.due if one[0] is not Event.SETTLED)
        after = replace(after, due=due)
    return after, actions


def leave_alone(unit: Unit, event: Event, now: float) -> tuple[Unit, tuple[Do, ...]]:
    """The same while the process is neither to be started again nor to be judged.

    Its end is an end, no failure; it is started once it may be, as one that is down.
    """
    if unit.definition.status_check is not None:
        return (unit, ()) if event is Event.NOT_READY else advance(unit, event, now)
    if event is Event.EXITED and unit.state == State.RUNNING:
        after, actions = advance(replace(unit, managed=False), event, now)
        return replace(after, managed=unit.managed), actions
    return advance(unit, _UNJUDGED.get(event, event), now)


def decide(duty: Duty, units: Mapping[str, Unit]) -> tuple[tuple[str, Event], ...]:
    """What must happen so that what runs is what is wanted. Nothing, once it is."""
    return tuple(_wishes(duty, units.values()))


def _wishes(duty: Duty, units: Iterable[Unit]) -> Iterable[tuple[str, Event]]:
    for unit in units:
        is_wanted = duty.wants(unit.definition, always_up=ALWAYS_UP)
        if is_wanted and unit.state == State.STOPPED:
            yield unit.definition.name, Event.START
        down = {State.STOPPED, State.STOPPING}
        if not is_wanted and unit.state not in down and not unit.refused:
            yield unit.definition.name, Event.STOP

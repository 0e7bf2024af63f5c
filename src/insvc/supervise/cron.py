"""cron: starts jobs on their schedule, one run of a job at a time, never stopped mid-run.

A job is started afresh for every run, so replaced code is used from its next run on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from insvc.model.cron_schedule import next_run
from insvc.supervise.unit import OF_THE_UNIT, Do, Duty, Event, Unit, apply_to_unit, ended


class State(StrEnum):
    """What cron does with a job."""

    IDLE = "idle"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    LAST_RUN = "last-run"


TABLE: Mapping[tuple[State, Event], tuple[State, tuple[Do, ...]]] = MappingProxyType(
    {
        (State.IDLE, Event.START): (State.SCHEDULED, ()),
        (State.SCHEDULED, Event.RUN_DUE): (State.RUNNING, (Do.DELETE_PIDFILE, Do.LAUNCH)),
        (State.SCHEDULED, Event.STOP): (State.IDLE, ()),
        (State.RUNNING, Event.EXITED): (State.SCHEDULED, (Do.SWEEP, Do.DELETE_PIDFILE)),
        (State.RUNNING, Event.STOP): (State.LAST_RUN, ()),
        (State.LAST_RUN, Event.START): (State.RUNNING, ()),
        (State.LAST_RUN, Event.EXITED): (State.IDLE, (Do.SWEEP, Do.DELETE_PIDFILE)),
    }
)


def advance(unit: Unit, event: Event, now: float) -> tuple[Unit, tuple[Do, ...]]:
    """The job after the event, and what the world is to be asked for.

    Args:
        unit: the job.
        event: what happened; one that the table does not know in this state changes nothing.
        now: seconds since the epoch.
    """
    was = State(unit.state)
    if (was, event) not in TABLE:
        return unit, ()
    state, actions = TABLE[was, event]
    after = apply_to_unit(ended(unit, now) if event is Event.EXITED else unit, actions)
    due = ((Event.RUN_DUE, next_start(after, now)),) if state is State.SCHEDULED else ()
    after = replace(after, state=state, due=due)
    return after, tuple(one for one in actions if one not in OF_THE_UNIT)


def next_start(unit: Unit, now: float) -> float:
    """When the job is to run next, in seconds since the epoch. Schedules are read as UTC.

    Raises:
        ValueError: its schedule never comes true.
    """
    after = datetime.fromtimestamp(now, tz=UTC)
    return next_run(unit.definition.schedule or "", after).timestamp()


def reckoned(unit: Unit, now: float) -> Unit:
    """The job with its next run as the clock stands now, which may have been set meanwhile.

    What was due before stays due, so a clock set forward over a run makes up for it once; set
    back, the schedule begins anew from there.
    """
    if unit.state != State.SCHEDULED:
        return unit
    due = ((Event.RUN_DUE, min(next_start(unit, now), *(at for _, at in unit.due))),)
    return unit if unit.due == due else replace(unit, due=due)


def decide(duty: Duty, units: Mapping[str, Unit]) -> tuple[tuple[str, Event], ...]:
    """What must happen so that the jobs of this role are scheduled, and no others."""
    return tuple(_wishes(duty, units.values()))


def _wishes(duty: Duty, units: Iterable[Unit]) -> Iterable[tuple[str, Event]]:
    for unit in units:
        is_scheduled = unit.state in {State.SCHEDULED, State.RUNNING}
        if duty.wants(unit.definition) and not is_scheduled:
            yield unit.definition.name, Event.START
        if not duty.wants(unit.definition) and is_scheduled:
            yield unit.definition.name, Event.STOP

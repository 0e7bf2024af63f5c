"""A restart in which the old process serves until the new one is ready, on one socket.

The manager keeps the listening socket. The successor is launched beside the old process; once it
has said that it is ready it is the main process, and the old one is relieved: asked to finish what
it has begun. A successor that fails changes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from insvc.supervise.unit import Do, Event, Unit

S = TypeVar("S", bound=StrEnum)
Table = Mapping[tuple[S, Event], tuple[S, tuple[Do, ...]]]


def with_hand_over(table: Table[S], *, up: S, starting: S, handing: S, relieving: S) -> Table[S]:
    """The table, and the states in which a service has two processes.

    Where the old process dies before the successor is ready, the successor is judged as every
    start is. Where the successor dies later, the service has died; the old one has been told to
    end, so it is ended. An end of either of the two may be met in any state.
    """
    states = dict.fromkeys((*(state for state, _ in table), handing, relieving))
    rows: dict[tuple[S, Event], tuple[S, tuple[Do, ...]]] = {**table}
    rows |= {(state, Event.NEXT_EXITED): (state, (Do.LET_NEXT_GO,)) for state in states}
    rows |= {(state, Event.OLD_EXITED): (state, (Do.LET_OLD_GO,)) for state in states}
    rows |= {
        (up, Event.HAND_OVER): (handing, (Do.LAUNCH_NEXT,)),
        (handing, Event.NEXT_READY): (relieving, (Do.TAKE_NEXT, Do.SIGNAL_OLD)),
        (handing, Event.NEXT_EXITED): (up, (Do.LET_NEXT_GO,)),
        (handing, Event.OVERDUE): (handing, (Do.KILL_NEXT,)),
        (handing, Event.EXITED): (starting, (Do.COUNT, Do.SWEEP, Do.TAKE_NEXT)),
        (relieving, Event.OLD_EXITED): (up, (Do.LET_OLD_GO,)),
        (relieving, Event.OVERDUE): (relieving, (Do.KILL_OLD,)),
        (relieving, Event.LEFT): (up, ()),
    }
    for state, end in ((handing, Do.KILL_NEXT), (relieving, Do.KILL_OLD)):
        target, actions = table[up, Event.STOP]
        rows[state, Event.STOP] = (target, (end, *actions))
    for event in (Event.EXITED, Event.EXHAUSTED):
        target, actions = table[up, event]
        rows[relieving, event] = (target, (Do.KILL_OLD, *actions))
    return rows


def changed(unit: Unit, event: Event, actions: tuple[Do, ...], now: float) -> Unit:
    """The unit with the main process that it has after the event."""
    if event is Event.NEXT_EXITED:
        return replace(unit, next=None)
    if event is Event.OLD_EXITED:
        return replace(unit, old=None, stopped_at=now)
    if Do.TAKE_NEXT not in actions:
        return unit
    is_ready = event is Event.NEXT_READY
    return replace(
        unit,
        old=unit.main if is_ready else None,
        main=unit.next,
        next=None,
        misses=0,
        starts=unit.starts + 1,
        started_at=unit.next_at,
        ready_at=now if is_ready else None,
    )


def draining(unit: Unit, event: Event, *, is_entered: bool, is_left: bool) -> Unit:
    """What is known of the end of the old process, for a unit that is or was being relieved."""
    if is_entered:
        unit = replace(unit, drained=True)
    if event in {Event.OVERDUE, Event.LEFT}:
        unit = replace(unit, drained=False)
    return replace(unit, drain=None) if is_left else unit

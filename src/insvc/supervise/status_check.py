"""pmon's status mode: a script judges a service that pmon starts and never stops.

A look has three ends: the service is up, it is down, or nobody knows (the script did not end, could
not be run, or says so itself). Only the second one is a failure; the third is told once it has come
as often in a row as failures are allowed, and starts nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from insvc.model.alarm import PROCESS_FAILED, Alarm
from insvc.supervise.definition import ScriptControl
from insvc.supervise.exit_codes import Answer, lsb_answer, ocf_answer
from insvc.supervise.unit import OF_THE_UNIT, Do, Event, Unit, apply_to_unit, retry_pause_s

_NOT_RUN: Final = frozenset({125, 126, 127})
"""What `timeout` and shells end with where the program itself was not, or could not be, run."""
_NO_VERDICT: Final = frozenset(
    {
        Answer.WRONG_ARGUMENTS,
        Answer.UNIMPLEMENTED,
        Answer.NOT_PERMITTED,
        Answer.NOT_INSTALLED,
        Answer.NOT_CONFIGURED,
    }
)
_LONGEST_TEXT: Final = 400


class State(StrEnum):
    """What is known of a service in status mode. `stopped`: it is not looked at."""

    STOPPED = "stopped"
    ASKED = "asked"
    WELL = "well"
    DOWN = "down"
    UNJUDGED = "unjudged"


def _rows() -> dict[tuple[State, Event], tuple[State, tuple[Do, ...]]]:
    rows: dict[tuple[State, Event], tuple[State, tuple[Do, ...]]] = {
        (State.STOPPED, Event.START): (State.ASKED, (Do.LOOK,)),
        (State.DOWN, Event.RETRY_DUE): (State.DOWN, ()),
        (State.UNJUDGED, Event.RETRY_DUE): (State.UNJUDGED, ()),
    }
    for state in (State.ASKED, State.WELL, State.DOWN, State.UNJUDGED):
        rows |= {
            (state, Event.AUDIT_DUE): (state, (Do.LOOK,)),
            (state, Event.READY): (State.WELL, (Do.FORGIVE, Do.HEAR)),
            (state, Event.NOT_READY): (State.DOWN, (Do.COUNT, Do.HEAR, Do.LAUNCH)),
            (state, Event.EXHAUSTED): (State.DOWN, (Do.COUNT, Do.HEAR)),
            (state, Event.LEFT): (State.DOWN, (Do.HEAR,)),
            (state, Event.SILENT): (State.UNJUDGED, (Do.MISS,)),
            (state, Event.STOP): (State.STOPPED, ()),
        }
    return rows


TABLE: Mapping[tuple[State, Event], tuple[State, tuple[Do, ...]]] = MappingProxyType(_rows())


def advance(unit: Unit, event: Event, now: float) -> tuple[Unit, tuple[Do, ...]]:
    """One event in the life of such a service."""
    was = State(unit.state)
    named = _name(unit, event)
    if (was, named) not in TABLE:
        return unit, ()
    state, actions = TABLE[was, named]
    after = replace(apply_to_unit(unit, actions), state=state)
    if named is Event.READY and was is not State.WELL:
        after = replace(after, ready_at=now, started_at=after.started_at or now)
    after = replace(after, due=_due(after, named, now))
    return after, tuple(one for one in actions if one not in OF_THE_UNIT)


def _name(unit: Unit, event: Event) -> Event:
    """The event by its full name: may it be started at all, and is it time for it already?"""
    if event is not Event.NOT_READY:
        return event
    if unit.is_due(Event.RETRY_DUE):
        return Event.LEFT
    return Event.EXHAUSTED if unit.definition.restarts == 0 else event


def _due(unit: Unit, event: Event, now: float) -> tuple[tuple[Event, float], ...]:
    """The next look stands before the answer of this one does; a lost answer ends no watch."""
    if unit.state == State.STOPPED:
        return ()
    kept = tuple(one for one in unit.due if one[0] is not event)
    if event in {Event.START, Event.AUDIT_DUE}:
        return (*kept, (Event.AUDIT_DUE, now + unit.definition.audit_s))
    if event is Event.READY:
        return tuple(one for one in kept if one[0] is not Event.RETRY_DUE)
    if event is Event.NOT_READY:
        # A little less than the pause: the look at its very end shall not come just too early.
        return (*kept, (Event.RETRY_DUE, now + (retry_pause_s(unit) or 0.0) * 0.9))
    return kept


def verdict(script: ScriptControl, code: int | None) -> Event:
    """What the end of a look says: up (`READY`), down (`NOT_READY`) or nothing (`SILENT`).

    Args:
        script: that was asked.
        code: its exit status, negative where a signal ended it; absent where it did not end.
    """
    if code is None or code < 0 or code in _NOT_RUN:
        return Event.SILENT
    if code == 0:
        return Event.READY
    if script.style != "ocf":
        is_unknown = lsb_answer("status", code) is Answer.UNKNOWN and code == 4  # noqa: PLR2004 - its number for that
        return Event.SILENT if is_unknown else Event.NOT_READY
    answer = ocf_answer("monitor", code)
    if answer.serves:
        return Event.READY
    return Event.SILENT if answer in _NO_VERDICT else Event.NOT_READY


def alarm_of(host: str, unit: Unit, told: str) -> Alarm | None:
    """What is to be told of it beside its failures; nothing where there is nothing.

    Args:
        host: its name.
        unit: the service.
        told: what its script has left for people to read.
    """
    definition = unit.definition
    is_unjudged = unit.misses >= max(definition.restarts, 1)
    if not is_unjudged and not (unit.is_called_failed and told):
        return None
    said = "what its check has left: " + " ".join(told.split())[:_LONGEST_TEXT]
    if is_unjudged:
        said = (
            f"nobody knows whether {definition.name} works: its check has had no verdict "
            f"{max(definition.restarts, 1)} times in a row or more"
        )
    return Alarm(
        alarm=PROCESS_FAILED,
        entity=f"host={host}.process={definition.name}",
        severity=definition.severity,
        text=said,
        next_act=f"read log/{definition.name}.log of {host}, then look at its check",
    )

"""What the managers' tables leave out on purpose: events that mean nothing in some states.

Every event in every state is either a row of its table or named here, with the reason; a test
holds the two to make a whole. A new state or event is therefore decided by whoever adds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from insvc.supervise import cron, pmon, sm
from insvc.supervise.machine import Machine
from insvc.supervise.unit import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignored:
    """Some events that change nothing in some states.

    Attributes:
        events: which; `states`: where.
        why: what makes that right.
    """

    events: tuple[Event, ...]
    states: tuple[str, ...]
    why: str


_LOOKS = (Event.LOOK_DUE, Event.READY, Event.NOT_READY)
_CARE = (Event.SETTLED, Event.AUDIT_DUE, Event.ALIVE, Event.SILENT, Event.HUNG)
_ACTS = (
    Event.ACT_DONE,
    Event.ACT_FAILED,
    Event.ACT_GIVEN_UP,
    Event.ACT_OVERDUE,
    Event.ACT_DUE,
)
_NO_SCRIPT = "no script is at work: what it was called for is over, or was not begun"
_NO_PARTING = "no stop script is at work that could outlive the process that it stops"
_NO_SCHEDULE = "only cron keeps a schedule"
_NO_LOOK = (
    "a look belongs to a start: its timer ends with that, and an answer that comes later is "
    "about a start that is over"
)
_NO_CARE = "only what is up is asked and forgiven; the timers end with that, and late answers too"
_NO_PROCESS = "no process of it is there that could end"
_NO_BUDGET = "the name of a death that uses up the budget: a stop's own end is none"
_NO_REFUSAL = "the name of the end of what had refused to stop, or is not managed, while it was up"
_NO_LEAVE = "the name of a stop that is late and may not be forced"
_NO_LIMIT = "nothing with a limit is under way; the timer ended with the state that set it"
_NO_PAUSE = "no pause is under way; the timer ended with the state that set it"
_GOING_DOWN = "it is down, or on its way, already"
_GOING_UP = (
    "it is up, or on its way; what is being stopped or ended comes to its end first, and whether "
    "it is to start then is decided anew"
)
_NO_WAY_LIMIT = "only sm limits the way between two states as a whole; it is on none here"
_NO_STRAY = "only sm looks for what runs while it is to be down, and only there"
_HANDS_OVER_NOT = "nothing serves that could hand over, or it is being handed over already"
_NO_NEXT = "no successor is awaited; one that is ready too late is being ended"
_HAS_NEXT = "the successor takes its place and is judged as every start is"


def _but(states: Iterable[str], *without: str) -> tuple[str, ...]:
    """All states of a table without those."""
    return tuple(one for one in states if one not in without)


def _of_parts(machine: Machine[Any], every: tuple[str, ...]) -> tuple[Ignored, ...]:
    """What pmon and sm leave out alike, by the part that a state plays among them all."""
    starting, up, stopping, ending = machine.starting, machine.up, machine.stopping, machine.ending
    handing, relieving = machine.handing, machine.relieving
    with_limit = (starting, stopping, ending, handing, relieving)
    return (
        Ignored(events=(Event.RUN_DUE,), states=every, why=_NO_SCHEDULE),
        Ignored(events=_LOOKS, states=_but(every, starting), why=_NO_LOOK),
        Ignored(events=_CARE, states=_but(every, up), why=_NO_CARE),
        Ignored(events=(Event.EXHAUSTED,), states=(stopping,), why=_NO_BUDGET),
        Ignored(events=(Event.ENDED,), states=_but(every, up), why=_NO_REFUSAL),
        Ignored(events=(Event.LEFT,), states=_but(every, stopping, relieving), why=_NO_LEAVE),
        Ignored(events=(Event.OVERDUE,), states=_but(every, *with_limit), why=_NO_LIMIT),
        Ignored(events=_ACTS, states=_but(every, starting, stopping, ending), why=_NO_SCRIPT),
        Ignored(events=(Event.PARTED,), states=_but(every, stopping, ending), why=_NO_PARTING),
        Ignored(events=(Event.HAND_OVER,), states=_but(every, up), why=_HANDS_OVER_NOT),
        Ignored(events=(Event.NEXT_READY,), states=_but(every, handing), why=_NO_NEXT),
        Ignored(events=(Event.EXHAUSTED,), states=(handing,), why=_HAS_NEXT),
    )


_P = pmon.State
_P_BEGINS = (_P.STOPPED, _P.WAITING, _P.FAILED)
_DEATHS = (Event.EXITED, Event.EXHAUSTED)
PMON: tuple[Ignored, ...] = (
    *_of_parts(pmon.MACHINE, tuple(_P)),
    Ignored(events=(Event.ADMIT,), states=tuple(_P), why="only sm lets services wait in line"),
    Ignored(events=(Event.START,), states=_but(_P, *_P_BEGINS), why=_GOING_UP),
    Ignored(events=(Event.STOP,), states=(_P.STOPPED, _P.STOPPING), why=_GOING_DOWN),
    Ignored(events=_DEATHS, states=_P_BEGINS, why=_NO_PROCESS),
    Ignored(events=(Event.RETRY_DUE,), states=_but(_P, _P.WAITING, _P.FAILED), why=_NO_PAUSE),
    Ignored(events=(Event.OUT_OF_TIME,), states=tuple(_P), why=_NO_WAY_LIMIT),
    Ignored(events=(Event.STRAY,), states=tuple(_P), why=_NO_STRAY),
)
_S = sm.State
_S_ON_ITS_WAY = (_S.ENABLING, _S.DISABLING, _S.ENDING)
_NOT_IN_LINE = "it does not wait in line to be enabled"
SM: tuple[Ignored, ...] = (
    *_of_parts(sm.MACHINE, tuple(_S)),
    Ignored(events=(Event.ADMIT,), states=_but(_S, _S.THROTTLED), why=_NOT_IN_LINE),
    Ignored(events=(Event.START,), states=_but(_S, _S.DISABLED, _S.FAILED), why=_GOING_UP),
    Ignored(events=(Event.STOP,), states=(_S.DISABLED, _S.DISABLING), why=_GOING_DOWN),
    Ignored(events=_DEATHS, states=(_S.DISABLED, _S.THROTTLED, _S.FAILED), why=_NO_PROCESS),
    Ignored(events=(Event.RETRY_DUE,), states=_but(_S, _S.THROTTLED, _S.FAILED), why=_NO_PAUSE),
    Ignored(events=(Event.OUT_OF_TIME,), states=_but(_S, *_S_ON_ITS_WAY), why=_NO_WAY_LIMIT),
    Ignored(events=(Event.STRAY,), states=_but(_S, _S.DISABLED), why=_NO_STRAY),
)
_C = cron.State
_RUNS = (_C.RUNNING, _C.LAST_RUN)
CRON: tuple[Ignored, ...] = (
    Ignored(
        events=tuple(
            one
            for one in Event
            if one not in {Event.START, Event.STOP, Event.RUN_DUE, Event.EXITED}
        ),
        states=tuple(_C),
        why="a job is neither looked at nor asked, neither paced nor limited: it ends by itself",
    ),
    Ignored(
        events=(Event.START,),
        states=(_C.SCHEDULED, _C.RUNNING),
        why="it is scheduled already",
    ),
    Ignored(events=(Event.STOP,), states=(_C.IDLE, _C.LAST_RUN), why="it has no next run already"),
    Ignored(
        events=(Event.RUN_DUE,),
        states=_RUNS,
        why="two runs of a job never overlap: the schedule goes on when the run has ended",
    ),
    Ignored(events=(Event.RUN_DUE,), states=(_C.IDLE,), why="it is not scheduled on this host"),
    Ignored(events=(Event.EXITED,), states=(_C.IDLE, _C.SCHEDULED), why=_NO_PROCESS),
)

"""Services that a script starts and stops: what its answers mean, and what they lead to.

The script runs as a process of its own; its end comes back as an event. A start that says "done"
is only believed once a look has found the service up, and a stop once its process is gone.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from insvc.supervise.definition import ActionRule, ScriptControl
from insvc.supervise.exit_codes import Answer, Grade, lsb_answer, ocf_answer, ocf_grade
from insvc.supervise.unit import Do, Event, Unit

GONE_WITHIN_S = 5.0
"""How long a process may outlive its own stop script before it is killed."""

LOOK_PAUSE_S = 0.2
"""Between two looks at a service that is being started: each may run its script."""
OF_ITS_ACTS = frozenset({Event.ACT_DONE, Event.ACT_FAILED, Event.ACT_OVERDUE, Event.ACT_DUE})
"""What sets a service's calendar anew while its script is at work."""

S = TypeVar("S", bound=StrEnum)
_DONE = frozenset(
    {
        Answer.DONE,
        Answer.RUNNING,
        Answer.PROMOTED,
        Answer.DEGRADED,
        Answer.DEGRADED_PROMOTED,
    }
)
_DOWN = _DONE | {Answer.NOT_RUNNING, Answer.NOT_INSTALLED}
"""What a stop may answer: of which the program is not there, nothing can run."""
_LOOKS = {"lsb": "status", "ocf": "monitor", "systemd": "status"}


def rows_of_scripts(
    starting: S, stopping: S, ending: S
) -> Mapping[tuple[S, Event], tuple[S, tuple[Do, ...]]]:
    """What the end of a script leads to, for a table with those states."""
    force = (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.KILL)
    rows: dict[tuple[S, Event], tuple[S, tuple[Do, ...]]] = {
        (starting, Event.ACT_DONE): (starting, ()),
        (starting, Event.ACT_FAILED): (starting, ()),
        (starting, Event.ACT_DUE): (starting, (Do.LAUNCH,)),
        (starting, Event.ACT_OVERDUE): (starting, (Do.END_ACT,)),
        (starting, Event.ACT_GIVEN_UP): (ending, force),
        (ending, Event.OVERDUE): (ending, (Do.KILL,)),
    }
    for state in (stopping, ending):
        rows |= {
            (state, Event.ACT_DONE): (state, ()),
            (state, Event.ACT_FAILED): (state, ()),
            (state, Event.ACT_DUE): (state, (Do.SIGNAL,)),
            (state, Event.ACT_OVERDUE): (state, (Do.END_ACT,)),
            (state, Event.ACT_GIVEN_UP): (state, (Do.KILL,)),
            (state, Event.PARTED): (state, (Do.LET_GO,)),
        }
    return rows


def actions_for(unit: Unit, actions: tuple[Do, ...], *, is_other_state: bool) -> tuple[Do, ...]:
    """The actions as a script carries them out: who is to be forced is first asked to stop."""
    if unit.definition.script is None or not is_other_state:
        return actions
    return tuple(Do.SIGNAL if one is Do.KILL else one for one in actions)


def named(unit: Unit, event: Event, *, is_starting: bool, is_stopping: bool) -> Event:
    """The event by its full name, for a unit that is being started, stopped or ended.

    A process may end before its stop script does: then both are waited for. Where the process is
    gone, the end of the script is the end of the service. A service without a process whose stop
    fails is left as it is: nobody knows whether it is down. A script that was called for another
    state has had its time, and one that was never called cannot be late: it is the turn of the
    one that this state needs.
    """
    is_of_another = event in {Event.ACT_DONE, Event.ACT_FAILED} and unit.tries == 0
    if is_of_another or (event is Event.ACT_OVERDUE and unit.acting is None):
        return Event.ACT_DUE
    if event is Event.EXITED and not is_starting and unit.acting is not None:
        return Event.PARTED
    if event is Event.ACT_FAILED and unit.tries > rule_of(unit, is_start=is_starting).retries:
        event = Event.ACT_GIVEN_UP
    if is_starting or unit.main is not None:
        return event
    if event is Event.ACT_GIVEN_UP and is_stopping and not _has_process(unit):
        return Event.LEFT
    return Event.EXITED if event in {Event.ACT_DONE, Event.ACT_GIVEN_UP} else event


def calendar(
    unit: Unit, event: Event, now: float, *, is_starting: bool
) -> tuple[tuple[Event, float], ...]:
    """What is due after an event of a script, or after its first call (`ACT_DUE`)."""
    rule = rule_of(unit, is_start=is_starting)
    if event is Event.ACT_DONE and not is_starting:
        return ((Event.OVERDUE, now + GONE_WITHIN_S),)
    if event is Event.ACT_DONE:
        look = now + unit.definition.startup_s
        return ((Event.LOOK_DUE, look), (Event.OVERDUE, look + unit.definition.ready_timeout_s))
    if event is Event.ACT_FAILED:
        return ((Event.ACT_DUE, now + rule.pause_s),)
    return ((Event.ACT_OVERDUE, now + rule.timeout_s),)


def rule_of(unit: Unit, *, is_start: bool) -> ActionRule:
    """How its start, or its stop, is tried."""
    script = unit.definition.script
    if script is None:
        return ActionRule()
    return script.start if is_start else script.stop


def event_of(script: ScriptControl, act: str, code: int | None) -> tuple[Event, str]:
    """What the end of a script means for its service, and the same for people.

    Nobody knows how a script ended that an earlier life of its manager has called: a start is then
    judged by the look that follows, a stop is called again.

    Args:
        script: of the service.
        act: `start` or `stop`.
        code: its exit status, negative where a signal ended it; absent where that is not known.
    """
    if code is None:
        unknown = Event.ACT_DONE if act == "start" else Event.ACT_DUE
        return unknown, f"its {act} script ended unseen"
    answer = ocf_answer(act, code) if script.style == "ocf" else lsb_answer(act, code)
    is_done = answer in (_DOWN if act == "stop" else _DONE)
    how = f"status {code}" if code >= 0 else f"signal {-code}"
    said = f"its {act} script ended with {how}: {answer.words}"
    return (Event.ACT_DONE if is_done else Event.ACT_FAILED), said


def word_of(script: ScriptControl, act: str) -> str:
    """What the script is called with for `start`, `stop` or `status`; empty where it has none."""
    if script.style == "ocf":
        return "monitor" if act == "status" else act
    words = {"start": script.start_word, "stop": script.stop_word, "status": script.status_word}
    return words[act]


def grade_of(script: ScriptControl, code: int | None) -> Grade | None:
    """How well a look of the script has found the service to serve; nothing where it does not.

    A look without an end has not found it up.
    """
    word = _LOOKS[script.style]
    if script.style != "ocf":
        return Grade.FULL if lsb_answer(word, code).serves else None
    return ocf_grade(code) if ocf_answer(word, code).serves else None


def _has_process(unit: Unit) -> bool:
    return unit.definition.script is None or unit.definition.script.has_process

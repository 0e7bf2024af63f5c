"""A service of sm in sm's own words, and as its group sees it."""

from collections.abc import Mapping

from insvc.supervise.budget import Condition
from insvc.supervise.groups import Course, Member, Status
from insvc.supervise.sm import State
from insvc.supervise.unit import Unit

_WORDS: Mapping[str, str] = {
    State.DISABLED: "disabled",
    State.THROTTLED: "enabling-throttle",
    State.ENABLING: "enabling",
    State.ENABLED_ACTIVE: "enabled-active",
    State.DISABLING: "disabling",
    State.ENDING: "disabling",
    State.FAILED: "disabled",
    State.HANDING_OVER: "enabled-active",
    State.RELIEVING: "enabled-active",
}
_COURSES: Mapping[str, Course] = {
    State.DISABLED: Course.DOWN,
    State.THROTTLED: Course.RISING,
    State.ENABLING: Course.RISING,
    State.ENABLED_ACTIVE: Course.UP,
    State.DISABLING: Course.SINKING,
    State.ENDING: Course.SINKING,
    State.FAILED: Course.DOWN,
    State.HANDING_OVER: Course.UP,
    State.RELIEVING: Course.UP,
}


def state_word(unit: Unit) -> str:
    """Its state as sm's operators know it."""
    return _WORDS[unit.state]


def status_of(unit: Unit) -> Status:
    """How well it is.

    It is failed from the failure that used up its budget until it is up again; while it is up, its
    heartbeats tell.
    """
    if not unit.managed:
        return Status.NONE
    if _COURSES[unit.state] is Course.UP:
        return _by_heartbeats(unit)
    return Status.FAILED if unit.is_called_failed else Status.NONE


def _by_heartbeats(unit: Unit) -> Status:
    beat = unit.definition.heartbeat
    if beat is None or unit.misses < beat.warn:
        return Status.NONE
    return Status.DEGRADED if unit.misses >= beat.degrade else Status.WARN


def condition_of(unit: Unit) -> Condition:
    """Why it is failed; nothing while it is not."""
    return unit.spent.condition if status_of(unit) is Status.FAILED else Condition.NONE


def member_of(unit: Unit, *, is_wanted: bool) -> Member:
    """The service as its group sees it. One that is not managed is taken as what it should be."""
    course = _COURSES[unit.state]
    if not unit.managed:
        course = Course.UP if is_wanted else Course.DOWN
    return Member(
        service=unit.definition.name,
        impact=unit.definition.severity,
        course=course,
        status=status_of(unit),
        condition=condition_of(unit),
        is_wanted=is_wanted,
        is_proven=course is Course.UP and not unit.is_called_failed,
    )

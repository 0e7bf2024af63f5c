"""A service of sm in sm's own words, and as its group sees it."""

from collections.abc import Mapping

from insvc.supervise.budget import Condition
from insvc.supervise.exit_codes import Grade
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
_OF_DATA = frozenset(Grade) - {Grade.FULL, Grade.DEGRADED}


def state_word(unit: Unit) -> str:
    """Its state as sm's operators know it."""
    return _WORDS[unit.state]


def status_of(unit: Unit) -> Status:
    """How well it is.

    It is failed from the failure that used up its budget until it is up again; while it is up, its
    heartbeats and its agent tell.
    """
    if not unit.managed:
        return Status.NONE
    if _COURSES[unit.state] is Course.UP:
        return _while_up(unit)
    return Status.FAILED if unit.is_called_failed else Status.NONE


def _while_up(unit: Unit) -> Status:
    if unit.grade is not Grade.FULL:
        return Status.DEGRADED
    beat = unit.definition.heartbeat
    if beat is None or unit.misses < beat.warn:
        return Status.NONE
    return Status.DEGRADED if unit.misses >= beat.degrade else Status.WARN


def condition_of(unit: Unit) -> Condition:
    """Why it is failed; while it serves, how its data stands; else nothing."""
    status = status_of(unit)
    if status is Status.FAILED:
        return unit.spent.condition
    is_of_data = status is Status.DEGRADED and unit.grade in _OF_DATA
    return Condition(unit.grade.value) if is_of_data else Condition.NONE


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

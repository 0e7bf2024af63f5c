"""A service of sm in sm's own words."""

from dataclasses import replace

import pytest

from insvc.model.words import Manager
from insvc.supervise.budget import Condition, Spent
from insvc.supervise.definition import Heartbeat, ServiceDefinition
from insvc.supervise.exit_codes import Grade
from insvc.supervise.groups import Course, Status
from insvc.supervise.sm import State
from insvc.supervise.sm_words import condition_of, member_of, state_word, status_of
from insvc.supervise.unit import Unit

DEFINITION = ServiceDefinition(
    name="x", manager=Manager.SM, package="x", command=("p",), pidfile="p", severity="minor"
)
GIVEN_UP = Spent(condition=Condition.FATAL_FAILURE)


def unit(state: State, spent: Spent | None = None) -> Unit:
    return Unit(definition=DEFINITION, state=state, spent=spent or Spent())


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_word_and_a_course(state: State) -> None:
    assert state_word(unit(state))
    assert member_of(unit(state), is_wanted=True).impact == "minor"


def test_only_what_serves_is_called_enabled_active() -> None:
    called = [state for state in State if "enabled-active" in state_word(unit(state))]
    assert called == [State.ENABLED_ACTIVE, State.HANDING_OVER, State.RELIEVING]


def test_a_service_is_failed_from_its_last_failure_until_it_is_up() -> None:
    for state in (State.FAILED, State.THROTTLED, State.ENABLING):
        assert status_of(unit(state, GIVEN_UP)) is Status.FAILED
        assert condition_of(unit(state, GIVEN_UP)) is Condition.FATAL_FAILURE
    up = unit(State.ENABLED_ACTIVE, GIVEN_UP)
    assert (status_of(up), condition_of(up)) == (Status.NONE, Condition.NONE)
    assert not member_of(up, is_wanted=True).is_proven
    assert member_of(unit(State.ENABLED_ACTIVE), is_wanted=True).is_proven


@pytest.mark.parametrize(
    ("misses", "status"),
    [
        (0, Status.NONE),
        (1, Status.NONE),
        (2, Status.WARN),
        (4, Status.DEGRADED),
        (9, Status.DEGRADED),
    ],
)
def test_heartbeats_tell_how_well_it_is_while_it_is_up(misses: int, status: Status) -> None:
    beating = replace(DEFINITION, heartbeat=Heartbeat(port=1, warn=2, degrade=4, fail=10))
    up = replace(unit(State.ENABLED_ACTIVE), definition=beating, misses=misses)
    assert status_of(up) is status
    assert status_of(replace(up, definition=DEFINITION)) is Status.NONE


@pytest.mark.parametrize(("is_wanted", "course"), [(True, Course.UP), (False, Course.DOWN)])
def test_what_is_not_managed_is_taken_as_what_it_should_be(is_wanted: bool, course: Course) -> None:
    left = replace(unit(State.FAILED, GIVEN_UP), managed=False)
    member = member_of(left, is_wanted=is_wanted)
    assert (member.course, member.status) == (course, Status.NONE)


def test_while_it_serves_its_agent_tells_how_its_data_stands() -> None:
    up = unit(State.ENABLED_ACTIVE)
    syncing = replace(up, grade=Grade.DATA_SYNCING)
    assert (status_of(syncing), condition_of(syncing)) == (Status.DEGRADED, Condition.DATA_SYNCING)
    ailing = replace(up, grade=Grade.DEGRADED)
    assert (status_of(ailing), condition_of(ailing)) == (Status.DEGRADED, Condition.NONE)
    down = unit(State.DISABLED)
    assert condition_of(replace(down, grade=Grade.DATA_SYNCING)) is Condition.NONE


def test_every_grade_of_data_has_its_condition() -> None:
    of_data = {one.value for one in Grade if one.value.startswith("data-")}
    assert of_data == {one.value for one in Condition if one.value.startswith("data-")}

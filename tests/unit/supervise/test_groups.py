"""From services to the state, status and condition of their group."""

from itertools import product

import pytest

from insvc.supervise.budget import Condition
from insvc.supervise.groups import (
    Course,
    GroupState,
    GroupView,
    Member,
    Status,
    desired_of,
    forget_at,
    status_by_impact,
    view,
)
from insvc.supervise.sm_tables import Impact

NEW = GroupView(name="g")
UP, RISING, SINKING, DOWN = Course.UP, Course.RISING, Course.SINKING, Course.DOWN


def member(course: Course = UP, impact: Impact = "critical", **fields: object) -> Member:
    return Member(service=f"{impact}-{course}", impact=impact, course=course, **fields)  # type: ignore[arg-type]


def failed(impact: Impact = "critical", service: str = "x") -> Member:
    return Member(
        service=service,
        impact=impact,
        course=DOWN,
        status=Status.FAILED,
        condition=Condition.RECOVERY_FAILURE,
        is_proven=False,
    )


def seen(
    *members: Member,
    before: GroupView = NEW,
    now: float = 0.0,
    stands_by: bool = False,
    is_closing: bool = False,
) -> GroupView:
    return view(before, members, now, debounce_s=300.0, stands_by=stands_by, is_closing=is_closing)


def idle(course: Course) -> Member:
    return member(course, is_wanted=False)


@pytest.mark.parametrize(
    ("impact", "made"),
    [("critical", Status.FAILED), ("major", Status.DEGRADED), ("minor", Status.WARN)],
)
def test_a_failed_service_makes_of_its_group_what_its_impact_says(
    impact: Impact, made: Status
) -> None:
    assert seen(failed(impact)).status is made


def test_no_member_makes_more_of_its_group_than_it_is_itself() -> None:
    impacts: tuple[Impact, ...] = ("critical", "major", "minor")
    for status, impact in product(Status, impacts):
        made = status_by_impact(status, impact)
        assert list(Status).index(made) <= list(Status).index(status)


def test_the_worst_member_counts_and_is_named_first() -> None:
    group = seen(failed("minor", "a"), failed("critical", "b"), member())
    assert (group.status, group.blamed) == (Status.FAILED, ("b", "a"))
    assert group.condition is Condition.RECOVERY_FAILURE


def test_a_group_is_active_once_every_service_is_up_or_given_up() -> None:
    assert seen(member(UP), member(RISING)).state is GroupState.GO_ACTIVE
    assert seen(member(UP), member(DOWN)).state is GroupState.GO_ACTIVE
    assert seen(member(UP), member(UP)).state is GroupState.ACTIVE
    assert seen(member(UP), failed()).state is GroupState.ACTIVE
    assert seen(member(UP), idle(DOWN)).state is GroupState.ACTIVE


def test_a_restart_leaves_an_active_group_active() -> None:
    active = seen(member(UP))
    assert seen(member(SINKING), before=active).state is GroupState.ACTIVE


@pytest.mark.parametrize(
    ("stands_by", "is_closing", "on_the_way", "arrived"),
    [
        (True, False, GroupState.GO_STANDBY, GroupState.STANDBY),
        (False, False, GroupState.DISABLING, GroupState.DISABLED),
        (True, True, GroupState.DISABLING, GroupState.SHUTDOWN),
    ],
)
def test_a_group_that_is_not_to_serve_is_there_once_all_is_down(
    stands_by: bool, is_closing: bool, on_the_way: GroupState, arrived: GroupState
) -> None:
    for course in (UP, RISING, SINKING):
        group = seen(idle(course), idle(DOWN), stands_by=stands_by, is_closing=is_closing)
        assert group.state is on_the_way
    group = seen(idle(DOWN), stands_by=stands_by, is_closing=is_closing)
    assert group.state is arrived


def test_a_group_without_services_has_begun_nothing() -> None:
    assert seen().state is GroupState.INITIAL
    assert seen().status is Status.NONE


def test_every_state_is_reached() -> None:
    wishes = (True, False)
    found = {
        seen(
            *(Member(service="x", impact="critical", course=one, is_wanted=w) for one in courses),
            stands_by=stands_by,
            is_closing=closing,
        ).state
        for courses in [(), *((one,) for one in Course)]
        for w, stands_by, closing in product(wishes, repeat=3)
    }
    assert found == set(GroupState)


def test_a_failure_is_told_for_its_debounce_after_it_was_last_seen() -> None:
    group = seen(failed(), now=10.0)
    risen = member(UP, is_proven=False)
    for now in (11.0, 309.9):
        group = seen(risen, before=group, now=now)
        assert (group.status, group.condition, group.blamed) == (
            Status.FAILED,
            Condition.RECOVERY_FAILURE,
            (),
        )
    assert forget_at(group, 300.0) == 310.0
    group = seen(risen, before=group, now=310.0)
    assert (group.status, group.condition) == (Status.NONE, Condition.NONE)
    assert forget_at(group, 300.0) is None


def test_proven_health_ends_it_before() -> None:
    group = seen(failed(), now=10.0)
    assert seen(member(UP), before=group, now=15.0).status is Status.NONE


def test_what_is_told_afterwards_is_the_worst_that_was_seen() -> None:
    group = seen(failed("critical"), now=0.0)
    group = seen(failed("minor"), before=group, now=1.0)
    assert group.status is Status.WARN
    assert seen(member(UP, is_proven=False), before=group, now=2.0).status is Status.FAILED


def test_a_group_is_to_be_what_its_services_and_its_node_are() -> None:
    assert desired_of([idle(DOWN), member()], stands_by=True) is GroupState.ACTIVE
    assert desired_of([idle(DOWN)], stands_by=True) is GroupState.STANDBY
    assert desired_of([idle(DOWN)], stands_by=False) is GroupState.DISABLED

"""`insvc.plan.budgets`: what may be down, and what is."""

from typing import Any

import pytest

from insvc.catalog.entry import AtMostOneDown
from insvc.errors import PlanRefused
from insvc.model.observation import Instance
from insvc.model.words import InstanceState, Redundancy
from insvc.plan.budgets import (
    domain_budget_of,
    is_at_most_one,
    make_budget,
    make_domain_budget,
)
from insvc.plan.policy import Policy
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped

QUORUM = entry("a", redundancy=Redundancy.QUORUM)


@pytest.mark.parametrize(("members", "limit"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (7, 1)])
def test_a_quorum_never_spares_two_nor_its_majority(members: int, limit: int) -> None:
    cloud = Cloud(QUORUM)
    for number in range(members):
        cloud.host(f"compute-{number}", fresh("a"))
    budget = make_budget(cloud.view(), "a", Policy(max_unavailable=5))
    assert budget.limit == limit
    assert not budget.by_policy


def test_the_policy_limits_what_no_rule_does() -> None:
    cloud = Cloud(entry("a")).host("compute-0", fresh("a"))
    view = cloud.view()
    assert make_budget(view, "a", Policy(max_unavailable=3)).limit == 3
    named = Policy(max_unavailable=3, max_unavailable_of={"a": 2})
    assert make_budget(view, "a", named).limit == 2
    assert make_budget(view, "a", named).by_policy


def test_a_rule_for_one_service_is_not_one_for_another() -> None:
    rule = AtMostOneDown(service="a")
    cloud = Cloud(entry("a", "a", "b", special_handling=(rule,)))
    view = cloud.host("compute-0", fresh("a"), fresh("b")).view()
    assert is_at_most_one(view, "a")
    assert not is_at_most_one(view, "b")
    assert make_budget(view, "a", Policy(max_unavailable=5)).limit == 1
    assert make_budget(view, "b", Policy(max_unavailable=5)).limit == 5


def missed(redundancy: Redundancy) -> list[str]:
    cloud = Cloud(entry("a", redundancy=redundancy))
    cloud.host("controller-0", failed("a")).host("controller-1", failed("a"))
    cloud.host("compute-0", stopped("a")).host("compute-1", job("a"))
    cloud.host("compute-2", stopped("a"), locked=True).host("compute-3", reachable=False)
    cloud.host("compute-4", fresh("a"))
    return [member.host for member in make_budget(cloud.view(), "a", Policy()).down]


def test_every_absent_member_of_a_quorum_is_missed() -> None:
    assert missed(Redundancy.QUORUM) == [
        "controller-0",
        "controller-1",
        "compute-0",
        "compute-1",
        "compute-2",
        "compute-3",
    ]


def test_of_an_active_standby_pair_the_standby_is_not_missed() -> None:
    assert missed(Redundancy.ACTIVE_STANDBY) == ["controller-0"]


def test_elsewhere_locked_hosts_and_waiting_jobs_are_not_missed() -> None:
    assert missed(Redundancy.PER_HOST) == [
        "controller-0",
        "controller-1",
        "compute-0",
        "compute-3",
    ]


def test_an_obstacle_says_what_would_be_left() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", failed("a"))
    obstacle = make_budget(cloud.host("compute-2", fresh("a")).view(), "a", Policy()).obstacle(
        "compute-0"
    )
    assert obstacle.why == (
        "taking a@compute-0 down is not allowed: a@compute-1 is failed, so 1 of 3 would be left, "
        "but law 5 (max_unavailable 1) wants 2 or more up"
    )
    assert obstacle.insist


def test_what_is_down_already_is_no_obstacle_to_itself() -> None:
    cloud = Cloud(QUORUM).host("compute-0", failed("a")).host("compute-1", failed("a"))
    obstacle = make_budget(cloud.host("compute-2", fresh("a")).view(), "a", Policy()).obstacle(
        "compute-0"
    )
    assert "a@compute-1 is failed, so 1 of 3 would be left" in obstacle.why
    assert "a@compute-0 is failed" not in obstacle.why


def test_an_obstacle_without_anything_down_says_that_too() -> None:
    cloud = Cloud(QUORUM).host("compute-0", stale("a")).host("compute-1", fresh("a"))
    obstacle = make_budget(cloud.view(), "a", Policy()).obstacle("compute-0")
    assert "with all others up, 1 of 2 would be left" in obstacle.why
    assert not obstacle.insist


def test_what_comes_back_first_does_not_count() -> None:
    cloud = Cloud(entry("a")).host("compute-0", failed("a")).host("compute-1", fresh("a"))
    budget = make_budget(cloud.view(), "a", Policy())
    assert budget.spare() == 0
    assert budget.spare(frozenset({"compute-0"})) == 1


def test_a_service_nobody_has_spares_its_limit() -> None:
    assert make_budget(Cloud(entry("a")).view(), "a", Policy()).spare() == 1


def test_a_starting_member_is_down() -> None:
    starting = fresh("a", state=InstanceState.STARTING)
    cloud = Cloud(entry("a")).host("compute-0", starting)
    assert make_budget(cloud.view(), "a", Policy()).spare() == 0


def test_a_percentage_counts_all_members() -> None:
    cloud = Cloud(entry("a"))
    for number in range(8):
        cloud.host(f"compute-{number}", fresh("a"))
    budget = make_budget(cloud.view(), "a", Policy(max_unavailable="25%"))
    assert budget.limit == 2
    assert budget.law == "law 5 (max_unavailable 25%)"


def test_a_failure_domain_has_a_budget_of_its_own() -> None:
    cloud = Cloud(entry("a"))
    cloud.host("compute-0", fresh("a"), failure_domain="east")
    cloud.host("compute-1", failed("a"), failure_domain="east")
    cloud.host("compute-2", failed("a"), failure_domain="west").host("compute-3", fresh("a"))
    view = cloud.view()
    policy = Policy(max_unavailable=9, max_unavailable_per_domain=1)
    east = make_domain_budget(view, "a", "compute-0", policy)
    assert east is not None
    assert (east.total, east.limit, east.spare()) == (2, 1, 0)
    assert "in east" in east.law
    assert east.by_policy
    assert make_domain_budget(view, "a", "compute-3", policy) is None
    assert make_domain_budget(view, "a", "compute-0", Policy()) is None
    assert domain_budget_of("a", Policy(), "east", 2, ()) is None


def advice(*others: Instance, **policy: Any) -> str:
    """What is advised where the first of these members cannot go down."""
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    for number, one in enumerate(others, start=1):
        cloud.host(f"compute-{number}", one)
    with pytest.raises(PlanRefused) as fault:
        cloud.plan(**policy)
    return fault.value.next_act


@pytest.mark.parametrize(
    ("member", "act"),
    [
        (failed("a"), "start a@compute-1 first, which revive_failed does"),
        (stopped("a"), "start a@compute-1 first"),
        (Instance(service="a", state=InstanceState.STARTING), "wait until a@compute-1 has settled"),
        (Instance(service="a", state=InstanceState.STOPPING), "wait until a@compute-1 has settled"),
    ],
)
def test_the_advice_fits_what_is_down(member: Instance, act: str) -> None:
    assert advice(member) == f"{act}, or allow more of them down"


def test_every_member_that_is_down_is_advised_on() -> None:
    found = advice(failed("a"), stopped("a"), max_unavailable=2)
    assert found == (
        "start a@compute-1 first, which revive_failed does, or start a@compute-2 first, or allow "
        "more of them down"
    )


def test_a_silent_or_locked_host_is_to_be_brought_back() -> None:
    votes = entry("a", redundancy=Redundancy.QUORUM)
    cloud = Cloud(votes).host("compute-0", stale("a")).host("compute-1", reachable=False)
    cloud.host("compute-2", stopped("a"), locked=True)
    with pytest.raises(PlanRefused) as fault:
        cloud.plan()
    act = "bring compute-1 back, or unlock compute-2 (--unlock compute-2)"
    assert fault.value.next_act == act


def test_where_all_are_up_nothing_is_to_be_brought_back() -> None:
    votes = entry("a", redundancy=Redundancy.QUORUM)
    cloud = Cloud(votes).host("compute-0", stale("a")).host("compute-1", fresh("a"))
    with pytest.raises(PlanRefused) as fault:
        cloud.plan()
    leave = "add members to a, or leave a@compute-0 out of the plan"
    assert fault.value.next_act == leave

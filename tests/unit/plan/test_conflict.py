"""`insvc.plan.conflict`: what cannot hold together, and nothing that does not matter."""

from collections.abc import Sequence
from typing import Any

import pytest

from insvc.errors import PlanRefused
from insvc.model.words import InstanceState, Redundancy
from insvc.plan.conflict import Premise, explain, smallest, tell
from tests.unit.plan.sample import Cloud, entry, failed, fresh, stale

A, B, C = (Premise(words=name, change=f"drop {name}") for name in "abc")


def test_what_does_not_matter_is_left_out() -> None:
    def is_infeasible(kept: Sequence[Premise]) -> bool:
        return A in kept and C in kept

    assert smallest((A, B, C), is_infeasible) == (A, C)


def test_of_two_reasons_the_later_one_is_told() -> None:
    def is_infeasible(kept: Sequence[Premise]) -> bool:
        return C in kept and (A in kept or B in kept)

    assert smallest((A, B, C), is_infeasible) == (B, C)


def test_each_is_told_with_what_to_change() -> None:
    assert tell((A, B)).endswith("it would work: (1) a [drop a], (2) b [drop b]")


def test_a_refusal_is_a_counter_example_and_the_set() -> None:
    assert explain("it cannot be", (A,)) == f"it cannot be; {tell((A,))}"


def refusal(cloud: Cloud, **policy: Any) -> str:
    with pytest.raises(PlanRefused) as fault:
        cloud.plan(**policy)
    return fault.value.reason.partition("these cannot hold together")[2]


def test_one_of_many_that_are_down_is_enough() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    cloud.host("compute-1", failed("a")).host("compute-2", reachable=False)
    found = refusal(cloud)
    assert "(1) a@compute-1 is failed [start it first]" in found
    assert "compute-2" not in found
    assert "(2) law 5 (max_unavailable 1) lets 1 be down [raise it]" in found
    assert found.endswith("(3) a@compute-0 must go down [leave out what takes it down]")


def test_two_that_may_be_down_are_both_needed() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    cloud.host("compute-1", failed("a")).host("compute-2", reachable=False)
    found = refusal(cloud, max_unavailable=2)
    assert "a@compute-1 is failed" in found
    assert "a@compute-2 is unreachable [bring its host back]" in found


def test_a_quorum_of_two_needs_no_fact_at_all() -> None:
    pair = entry("a", redundancy=Redundancy.QUORUM)
    found = refusal(Cloud(pair).host("compute-0", stale("a")).host("compute-1", fresh("a")))
    assert "(1) law 2 (a majority, 2 of 2) lets 0 be down [add members" in found
    assert "(2) a@compute-0 must go down" in found


def test_a_locked_member_of_a_quorum_is_to_be_unlocked() -> None:
    votes = entry("a", redundancy=Redundancy.QUORUM)
    cloud = Cloud(votes).host("compute-0", stale("a")).host("compute-1", fresh("a"))
    cloud.host("compute-2", fresh("a", state=InstanceState.STOPPED), locked=True)
    assert "a@compute-2 is stopped [unlock its host]" in refusal(cloud)


def test_a_member_that_just_starts_is_waited_for() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    cloud.host("compute-1", fresh("a", state=InstanceState.STARTING))
    assert "a@compute-1 is starting [wait until it has settled]" in refusal(cloud)

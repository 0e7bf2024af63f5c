"""`insvc.plan.bounds`: what no order of the steps can beat."""

import pytest

from insvc.catalog.entry import CarriesTraffic
from tests.unit.plan.sample import Cloud, entry, fresh, stale


def duration_s(cloud: Cloud, step: str) -> float:
    found = cloud.plan(allow_lock=True).step(step)
    return found.end_s - found.start_s


def test_nothing_to_do_takes_no_time() -> None:
    assert Cloud(entry("a")).host("compute-0", fresh("a")).plan().lower_bound_s == 0.0


def test_a_chain_of_precedences_cannot_be_shortened() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    plan = cloud.host("compute-0", stale("a"), stale("b")).plan(parallel_services=9)
    assert plan.lower_bound_s == plan.makespan_s > 0


def test_a_busy_host_is_a_bound() -> None:
    names = ("a", "b", "c", "d")
    cloud = Cloud(*map(entry, names)).host("compute-0", *map(stale, names))
    plan = cloud.plan(parallel_services=2)
    assert plan.lower_bound_s == plan.makespan_s == 2 * duration_s(cloud, "a@compute-0")


def test_a_busy_service_is_a_bound() -> None:
    cloud = Cloud(entry("a"))
    for number in range(4):
        cloud.host(f"compute-{number}", stale("a"))
    assert cloud.plan().lower_bound_s == cloud.plan().makespan_s


def test_traffic_and_locks_come_on_top() -> None:
    proxy = entry("proxy", special_handling=(CarriesTraffic(),))
    cloud = Cloud(entry("a"), proxy, entry("x", in_service_patchable=False))
    cloud.host("compute-0", stale("a"), stale("proxy")).host("compute-1", stale("x"))
    plan = cloud.plan(allow_lock=True)
    assert plan.lower_bound_s == plan.makespan_s


def test_hosts_that_take_turns_are_a_bound() -> None:
    cloud = Cloud(entry("a"), entry("b"))
    for number in range(4):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    plan = cloud.plan(max_unavailable=4, parallel_services=2, parallel_hosts={"worker": "50%"})
    assert plan.lower_bound_s == plan.makespan_s == 2 * duration_s(cloud, "a@compute-0")


def test_one_long_restart_is_a_bound_however_much_may_be_done_at_once() -> None:
    cloud = Cloud(entry("a"), entry("b"), entry("slow"))
    cloud.host("compute-0", stale("a"), stale("b"), stale("slow", started_in_s=40.0))
    plan = cloud.plan(parallel_services=3)
    assert plan.lower_bound_s == plan.makespan_s == pytest.approx(40.0 + 1.3)


def test_an_odd_restart_takes_a_round_of_its_own() -> None:
    cloud = Cloud(entry("a"), entry("b"), entry("c"))
    plan = cloud.host("compute-0", *map(stale, "abc")).plan(parallel_services=2)
    assert plan.lower_bound_s == plan.makespan_s == 2 * duration_s(cloud, "a@compute-0")


def test_what_comes_after_a_prerequisite_is_bounded_after_it() -> None:
    cloud = Cloud(entry("a"), *(entry(name, depends_on=("a",)) for name in "bcd"))
    plan = cloud.host("compute-0", *map(stale, "abcd")).plan(parallel_services=2)
    assert plan.lower_bound_s == plan.makespan_s == pytest.approx(3 * 2.3)

import pytest

from insvc.check.loads import check_hosts, check_kinds
from insvc.plan.plan import Plan
from tests.unit.check.sample import add, case_of, change, codes, only
from tests.unit.plan.sample import Cloud, entry, fresh, stale


def busy(hosts: int, services: int = 1) -> Cloud:
    names = [f"s{number}" for number in range(services)]
    cloud = Cloud(*(entry(name) for name in names))
    for number in range(hosts):
        cloud.host(f"compute-{number}", *(stale(name) for name in names))
    return cloud


def test_no_more_steps_at_once_on_a_host_than_allowed() -> None:
    cloud = busy(1, services=3)
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    for step in plan.steps:
        plan = change(plan, step.id, after=())
    fault = only(cloud, plan)
    assert (fault.code, fault.subject, len(fault.at)) == ("law.11", "compute-0", 3)
    assert "the policy allows 2 at once on one host" in fault.reason


def test_no_more_hosts_of_a_kind_at_once_than_allowed() -> None:
    cloud = busy(3, services=2)
    plan = cloud.plan(max_unavailable=3, parallel_hosts={"worker": 1})
    assert codes(cloud, plan) == set()
    later = next(step for step in plan.steps if step.host == "compute-1")
    fault = only(cloud, change(plan, later.id, after=()))
    assert (fault.code, fault.subject) == ("law.5", "worker")
    assert "the policy allows 1 worker hosts at once" in fault.reason


def test_hosts_of_other_kinds_are_not_counted() -> None:
    cloud = busy(3)
    plan = cloud.plan(max_unavailable=3, parallel_hosts={"controller": 1})
    assert codes(cloud, plan) == set()


@pytest.mark.parametrize("limit", [2, "50%"])
def test_hosts_pass_their_slots_on(limit: int | str) -> None:
    cloud = busy(5, services=3)
    plan = cloud.plan(max_unavailable=5, parallel_hosts={"worker": limit}, parallel_services=1)
    assert codes(cloud, plan) == set()


def by_hand(*steps: tuple[str, str]) -> list[str]:
    """Hosts that may be worked on together beyond one: steps `host: befores`."""
    cloud = Cloud(entry("a"), entry("b"), entry("c"))
    for host in ("compute-0", "compute-1", "compute-2"):
        cloud.host(host, fresh("a"), fresh("b"), fresh("c"))
    plan = Plan()
    for name, befores in steps:
        plan = add(plan, name, *befores.split())
    case = case_of(cloud, plan, parallel_hosts={"worker": 1})
    return [one.reason for one in check_kinds(case)]


def test_a_host_may_come_twice() -> None:
    told = by_hand(
        ("a@compute-0", ""),
        ("a@compute-1", "a@compute-0"),
        ("b@compute-0", "a@compute-1"),
        ("c@compute-0", "b@compute-0"),
    )
    assert told == []


def test_slots_that_pass_on_in_another_order_are_proved_exactly() -> None:
    # Seen step by step the first host holds its slot while the other comes: it never does.
    told = by_hand(
        ("a@compute-0", ""),
        ("b@compute-0", "a@compute-0"),
        ("a@compute-1", "b@compute-0"),
        ("b@compute-1", "a@compute-1"),
    )
    assert told == []


def test_hosts_that_may_meet_are_found() -> None:
    told = by_hand(("a@compute-0", ""), ("a@compute-1", ""), ("b@compute-2", "a@compute-1"))
    assert len(told) == 1
    assert "compute-0 and compute-1" in told[0]


def test_a_long_way_round_keeps_two_steps_of_a_host_apart() -> None:
    cloud = Cloud(entry("a"), entry("b"), entry("c"))
    for host in ("compute-0", "compute-1", "compute-2"):
        cloud.host(host, fresh("a"), fresh("b"), fresh("c"))
    plan = add(Plan(), "a@compute-0")
    plan = add(plan, "a@compute-1", "a@compute-0")
    plan = add(plan, "b@compute-2", "a@compute-1")
    plan = add(plan, "c@compute-1", "b@compute-2")
    plan = add(plan, "b@compute-0", "c@compute-1")
    assert list(check_hosts(case_of(cloud, plan, parallel_services=1))) == []


def test_a_slot_that_seemed_to_pass_to_the_wrong_host_is_looked_at_again() -> None:
    cloud = Cloud(entry("a")).host("controller-0", fresh("a"))
    for number in range(4):
        cloud.host(f"compute-{number}", fresh("a"))
    plan = add(add(Plan(), "a@compute-0"), "a@compute-1")
    plan = add(plan, "a@controller-0", "a@compute-0")
    plan = add(plan, "a@compute-2", "a@compute-0", "a@compute-1")
    plan = add(plan, "a@compute-3", "a@controller-0")
    assert list(check_kinds(case_of(cloud, plan, parallel_hosts={"worker": 2}))) == []

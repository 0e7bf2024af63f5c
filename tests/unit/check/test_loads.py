from itertools import combinations
from random import Random

import pytest

from insvc.check.holdings import busy_by_host
from insvc.check.loads import check_hosts, check_kinds, without_handed_on
from insvc.check.violation import UNDECIDED, Violation
from insvc.plan.plan import Plan
from tests.unit.check.riddles import Puzzle, pigeons, rounds
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


def kinds(puzzle: Puzzle, room: int) -> list[Violation]:
    case = case_of(puzzle.cloud, puzzle.plan, parallel_hosts={"worker": room})
    return list(check_kinds(case))


@pytest.mark.parametrize("services", ["a", "ab"])
def test_slots_that_a_first_guess_hands_on_wrongly_are_proved_for_many_hosts(services: str) -> None:
    assert kinds(rounds(400, services), 2) == []
    (fault,) = kinds(rounds(400, services), 1)
    assert fault.code == "law.5"


def test_a_search_that_is_too_long_is_no_success() -> None:
    puzzle, room = pigeons(5)
    (fault,) = kinds(puzzle, room)
    assert (fault.code, fault.law, fault.subject, fault.at) == (UNDECIDED, 5, "worker", ())
    assert fault.reason.startswith(
        "it was not decided within the work allowed whether too many may come together: the policy "
        f"allows {room} worker hosts at once (law 5); "
    )
    assert [one.code for one in kinds(puzzle, 20)] == ["law.5"]
    small, room = pigeons(3)
    assert kinds(small, room) == []


def test_a_step_that_hands_its_host_on_to_the_next_alone_is_left_out() -> None:
    cloud = Cloud(*map(entry, "abc")).host("compute-0", *map(fresh, "abc"))
    cloud.host("compute-1", *map(fresh, "abc"))
    plan = add(add(Plan(), "a@compute-0"), "b@compute-0", "a@compute-0")
    plan = add(plan, "c@compute-0", "b@compute-0", soak_s=5.0)
    plan = add(plan, "a@compute-1", "c@compute-0")
    plan = add(plan, "b@compute-1", "a@compute-1", "c@compute-0")
    case = case_of(cloud, plan)
    busy = [one for held in busy_by_host(case).values() for one in held]
    left = [one.step for one in without_handed_on(case, busy)]
    assert left == ["c@compute-0", "a@compute-1", "b@compute-1"]
    soaks_s = [0.0, 0.0, 5.0, 0.0, 0.0]
    left = [one.step for one in without_handed_on(case, busy, soaks_s)]
    assert left == ["b@compute-0", "c@compute-0", "a@compute-1", "b@compute-1"]


def most_hosts(puzzle: Puzzle) -> int:
    """By brute force, on how many hosts steps may come together."""
    case = case_of(puzzle.cloud, puzzle.plan)
    nodes = {case.node(step): step.host for step in puzzle.steps}
    return max(
        size
        for size in range(len(nodes) + 1)
        for chosen in combinations(sorted(nodes), size)
        if len({nodes[one] for one in chosen}) == size
        if not any(case.order.precedes(one, other) for one, other in combinations(chosen, 2))
    )


def test_kinds_are_judged_exactly_whatever_waits_for_what() -> None:
    random = Random(5)
    for _ in range(150):
        puzzle, names = Puzzle(), list[str]()
        for _ in range(random.randint(1, 8)):
            befores = [one for one in names if random.random() < 0.3]
            names.append(puzzle.add(f"compute-{random.randint(0, 3)}", *befores))
        most = most_hosts(puzzle)
        assert kinds(puzzle, most) == []
        (fault,) = kinds(puzzle, most - 1)
        assert len(fault.at) >= most

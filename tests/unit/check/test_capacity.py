from itertools import combinations
from random import Random

import pytest

from insvc.catalog.entry import AtMostOneDown, Command
from insvc.check.capacity import check_members, is_chained, too_many
from insvc.check.holdings import Holding
from insvc.check.violation import UNDECIDED
from insvc.model.words import Action, Redundancy
from insvc.plan.plan import Plan
from tests.unit.check.riddles import pigeons
from tests.unit.check.sample import add, case_of, change, codes, found, only, without
from tests.unit.check.test_antichain import closed
from tests.unit.plan.sample import Cloud, entry, failed, fresh, stale

MON = entry("mon", redundancy=Redundancy.QUORUM)


@pytest.fixture
def voters() -> Cloud:
    return (
        Cloud(MON)
        .host("compute-0", stale("mon"))
        .host("compute-1", stale("mon"))
        .host("compute-2", stale("mon"))
    )


def test_two_of_three_votes_down_together_is_a_counter_example_in_words(voters: Cloud) -> None:
    fault = only(voters, change(voters.plan(), "mon@compute-2", after=()))
    assert fault.code == "law.2"
    assert fault.reason == (
        "mon@compute-0 and mon@compute-2 may be down together: neither waits for the other; "
        "1 of 3 would vote, but never two of its members may be down (law 2)"
    )
    assert set(fault.at) == {"mon@compute-0", "mon@compute-2"}


def test_one_more_than_what_is_down_already_is_too_many(voters: Cloud) -> None:
    plan = voters.plan()
    voters.seen[2] = Cloud(MON).host("compute-2", failed("mon")).seen[0]
    (fault, _) = found(voters, without(plan, "mon@compute-2"))
    assert fault.code == "law.10"
    (_, fault) = found(voters, without(plan, "mon@compute-2"))
    assert "mon@compute-2 is down already" in fault.reason
    assert "goes down by mon@compute-" in fault.reason


def test_a_member_that_comes_back_counts_until_it_is_back() -> None:
    cloud = (
        Cloud(entry("db"))
        .host("compute-0", failed("db"))
        .host("compute-1", failed("db"))
        .host("compute-2", stale("db"))
    )
    plan = cloud.plan(revive_failed=True, max_unavailable=2)
    assert codes(cloud, plan) == set()
    early = change(plan, "db@compute-2", after=("db@compute-0",))
    assert codes(cloud, early) == {"law.2"}
    at_once = change(plan, "db@compute-2", after=())
    told = {one.code: one.reason for one in found(cloud, at_once)}
    assert "db@compute-0 and db@compute-1 are down already" in told["law.5"]


def test_more_than_the_budget_may_come_back_at_once() -> None:
    cloud = Cloud(entry("db"), entry("api"))
    for number in range(4):
        cloud.host(f"compute-{number}", failed("db"))
    cloud.host("compute-4", stale("db"))
    assert codes(cloud, cloud.plan(revive_failed=True)) == set()


def test_a_budget_that_is_overdrawn_already_allows_no_taking() -> None:
    cloud = Cloud(entry("db"))
    for number in range(3):
        cloud.host(f"compute-{number}", failed("db"))
    cloud.host("compute-3", stale("db"))
    plan = cloud.plan(revive_failed=True)
    plan = change(plan, "db@compute-3", after=())
    assert "law.5" in codes(cloud, plan)


def test_a_lock_takes_down_everything_on_its_host() -> None:
    cloud = (
        Cloud(entry("os", in_service_patchable=False), entry("db"))
        .host("compute-0", stale("os"), fresh("db"))
        .host("compute-1", fresh("os"), stale("db"))
    )
    plan = cloud.plan(allow_lock=True)
    assert codes(cloud, plan) == set()
    fault = only(cloud, change(plan, "lock@compute-0", after=()))
    assert set(fault.at) == {"lock@compute-0", "db@compute-1"}


def test_what_stops_along_counts_for_its_own_service() -> None:
    cloud = (
        Cloud(
            entry("db", restart=(Command(run="sm-restart service db"),)),
            entry("api", depends_on=("db",), special_handling=(AtMostOneDown(service="api"),)),
        )
        .host("compute-0", stale("db"), fresh("api"))
        .host("compute-1", fresh("db"), stale("api"))
    )
    plan = cloud.plan(max_unavailable=2)
    assert plan.step("db@compute-0").with_dependants
    assert codes(cloud, plan) == set()
    told = found(cloud, change(plan, "api@compute-1", after=()))
    assert {one.subject for one in told if one.law == 2} == {"api"}


def test_two_holdings_of_one_member_are_one_member_down() -> None:
    twice = [Holding(step=f"s{at}", host=host, first=at, last=at) for at, host in enumerate("aab")]
    assert too_many(twice, [0, 0, 0], 2) == []
    assert {one.host for one in too_many(twice, [0, 0, 0], 1)} == {"a", "b"}


def test_the_widest_set_may_hide_a_wider_choice_of_hosts() -> None:
    # Three on two hosts may come together; without the twin, three hosts can.
    group = [
        Holding(step=f"s{at}", host=host, first=at, last=at) for at, host in enumerate("aabac")
    ]
    rows = [0, 0, 0, 0b00011, 0b01010]
    assert len({one.host for one in too_many(group, rows, 2)}) in {0, 3}


def test_chains_are_seen_at_a_glance() -> None:
    cloud = Cloud(entry("db"), entry("api"))
    cloud.host("compute-0", fresh("db"), fresh("api"))
    plan = add(add(Plan(), "db@compute-0"), "api@compute-0", "db@compute-0")
    case = case_of(cloud, plan)
    chain = [Holding(step="s", host="h", first=at, last=at) for at in (0, 1)]
    assert is_chained(case, chain, 1)
    apart = [Holding(step="s", host="h", first=None, last=1), chain[0]]
    assert is_chained(case, apart, 2)
    assert not is_chained(case, apart, 1)
    assert is_chained(case, [*chain, Holding(step="s", host="h", first=None, last=1)], 2)


def test_a_next_run_disturbs_nobody() -> None:
    cloud = Cloud(entry("db")).host("compute-0", fresh("db"))
    case = case_of(cloud, add(Plan(), "db@compute-0", action=Action.NEXT_RUN))
    assert case.acts() == []


def test_what_is_not_decided_is_told_and_no_success() -> None:
    puzzle, room = pigeons(5)
    case = case_of(puzzle.cloud, puzzle.plan, max_unavailable=room)
    (fault,) = check_members(case)
    assert (fault.code, fault.law, fault.subject) == (UNDECIDED, 5, "a")
    assert f"the policy allows {room} down (law 5)" in fault.reason


def most_with_a_taking(group: list[Holding], rows: list[int]) -> int:
    """By brute force, on how many hosts holdings may come together, at least one a taking."""
    members = range(len(group))
    return max(
        size
        for size in range(len(group) + 1)
        for chosen in combinations(members, size)
        if len({group[one].host for one in chosen}) == size
        if not size or any(group[one].takes for one in chosen)
        if not any(rows[b] >> a & 1 for a, b in combinations(chosen, 2))
    )


def test_what_comes_back_counts_exactly_beside_what_is_taken() -> None:
    random = Random(3)
    for _ in range(300):
        backs, size = random.randint(0, 4), random.randint(5, 8)
        rows = closed(
            [
                sum(1 << one for one in range(at if at >= backs else 0) if random.random() < 0.4)
                for at in range(size)
            ]
        )
        group = [
            Holding(
                step=f"s{at}",
                host=random.choice("abcde"),
                first=None if at < backs else at,
                last=at,
                takes=at >= backs,
            )
            for at in range(size)
        ]
        most = most_with_a_taking(group, rows)
        assert too_many(group, rows, most) == []
        found = too_many(group, rows, most - 1)
        assert len({one.host for one in found}) == len(found) >= most
        assert any(one.takes for one in found)


def test_many_members_come_back_before_the_first_is_taken() -> None:
    cloud = Cloud(entry("db"))
    for number in range(60):
        cloud.host(f"compute-{number}", failed("db") if number % 2 else stale("db"))
    plan = cloud.plan(revive_failed=True, max_unavailable=3)
    assert codes(cloud, plan) == set()
    early = next(one for one in plan.steps if one.host == "compute-0")
    told = [one.code for one in found(cloud, change(plan, early.id, after=()))]
    assert told.count("law.5") == 1

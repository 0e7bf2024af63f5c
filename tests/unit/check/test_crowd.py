from itertools import combinations
from random import Random

import pytest

from insvc.check.crowd import Crowd, Undecided
from tests.unit.check.test_antichain import closed


def brute_force(hosts: str, rows: list[int]) -> int:
    """On how many hosts holdings may come together of which none precedes another."""
    members = range(len(rows))
    return max(
        size
        for size in range(len(rows) + 1)
        for chosen in combinations(members, size)
        if len({hosts[one] for one in chosen}) == size
        if not any(rows[b] >> a & 1 for a, b in combinations(chosen, 2))
    )


def meet(hosts: str, rows: list[int], room: int, work: int = 10**6) -> set[str]:
    """The hosts that may be held together; what is found is looked at once more."""
    crowd = Crowd(hosts, rows, work)
    found = crowd.meet(crowd.everybody, room)
    met = {hosts[one] for one in found}
    assert len(met) == len(found)
    assert not any(rows[b] >> a & 1 for a, b in combinations(sorted(found), 2))
    assert len(met) > room or not met
    return met


def test_a_host_counts_once_whatever_is_held_there() -> None:
    assert meet("aaab", [0, 0, 0, 0], 2) == set()
    assert meet("aaab", [0, 0, 0, 0], 1) == {"a", "b"}


def test_nothing_is_held_by_nobody() -> None:
    assert meet("", [], 0) == set()


def test_hosts_that_take_turns_as_a_whole_need_no_search() -> None:
    hosts = "".join(chr(ord("a") + at) * 2 for at in range(26))
    rows = [(1 << at // 2 * 2) - 1 for at in range(52)]
    assert meet(hosts, rows, 1, work=52 * 4) == set()
    assert len(meet(hosts, rows, 0)) == 1


def test_a_host_that_comes_twice_is_joined_for_each_time_of_its_own() -> None:
    # Both of a, then both of b, then two more of a.
    rows = [0, 0, 0b11, 0b11, 0b1111, 0b1111]
    assert meet("aabbaa", rows, 1, work=20) == set()


def test_two_that_each_may_meet_but_not_both_are_told_apart_by_search() -> None:
    # b comes after one of a's, c after the other: with a there is b or c, never both.
    rows = [0, 0, 0b01, 0b10]
    assert meet("aabc", rows, 2) == set()
    assert meet("aabc", rows, 1) in ({"a", "b"}, {"a", "c"}, {"b", "c"})


def test_it_is_exact_on_random_orders() -> None:
    random = Random(11)
    for _ in range(600):
        size = random.randint(1, 9)
        density = random.random() ** 2
        rows = closed(
            [
                sum(1 << before for before in range(member) if random.random() < density)
                for member in range(size)
            ]
        )
        hosts = "".join(random.choice("abcde"[: random.randint(1, 5)]) for _ in range(size))
        most = brute_force(hosts, rows)
        assert meet(hosts, rows, most) == set()
        assert len(meet(hosts, rows, most - 1)) >= most


def test_it_gives_up_when_no_work_is_left() -> None:
    with pytest.raises(Undecided):
        meet("aabc", [0, 0, 0b01, 0b10], 2, work=3)

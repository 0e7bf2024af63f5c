"""`insvc.plan.energy`: how long jobs must take on resources with so much room."""

from math import ceil, gcd

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.plan.energy import Job, Load, jobs_ms, lanes_ms, turns_ms, whole_ms


@pytest.mark.parametrize(("seconds", "expected"), [(2.8, 2800), (0.0009, 0), (1.9999, 1999)])
def test_a_time_is_never_made_longer(seconds: float, expected: int) -> None:
    assert whole_ms(seconds) == expected


def test_nothing_to_do_takes_no_time() -> None:
    assert lanes_ms({}, 2) == lanes_ms({0: 7}, 2) == jobs_ms({}, 2) == turns_ms([], 2, 1) == 0
    assert turns_ms([Load(jobs=())], 2, 1) == jobs_ms({Job(0, head=5): 1}, 1) == 0


def test_work_is_shared_by_all_lanes() -> None:
    assert lanes_ms({10: 1, 7: 1, 5: 1, 2: 1}, 2) == 12


def test_work_ends_at_a_multiple_of_what_divides_all_lengths() -> None:
    assert lanes_ms({10: 1, 5: 2}, 3) == 10
    assert lanes_ms({6: 3, 4: 1}, 4) == 6
    assert lanes_ms({50: 2, 20: 3}, 3) == 60
    assert turns_ms([Load(jobs=((Job(50), 1), (Job(20), 1)))], 1, 1) == 70


def test_one_long_job_is_never_divided() -> None:
    assert lanes_ms({10: 1, 1: 2}, 3) == 10


def test_equal_jobs_are_done_in_whole_rounds() -> None:
    assert lanes_ms({28: 5}, 2) == 3 * 28


def test_jobs_that_must_share_a_lane_follow_one_another() -> None:
    # 9, 8, 7 and 6 on three lanes: two of them share one, and the two shortest make up 13.
    assert lanes_ms({9: 1, 8: 1, 7: 1, 6: 1}, 3) == 13


def test_a_long_job_counts_as_several_short_ones() -> None:
    assert lanes_ms({56: 2, 28: 3}, 3) == 3 * 28


def test_many_different_lengths_are_bounded_as_well() -> None:
    lengths = dict.fromkeys(range(100, 200), 1)
    assert sum(lengths) / 7 <= lanes_ms(lengths, 7) <= sum(lengths) / 7 + 199


def test_heads_and_tails_come_on_top() -> None:
    assert jobs_ms({Job(4, head=10, tail=3): 3}, 2) == 10 + 8 + 3


def test_jobs_without_a_head_do_not_delay_those_that_have_one() -> None:
    assert jobs_ms({Job(4): 1, Job(4, head=10): 1}, 1) == 14


def test_hosts_take_turns() -> None:
    load = Load(jobs=((Job(28), 5),), hosts=97)
    # A turn is three rounds on two lanes; 97 hosts on 9 slots need 33 rounds or more.
    assert turns_ms([load], 2, 9) == 33 * 28


def test_hosts_that_need_less_than_a_turn_leave_the_rest_to_others() -> None:
    # Three hosts on two slots, with two jobs each: whole turns would take four, rounds take three.
    assert turns_ms([Load(jobs=((Job(1), 2),), hosts=3)], 1, 2) == 3


def test_the_slowest_host_is_a_bound_however_many_slots_there_are() -> None:
    loads = [Load(jobs=((Job(3), 1),), hosts=5), Load(jobs=((Job(20), 3),))]
    assert turns_ms(loads, 1, 9) == 60


def test_hosts_whose_jobs_come_late_have_less_time_for_their_turns() -> None:
    loads = [Load(jobs=((Job(5), 1),)), Load(jobs=((Job(5, head=8, tail=2), 2),), hosts=2)]
    assert turns_ms(loads, 2, 1) == 8 + 10 + 2


COUNTS = st.dictionaries(st.integers(1, 8), st.integers(1, 3), min_size=1, max_size=5)


def by_hand(lengths: dict[int, int], lanes: int) -> int:
    """The bound on one resource, from a list of all its jobs."""
    jobs = sorted((one for one, count in lengths.items() for _ in range(count)), reverse=True)
    measure = gcd(*jobs)
    grids = [scale * ceil(sum(one // scale for one in jobs) / lanes) for scale in lengths]
    shared = [sum(jobs[at - at // lanes : at + 1]) for at in range(0, len(jobs), lanes)]
    return max(measure * ceil(sum(jobs) / measure / lanes), *grids, *shared)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(COUNTS, st.integers(1, 4))
def test_the_bound_of_one_resource_is_that_of_all_its_jobs_by_hand(
    lengths: dict[int, int], lanes: int
) -> None:
    assert lanes_ms(lengths, lanes) == by_hand(lengths, lanes)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(COUNTS, st.integers(1, 3)), min_size=1, max_size=3),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_the_bound_of_hosts_that_take_turns_is_that_of_all_of_them_by_hand(
    alike: list[tuple[dict[int, int], int]], lanes: int, slots: int
) -> None:
    hosts = [lengths for lengths, count in alike for _ in range(count)]
    scales = sorted({one for lengths in hosts for one in lengths})
    least = [by_hand(lengths, lanes) for lengths in hosts]
    measure = gcd(*scales)
    points = [
        sum(
            max(
                ceil(sum(one // scale * count for one, count in lengths.items()) / lanes),
                max(lengths) // scale,
            )
            for lengths in hosts
        )
        for scale in scales
    ]
    grids = [scale * ceil(each / slots) for scale, each in zip(scales, points, strict=True)]
    wanted = max(measure * ceil(sum(least) / measure / slots), *least, *grids)
    loads = [
        Load(tuple((Job(one), count) for one, count in lengths.items()), hosts=count)
        for lengths, count in alike
    ]
    assert turns_ms(loads, lanes, slots) == wanted


def test_the_shortest_job_counts_and_one_that_occurs_never_does_not() -> None:
    assert lanes_ms({1: 3}, 2) == jobs_ms({Job(1): 3}, 2) == 2
    assert lanes_ms({5: 0}, 1) == lanes_ms({5: 0, 3: 1}, 1) - 3 == 0


def test_the_greatest_of_many_heads_and_tails_is_looked_at() -> None:
    late = {Job(1, head=1000 * number): 1 for number in range(20)}
    assert jobs_ms(late, 20) == 19_001
    early = {Job(1, tail=1000 * number): 1 for number in range(20)}
    assert jobs_ms(early, 20) == 19_001


def test_a_head_and_a_tail_that_no_job_has_both_delay_nothing() -> None:
    apart = ((Job(1, head=8), 1), (Job(1, tail=8), 1))
    assert jobs_ms(dict(apart), 1) == turns_ms([Load(apart)], 1, 1) == 9


def test_a_job_alone_comes_first_and_last() -> None:
    assert (Job(4).head, Job(4).tail, Load(()).hosts) == (0, 0, 1)


def test_a_length_that_never_occurs_divides_no_other() -> None:
    assert lanes_ms({10: 3, 15: 1, 7: 0}, 2) == lanes_ms({10: 3, 15: 1}, 2) == 25


def test_the_longest_job_of_a_host_says_at_how_many_points_it_is_worked_on() -> None:
    hosts = ({6: 2}, {3: 1}, {2: 1, 7: 2})
    loads = [Load(tuple((Job(one), count) for one, count in jobs.items())) for jobs in hosts]
    assert turns_ms(loads, 4, 2) == 9


def test_of_many_lengths_those_are_tried_that_lie_apart_however_they_come() -> None:
    assert lanes_ms(dict.fromkeys((27, 54, 23, 53, 21, 30, 44, 22, 45), 1), 5) == 66

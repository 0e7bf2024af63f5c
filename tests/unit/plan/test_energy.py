"""`insvc.plan.energy`: how long jobs must take on resources with so much room."""

import pytest

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

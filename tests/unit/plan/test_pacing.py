"""`insvc.plan.pacing`: pauses, start limits and windows on a plan's timeline."""

import pytest

from insvc.check.plan_check import check_plan
from insvc.errors import PlanRefused
from insvc.model.observation import HostObservation, Observation
from insvc.plan.needs import Need, find_needs
from insvc.plan.pacing import Pace, after_starts, origin_of, rest_s, settle_s, soak_of
from insvc.plan.policy import MaxStarts, Policy, Window
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale

TWO_IN_TEN = MaxStarts(count=2, within_s=10.0)


def need(cloud: Cloud) -> Need:
    (found,), _ = find_needs(cloud.view(), Policy())
    return found


def test_a_run_begins_when_the_policy_says_or_when_it_was_last_looked() -> None:
    hosts = (HostObservation(host="a", taken_at=3.0), HostObservation(host="b", taken_at=5.0))
    assert origin_of(Observation(hosts=hosts), Policy()) == 5.0
    assert origin_of(Observation(hosts=hosts), Policy(starts_at=9.0)) == 9.0
    assert origin_of(Observation(), Policy()) == 0.0


def test_the_pause_of_the_first_name_counts() -> None:
    policy = Policy(soak_s=1.0, soak_s_of={"a": 5.0})
    assert soak_of(policy, "a") == 5.0
    assert soak_of(policy, "b") == 1.0


@pytest.mark.parametrize(
    ("starts", "at", "begins"),
    [([], 0.0, 0.0), ([4.0], 4.0, 4.0), ([0.0, 4.0], 5.0, 10.0), ([0.0, 1.0, 9.0], 5.0, 11.0)],
)
def test_one_start_too_many_waits(starts: list[float], at: float, begins: float) -> None:
    assert after_starts(starts, TWO_IN_TEN, at) == begins


def test_a_service_that_was_started_too_often_is_left_alone_first() -> None:
    policy = Policy(max_starts=TWO_IN_TEN)
    often = need(Cloud(entry("a")).host("compute-0", stale("a", restarts=3)))
    seldom = need(Cloud(entry("a")).host("compute-0", stale("a", restarts=2)))
    assert settle_s(often, policy) == 10.0
    assert settle_s(seldom, policy) == 0.0
    assert settle_s(often, Policy()) == 0.0


def test_starts_on_one_host_are_counted_together() -> None:
    cloud = Cloud(*map(entry, "abc")).host("compute-0", *map(stale, "abc"))
    plan = cloud.plan(max_starts=TWO_IN_TEN, parallel_services=3)
    assert [step.start_s for step in plan.steps] == [0.0, 0.0, 10.0]


def test_a_job_is_no_start() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", job("a"), stale("b"))
    plan = cloud.plan(max_starts=MaxStarts(count=1, within_s=100.0))
    assert {step.start_s for step in plan.steps} == {0.0}


def test_the_plan_tells_the_pause_as_a_fact_of_the_step() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a", restarts=9))
    (step,) = cloud.plan(max_starts=TWO_IN_TEN).steps
    assert (step.soak_s, step.start_s) == (10.0, 10.0)


def test_what_fits_into_no_window_is_refused_with_the_windows() -> None:
    pace = Pace(Policy(windows=(Window(opens=10.0, closes=20.0),)), origin=5.0)
    assert pace.open_s("a", 0.0, 10.0) == 5.0
    with pytest.raises(PlanRefused) as fault:
        pace.open_s("a", 6.0, 10.0)
    assert "10.0 to 20.0" in fault.value.reason


def test_a_step_waits_for_the_next_window() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", stale("a"))
    windows = (Window(opens=0.0, closes=4.0), Window(opens=100.0, closes=200.0))
    assert [step.start_s for step in cloud.plan(windows=windows).steps] == [0.0, 100.0]


def test_a_whole_turn_of_a_host_fits_into_one_window() -> None:
    cloud = Cloud(entry("x", in_service_patchable=False)).host("compute-0", stale("x"))
    length_s = cloud.plan(allow_lock=True).makespan_s
    windows = (Window(opens=0.0, closes=length_s - 0.1), Window(opens=50.0, closes=90.0))
    plan = cloud.plan(allow_lock=True, windows=windows)
    assert plan.steps[0].start_s == 50.0
    assert plan.makespan_s == pytest.approx(50.0 + length_s)


def test_a_later_pace_remembers_what_was_started_before() -> None:
    pace = Pace(Policy(max_starts=MaxStarts(count=1, within_s=10.0)), 100.0)
    found = need(Cloud(entry("a")).host("compute-0", stale("a")))
    pace.note(found, 3.0)
    later = pace.later(5.0)
    assert later.origin == 105.0
    assert later.fit_s(found, 0.0, 1.0) == 8.0
    assert pace.fit_s(found, 0.0, 1.0) == 13.0


def test_the_latest_starts_count_in_whatever_order_they_were_noted() -> None:
    pace = Pace(Policy(max_starts=TWO_IN_TEN))
    found = need(Cloud(entry("a")).host("compute-0", stale("a")))
    for at_s in (9.0, 1.0, 5.0):
        pace.note(found, at_s)
    assert pace.limit_s("compute-0", 6.0) == 15.0


def test_only_what_starts_a_service_is_counted() -> None:
    pace = Pace(Policy(max_starts=MaxStarts(count=1, within_s=10.0)))
    dead = Cloud(entry("a")).host("compute-0", failed("a")).view()
    (revived,), _ = find_needs(dead, Policy(revive_failed=True))
    pace.note(need(Cloud(entry("j")).host("compute-0", job("j"))), 1.0)
    assert pace.fit_s(revived, 2.0, 1.0) == 2.0
    pace.note(revived, 2.0)
    assert pace.fit_s(revived, 3.0, 1.0) == 12.0


def test_what_opens_is_known_to_the_microsecond_and_no_finer() -> None:
    windows = (Window(opens=10.00000449, closes=20.0),)
    assert Pace(Policy(windows=windows)).open_s("a", 0.0, 1.0) == 10.000004


def test_the_longest_pause_of_a_policy() -> None:
    assert rest_s(Policy()) == 0.0
    assert rest_s(Policy(soak_s=2.0, soak_s_of={"a": 5.0, "b": 1.0})) == 5.0


def test_a_restart_on_a_locked_host_is_a_start_too() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False), entry("purge"), entry("a"))
    cloud.host("compute-0", stale("sm"), fresh("a"))
    cloud.host("compute-1", stale("sm"), fresh("a"), stale("purge"))
    policy = Policy(allow_lock=True, max_starts=MaxStarts(count=1, within_s=100.0))
    plan = cloud.plan(policy)
    starts = {step.id: step.start_s for step in plan.steps}
    assert starts["sm@compute-0"] == plan.step("lock@compute-0").end_s
    assert starts["sm@compute-1"] == plan.step("lock@compute-1").end_s
    assert check_plan(plan, cloud.observation, cloud.catalog, cloud.topology) == ()


def test_a_host_is_not_locked_for_a_service_that_was_started_too_often() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False))
    cloud.host("compute-0", stale("sm", restarts=3))
    plan = cloud.plan(Policy(allow_lock=True, max_starts=TWO_IN_TEN))
    lock = plan.step("lock@compute-0")
    assert (lock.soak_s, lock.start_s) == (10.0, 10.0)
    assert check_plan(plan, cloud.observation, cloud.catalog, cloud.topology) == ()

"""`insvc.plan.durations`: measured first, documented next, guessed last."""

from insvc.catalog.entry import GracefulWindow, Impact, Service
from insvc.model.act import DrainRule
from insvc.model.words import InstanceState
from insvc.plan.durations import drain_of, next_run_estimate, restart_estimate, start_s
from insvc.plan.policy import Policy
from tests.unit.plan.sample import entry, fresh, job


def test_a_measured_start_is_believed_before_the_documented_one() -> None:
    documented = entry("a", impact=Impact(longest_s=30.0))
    assert start_s(fresh("a", started_in_s=0.25), documented) == 0.25
    assert start_s(fresh("a", started_in_s=None), documented) == 30.0


def test_an_unknown_start_is_a_careful_guess() -> None:
    assert start_s(fresh("a", started_in_s=None), entry("a")) == 5.0
    assert start_s(fresh("a", started_in_s=None), None) == 5.0


def test_a_graceful_window_is_a_drain() -> None:
    cinder = entry("a", special_handling=(GracefulWindow(timeout_s=30, on_timeout="leave"),))
    drain = drain_of(cinder, "a", Policy())
    assert drain == DrainRule(signal="TERM", timeout_s=30, on_timeout="leave")


def test_the_services_own_drain_comes_before_the_window() -> None:
    own = DrainRule(signal="USR1", timeout_s=5.0)
    window = GracefulWindow(timeout_s=30)
    web = entry("a", services=(Service(name="a", drain=own),), special_handling=(window,))
    assert drain_of(web, "a", Policy()) == own


def test_the_policy_overrides_every_timeout_but_not_the_way() -> None:
    own = DrainRule(signal="USR1", timeout_s=5.0, on_timeout="leave")
    web = entry("a", services=(Service(name="a", drain=own),))
    policy = Policy(drain_s=2.0)
    assert drain_of(web, "a", policy) == DrainRule(signal="USR1", timeout_s=2.0, on_timeout="leave")
    assert drain_of(entry("a"), "a", policy) == DrainRule(timeout_s=2.0)
    assert drain_of(entry("a"), "a", Policy()) is None
    assert drain_of(entry("a"), "nobody", Policy()) is None


def test_a_longer_start_is_waited_for_longer() -> None:
    short = restart_estimate(fresh("a"), entry("a"), None, dwell_s=1.0)
    long = restart_estimate(fresh("a", started_in_s=100.0), entry("a"), None, dwell_s=1.0)
    assert short.duration_s == short.outage_s + 1.0
    assert long.timeout_s > 5 * 100.0 > short.timeout_s


def test_a_restart_is_given_up_after_five_times_its_start_and_never_within_a_minute() -> None:
    found = [
        restart_estimate(fresh("a", started_in_s=took_s), entry("a"), None, dwell_s=2.0).timeout_s
        for took_s in (1.0, 12.0, 20.0)
    ]
    assert found == [62.0, 62.0, 102.0]


def test_estimates_are_rounded_to_the_millisecond() -> None:
    found = restart_estimate(fresh("a", started_in_s=20.12345), entry("a"), None, dwell_s=0.5)
    assert (found.duration_s, found.outage_s, found.timeout_s) == (20.923, 20.423, 101.117)


def test_a_drain_is_waited_for_whole_but_expected_to_be_short() -> None:
    none = restart_estimate(fresh("a"), entry("a"), None, dwell_s=0.0)
    drained = restart_estimate(fresh("a"), entry("a"), DrainRule(timeout_s=30.0), dwell_s=0.0)
    assert drained.timeout_s == none.timeout_s + 30.0
    assert none.outage_s < drained.outage_s < none.outage_s + 30.0


def test_a_job_costs_no_outage_and_is_waited_for_in_the_middle_of_a_run() -> None:
    waiting = next_run_estimate(job("a"))
    running = next_run_estimate(job("a", state=InstanceState.RUNNING))
    assert waiting.outage_s == running.outage_s == 0.0
    assert waiting.duration_s < running.duration_s

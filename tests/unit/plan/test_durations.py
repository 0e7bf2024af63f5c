"""`insvc.plan.durations`: measured first, documented next, guessed last."""

from insvc.catalog.entry import GracefulWindow, Impact, Service
from insvc.model.act import DrainRule
from insvc.model.words import Action, InstanceState, Redundancy
from insvc.plan.durations import (
    affected_by,
    drain_of,
    host_estimate,
    is_active_only,
    next_run_estimate,
    restart_estimate,
    start_s,
)
from insvc.plan.policy import Policy
from tests.unit.plan.sample import Cloud, entry, fresh, job, stale, stopped

WEB = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)


def test_a_measured_start_is_believed_before_the_documented_one() -> None:
    documented = entry("a", impact=Impact(longest_s=30.0))
    assert start_s(fresh("a", started_in_s=0.25), documented) == 0.25
    assert start_s(fresh("a", started_in_s=None), documented) == 30.0


def test_an_unknown_start_is_a_careful_guess() -> None:
    assert start_s(fresh("a", started_in_s=None), entry("a")) > 1.0
    assert start_s(fresh("a", started_in_s=None), None) > 1.0


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


def two_controllers() -> Cloud:
    cloud = Cloud(WEB, entry("poll"))
    cloud.host("controller-0", fresh("web"), fresh("poll"), fresh("stranger"))
    return cloud.host("controller-1", stopped("web"), fresh("poll"))


def test_a_swact_moves_what_runs_on_the_active_host_alone() -> None:
    view = two_controllers().view()
    assert is_active_only(view, "web")
    assert not is_active_only(view, "poll")
    assert not is_active_only(view, "stranger")
    moved = affected_by(view, "controller-0", Action.SWACT)
    assert [one.service for one in moved] == ["web"]


def test_a_lock_stops_everything_but_what_a_swact_took_away() -> None:
    view = two_controllers().view()
    stops = affected_by(view, "controller-0", Action.LOCK)
    assert [one.service for one in stops] == ["web", "poll", "stranger"]
    rest = affected_by(view, "controller-0", Action.LOCK, after_swact=True)
    assert [one.service for one in rest] == ["poll", "stranger"]
    assert [one.service for one in affected_by(view, "controller-1", Action.LOCK)] == ["poll"]


def test_host_actions_take_as_long_as_the_services_they_move() -> None:
    cloud = Cloud(WEB).host("controller-0", stale("web", started_in_s=4.0))
    view = cloud.view()
    lock = host_estimate(view, "controller-0", Action.LOCK)
    unlock = host_estimate(view, "controller-0", Action.UNLOCK)
    swact = host_estimate(view, "controller-0", Action.SWACT)
    assert unlock.outage_s == 4.0
    assert swact.outage_s == lock.outage_s + unlock.outage_s
    assert host_estimate(view, "controller-0", Action.LOCK, after_swact=True).outage_s == 0.0

"""`insvc.plan.history`: what was measured takes the place of what was guessed."""

from insvc.model.words import Action
from insvc.plan.history import Measured
from insvc.plan.host_durations import host_estimate
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.plan.view import make_view
from tests.unit.plan.sample import Cloud, entry, fresh, stale

ONCE = Measured(outage_s=0.25, took_s=0.4, runs=1)


def planned(history: dict[str, Measured] | None) -> Plan:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a"), fresh("b"))
    policy = Policy(dwell_s=2.0)
    return make_plan(cloud.observation, cloud.catalog, cloud.topology, policy, history)


def test_it_says_what_was_measured_and_how_often() -> None:
    assert str(ONCE) == "out about 0.25 s, measured in 1 run"
    assert str(Measured(outage_s=1.0, took_s=2.0, runs=3)).endswith("measured in 3 runs")


def test_a_step_takes_what_it_took_before_and_its_dwell() -> None:
    (step,) = planned({"a": ONCE}).steps
    assert (step.expected_outage_s, step.end_s - step.start_s) == (0.25, 2.4)
    assert step.reason.endswith("out about 0.25 s, measured in 1 run")


def test_the_forecast_says_that_it_was_measured() -> None:
    (line,) = planned({"a": ONCE}).forecast
    assert line.outage_s == 0.25
    assert "a: out about 0.25 s, measured in 1 run" in line.note


def test_the_patience_of_a_step_does_not_shrink_with_what_was_measured() -> None:
    (guessed,), (known,) = planned(None).steps, planned({"a": ONCE}).steps
    assert known.timeout_s == guessed.timeout_s


def test_what_was_measured_of_others_changes_nothing() -> None:
    assert planned({"b": ONCE}) == planned({}) == planned(None)


def test_what_was_done_to_hosts_goes_by_its_action() -> None:
    cloud = Cloud(entry("a")).host("compute-0", fresh("a"))
    view = make_view(cloud.observation, cloud.catalog, cloud.topology, {"lock": ONCE})
    lock = host_estimate(view, "compute-0", Action.LOCK)
    assert (lock.duration_s, lock.outage_s) == (0.4, 0.25)
    assert host_estimate(view, "compute-0", Action.UNLOCK).measured is None

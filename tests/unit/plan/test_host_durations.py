"""`insvc.plan.host_durations`: services of a host stop and start in waves."""

import pytest

from insvc.model.observation import Instance
from insvc.model.words import Action, InstanceState, Redundancy
from insvc.plan.durations import STOP_S
from insvc.plan.history import Measured
from insvc.plan.host_durations import affected_by, host_estimate, is_active_only, swact_cost_s
from insvc.plan.view import View, make_view
from tests.unit.plan.sample import Cloud, entry, fresh, job, stopped

WEB = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)


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


def test_services_that_need_one_another_start_one_after_the_other() -> None:
    cloud = Cloud(
        entry("a"), entry("b", depends_on=("a",)), entry("c", depends_on=("b",)), entry("d")
    )
    starts = {"c": 1.0, "b": 2.0, "a": 4.0, "d": 5.0}
    cloud.host("compute-0", *(fresh(name, started_in_s=took) for name, took in starts.items()))
    view = cloud.view()
    unlock = host_estimate(view, "compute-0", Action.UNLOCK)
    assert 7.0 < unlock.outage_s < 8.0
    assert unlock.timeout_s > unlock.duration_s > unlock.outage_s
    assert host_estimate(view, "compute-0", Action.LOCK).outage_s < 1.0


def test_a_swact_stops_here_and_starts_there() -> None:
    view = Cloud(WEB).host("controller-0", fresh("web", started_in_s=4.0)).view()
    lock = host_estimate(view, "controller-0", Action.LOCK)
    swact = host_estimate(view, "controller-0", Action.SWACT)
    assert swact.outage_s == pytest.approx(lock.outage_s + 4.0)
    assert swact.duration_s == pytest.approx(swact.outage_s + STOP_S)
    assert host_estimate(view, "controller-0", Action.LOCK, after_swact=True).outage_s == 0.0


def moving(*services: Instance, **measured: Measured) -> View:
    """A host with two entries that take turns, the second of which needs the first."""
    turns = Redundancy.ACTIVE_STANDBY
    cloud = Cloud(
        entry("web", redundancy=turns),
        entry("vim", redundancy=turns, depends_on=("web",)),
        entry("poll"),
    )
    cloud.host("controller-0", *services)
    return make_view(cloud.observation, cloud.catalog, cloud.topology, measured)


def test_the_cost_of_a_swact_adds_up_over_all_that_it_moves() -> None:
    view = moving(*(fresh(name, started_in_s=2.0) for name in ("web", "vim", "poll")))
    assert swact_cost_s(view, "controller-0") == pytest.approx(3 * STOP_S + 2.0 + 4.0)
    assert swact_cost_s(moving(), "controller-0") == 0.0
    assert host_estimate(moving(), "controller-0", Action.SWACT).outage_s == 0.0


def test_where_swacts_were_measured_the_longest_outage_is_known() -> None:
    services = [fresh(name, started_in_s=2.0) for name in ("web", "vim")]
    guess = moving(*services)
    longest_s = host_estimate(guess, "controller-0", Action.SWACT).outage_s
    known = Measured(outage_s=longest_s / 2, took_s=3.0, runs=1)
    view = moving(*services, swact=known)
    assert host_estimate(view, "controller-0", Action.SWACT).outage_s == pytest.approx(
        known.outage_s
    )
    half = swact_cost_s(guess, "controller-0") / 2
    assert swact_cost_s(view, "controller-0") == pytest.approx(half)
    assert swact_cost_s(moving(swact=known), "controller-0") == 0.0


def test_a_circle_of_dependencies_ends() -> None:
    cloud = Cloud(entry("a", depends_on=("b",)), entry("b", depends_on=("a",)))
    view = cloud.host("compute-0", fresh("a"), fresh("b"), fresh("stranger")).view()
    assert host_estimate(view, "compute-0", Action.UNLOCK).outage_s >= 1.0


def test_a_job_in_the_middle_of_a_run_is_no_service_that_a_host_action_moves() -> None:
    cloud = Cloud(entry("purge", redundancy=Redundancy.ACTIVE_STANDBY), WEB)
    running = job("purge", state=InstanceState.RUNNING, started_in_s=9.0)
    view = cloud.host("controller-0", running, fresh("web", started_in_s=2.0)).view()
    for action in (Action.SWACT, Action.LOCK):
        assert [one.service for one in affected_by(view, "controller-0", action)] == ["web"]
    assert swact_cost_s(view, "controller-0") == pytest.approx(STOP_S + 2.0)

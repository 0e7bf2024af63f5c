"""`insvc.plan.preamble`: locked hosts that a plan brings back before anything else."""

import pytest

from insvc.catalog.entry import AtMostOneDown
from insvc.check.plan_check import check_plan
from insvc.errors import InputError, PlanRefused
from insvc.model.observation import Instance
from insvc.model.words import InstanceState, Redundancy
from insvc.plan.pacing import Pace
from insvc.plan.plan import Plan
from insvc.plan.policy import MaxStarts, Policy, Window
from insvc.plan.preamble import hosts_to_unlock, make_preamble
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped

SM = entry("sm", in_service_patchable=False)
MON = entry(
    "mon",
    redundancy=Redundancy.QUORUM,
    special_handling=(AtMostOneDown(service="mon"),),
)
IP = entry("ip", redundancy=Redundancy.ACTIVE_STANDBY)


def half_done() -> Cloud:
    """A run has locked the standby, and its sm did not come up there."""
    return (
        Cloud(SM, MON, IP, entry("db"))
        .host("controller-0", stale("sm"), fresh("mon"), fresh("ip"), fresh("db"))
        .host(
            "controller-1",
            failed("sm"),
            stopped("mon"),
            stopped("ip"),
            failed("db"),
            locked=True,
        )
        .host("storage-0", stale("mon"), fresh("db"))
    )


def check(cloud: Cloud, plan: Plan) -> None:
    assert check_plan(plan, cloud.observation, cloud.catalog, cloud.topology) == ()


def finished() -> tuple[Cloud, Plan]:
    cloud = half_done()
    return cloud, cloud.plan(allow_lock=True, revive_failed=True, unlock=("controller-1",))


def test_the_turn_is_ended_before_anything_else_begins() -> None:
    cloud, plan = finished()
    ids = [step.id for step in plan.steps]
    assert ids == [
        "sm@controller-1",
        "unlock@controller-1",
        "mon@storage-0",
        "swact@controller-0",
        "lock@controller-0",
        "sm@controller-0",
        "unlock@controller-0",
    ]
    assert plan.step("unlock@controller-1").after == ("sm@controller-1",)
    assert plan.step("mon@storage-0").after == ("unlock@controller-1",)
    assert plan.step("mon@storage-0").start_s >= plan.step("unlock@controller-1").end_s
    check(cloud, plan)


def test_what_the_unlock_starts_is_left_to_it_and_says_so() -> None:
    _, plan = finished()
    reasons = {(one.host, one.service): one.reason for one in plan.omitted}
    assert "started afresh by unlock@controller-1" in reasons["controller-1", "db"]


def test_times_and_forecast_follow_the_preamble() -> None:
    _, plan = finished()
    unlocked_s = plan.step("unlock@controller-1").end_s
    assert plan.makespan_s == max(step.end_s for step in plan.steps)
    assert unlocked_s < plan.lower_bound_s <= plan.makespan_s
    foretold = {one.entry: one for one in plan.forecast}
    assert foretold["mon"].from_s >= unlocked_s


def test_without_the_wish_a_locked_standby_stands_in_the_way() -> None:
    with pytest.raises(PlanRefused):
        half_done().plan(allow_lock=True, revive_failed=True)


def test_a_host_that_needs_nothing_else_is_just_unlocked() -> None:
    cloud = Cloud(entry("db"), entry("purge")).host(
        "compute-0",
        stopped("db"),
        job("purge"),
        Instance(service="off", state=InstanceState.DISABLED),
        locked=True,
    )
    plan = cloud.plan(unlock=("compute-0",))
    assert [step.id for step in plan.steps] == ["unlock@compute-0", "purge@compute-0"]
    check(cloud, plan)


def test_a_host_that_is_not_locked_needs_no_unlock() -> None:
    cloud = Cloud(entry("db")).host("compute-0", fresh("db"))
    assert cloud.plan(unlock=("compute-0",)).steps == ()


def test_a_host_that_nobody_observed_is_named() -> None:
    cloud = Cloud(entry("db")).host("compute-0", fresh("db"))
    with pytest.raises(InputError, match="compute-9"):
        cloud.plan(unlock=("compute-9",))


def test_hosts_come_in_the_order_of_the_topology() -> None:
    cloud = Cloud(entry("db"))
    for name in ("compute-0", "compute-1"):
        cloud.host(name, stopped("db"), locked=True)
    plan = cloud.plan(unlock=("compute-1", "compute-0"))
    assert [step.id for step in plan.steps] == ["unlock@compute-0", "unlock@compute-1"]
    assert hosts_to_unlock(cloud.view(), plan.policy) == ("compute-0", "compute-1")


def test_each_host_is_finished_before_the_next_one() -> None:
    cloud = Cloud(SM)
    for name in ("compute-0", "compute-1"):
        cloud.host(name, stale("sm"), locked=True)
    plan = cloud.plan(unlock=("compute-0", "compute-1"))
    assert [step.id for step in plan.steps] == [
        "sm@compute-0",
        "unlock@compute-0",
        "sm@compute-1",
        "unlock@compute-1",
    ]
    check(cloud, plan)


def locked(*names: str) -> Cloud:
    cloud = Cloud(SM, entry("db"), entry("web", redundancy=Redundancy.ACTIVE_STANDBY))
    for name in names:
        cloud.host(name, stale("sm"), stale("db"), stale("web"), locked=True)
    return cloud


def test_hosts_come_back_in_maintenance_windows_only() -> None:
    cloud = locked("compute-0").host("compute-1", stale("db"))
    windows = (Window(opens=0.0, closes=2.0), Window(opens=100.0, closes=200.0))
    plan = cloud.plan(unlock=("compute-0",), windows=windows)
    assert plan.step("sm@compute-0").start_s == 100.0
    assert plan.step("unlock@compute-0").end_s <= plan.step("db@compute-1").start_s
    check(cloud, plan)


def test_what_comes_back_counts_as_started_and_rests() -> None:
    cloud = locked("compute-0", "compute-1")
    limit = MaxStarts(count=1, within_s=60.0)
    cloud.host("compute-2", stale("db"))
    plan = cloud.plan(
        unlock=("compute-0", "compute-1"), max_starts=limit, soak_s=20.0, max_unavailable=3
    )
    check(cloud, plan)
    assert plan.step("sm@compute-1").soak_s == 20.0
    back_s = plan.step("unlock@compute-1").end_s
    later = plan.step("db@compute-2")
    assert (later.soak_s, later.start_s) == (20.0, back_s + 20.0)


def test_what_ran_on_the_active_host_alone_is_cured_by_the_unlock() -> None:
    cloud = locked("compute-0")
    plan = cloud.plan(unlock=("compute-0",))
    assert [step.id for step in plan.steps] == ["sm@compute-0", "unlock@compute-0"]
    assert {one.service for one in plan.omitted} == {"db", "web"}
    check(cloud, plan)


def test_a_job_in_the_middle_of_its_run_is_left_to_its_next_run() -> None:
    cloud = Cloud(entry("purge")).host(
        "compute-0", job("purge", state=InstanceState.RUNNING), locked=True
    )
    plan = cloud.plan(unlock=("compute-0",))
    assert [step.id for step in plan.steps] == ["unlock@compute-0", "purge@compute-0"]
    check(cloud, plan)


def test_what_failed_on_a_locked_host_is_told_of_though_it_is_not_revived() -> None:
    cloud = Cloud(entry("db"), entry("web", redundancy=Redundancy.ACTIVE_STANDBY))
    cloud.host("compute-0", failed("db"), failed("web"), locked=True)
    plan = cloud.plan(unlock=("compute-0",))
    assert sorted(one.service for one in plan.omitted) == ["db", "web"]
    reasons = {one.service: one.reason for one in plan.omitted}
    assert reasons["db"].startswith("started afresh by unlock@compute-0; has failed")
    assert reasons["web"].startswith("has failed")
    check(cloud, plan)


def test_an_unlock_cures_only_what_is_on_its_host_and_no_job() -> None:
    cloud = Cloud(entry("a"), entry("purge"))
    cloud.host("compute-0", stale("a"), job("purge"), locked=True)
    cloud.host("compute-1", stale("a"), job("purge")).host("compute-2", failed("a"))
    steps, cured = make_preamble(cloud.view(), ["compute-0"], Pace(Policy()))
    assert [step.id for step in steps] == ["unlock@compute-0"]
    assert [(one.host, one.service) for one in cured] == [("compute-0", "a")]


def test_what_follows_is_moved_by_whole_milliseconds() -> None:
    cloud = locked("compute-0").host("compute-1", stale("db", started_in_s=1.2345))
    plan = cloud.plan(unlock=("compute-0",), soak_s=2.3456)
    later = plan.step("db@compute-1")
    begins_s = plan.step("unlock@compute-0").end_s + 2.3456
    assert later.start_s == round(begins_s, 3) != round(begins_s, 2)
    assert plan.makespan_s == later.end_s == round(later.end_s, 3)
    check(cloud, plan)


def test_a_member_that_votes_is_not_spared_on_a_locked_host_either() -> None:
    cloud = Cloud(entry("sm", redundancy=Redundancy.QUORUM), entry("db"))
    cloud.host("compute-0", stale("sm"), locked=True)
    cloud.host("compute-1", failed("sm")).host("compute-2", fresh("sm"))
    with pytest.raises(PlanRefused, match="sm@compute-0"):
        cloud.plan(unlock=("compute-0",))
    cloud = Cloud(entry("sm", redundancy=Redundancy.QUORUM), entry("db"))
    cloud.host("compute-0", stale("sm"), locked=True)
    cloud.host("compute-1", fresh("sm")).host("compute-2", fresh("sm"))
    check(cloud, cloud.plan(unlock=("compute-0",)))


def test_what_follows_the_preamble_is_placed_in_windows_by_the_time_it_really_begins() -> None:
    cloud = locked("compute-0").host("compute-1", stale("db"))
    free = cloud.plan(unlock=("compute-0",), soak_s=20.0)
    first, then = free.step("sm@compute-0"), free.step("db@compute-1")
    # It would still fit if it began a pause after the first step of the preamble, not the last.
    closes = first.end_s + 20.0 + (then.end_s - then.start_s) + 0.5
    assert then.start_s < closes < then.end_s
    windows = (Window(opens=0.0, closes=closes), Window(opens=500.0, closes=900.0))
    plan = cloud.plan(unlock=("compute-0",), soak_s=20.0, windows=windows)
    assert plan.step("unlock@compute-0").end_s <= closes
    assert plan.step("db@compute-1").start_s == 500.0
    check(cloud, plan)

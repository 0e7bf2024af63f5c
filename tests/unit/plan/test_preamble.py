"""`insvc.plan.preamble`: locked hosts that a plan brings back before anything else."""

import pytest

from insvc.catalog.entry import AtMostOneDown
from insvc.check.plan_check import check_plan
from insvc.errors import InputError, PlanRefused
from insvc.model.observation import Instance
from insvc.model.words import InstanceState, Redundancy
from insvc.plan.plan import Plan
from insvc.plan.preamble import hosts_to_unlock
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

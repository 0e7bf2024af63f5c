import dataclasses

import pytest

from insvc.model.words import Action, Redundancy, Role
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from tests.unit.check.sample import add, change, codes, found, without
from tests.unit.plan.sample import Cloud, entry, fresh, stale, stopped

FIXED = entry("sm", in_service_patchable=False)
IP = entry("ip", redundancy=Redundancy.ACTIVE_STANDBY)


@pytest.fixture
def cloud() -> Cloud:
    return (
        Cloud(FIXED, IP, entry("db"))
        .host("controller-0", stale("sm"), stale("ip"), stale("db"))
        .host("controller-1", stale("sm"), stopped("ip"), stale("db"))
        .host("compute-0", fresh("db"))
    )


@pytest.fixture
def plan(cloud: Cloud) -> Plan:
    return cloud.plan(allow_lock=True)


def reasons(cloud: Cloud, plan: Plan) -> str:
    return "\n".join(f"{one.code} {one.subject}: {one.reason}" for one in found(cloud, plan))


def test_swact_lock_restart_unlock_is_sound(cloud: Cloud, plan: Plan) -> None:
    assert codes(cloud, plan) == set()
    assert {step.action for step in plan.steps} >= {Action.SWACT, Action.LOCK, Action.UNLOCK}


def test_what_only_a_lock_allows_is_never_restarted_in_service(cloud: Cloud, plan: Plan) -> None:
    early = change(plan, "sm@controller-1", after=())
    assert "law.1 sm@controller-1: Sm is not patchable in service" in reasons(cloud, early)
    late = change(plan, "unlock@controller-1", after=("lock@controller-1",))
    assert "unlocked too early" in reasons(cloud, late)


def test_a_locked_host_needs_no_lock() -> None:
    cloud = Cloud(FIXED).host("compute-0", stale("sm"), locked=True)
    assert codes(cloud, cloud.plan()) == set()


def test_a_lock_needs_the_policy(cloud: Cloud, plan: Plan) -> None:
    plan = cloud.plan(allow_lock=True)
    forbidden = Plan(steps=plan.steps, omitted=plan.omitted)
    assert "the policy allows no lock" in reasons(cloud, forbidden)


def test_a_host_is_unlocked_again_and_only_then(cloud: Cloud, plan: Plan) -> None:
    assert "nothing unlocks controller-1" in reasons(cloud, without(plan, "unlock@controller-1"))
    early = change(plan, "unlock@controller-1", after=())
    assert "would stay locked" in reasons(cloud, early)


def test_an_unlock_needs_a_lock(cloud: Cloud) -> None:
    plan = add(Plan(), "unlock@compute-0", action=Action.UNLOCK, service="", entry="")
    assert "compute-0 is not locked, and no step" in reasons(cloud, plan)


def test_a_locked_host_is_not_locked_again() -> None:
    cloud = Cloud(FIXED).host("compute-0", stale("sm"), locked=True)
    plan = add(cloud.plan(), "lock@compute-0", action=Action.LOCK, service="", entry="")
    assert "compute-0 is locked already" in reasons(cloud, plan)


def test_the_active_controller_is_not_locked(cloud: Cloud, plan: Plan) -> None:
    told = reasons(cloud, without(plan, "swact@controller-0"))
    assert "law.4 lock@controller-0: controller-0 may be the active controller" in told
    early = change(plan, "lock@controller-0", after=())
    assert "controller-0 may be the active controller" in reasons(cloud, early)


def test_no_host_is_locked_under_a_restart(cloud: Cloud, plan: Plan) -> None:
    plan = add(plan, "db@compute-0", reason="x")
    plan = add(plan, "lock@compute-0", action=Action.LOCK, service="", entry="")
    assert "its host may be locked under it" in reasons(cloud, plan)
    plan = add(plan, "unlock@compute-0", "lock@compute-0", action=Action.UNLOCK, service="")
    assert "its host may be locked under it" in reasons(cloud, plan)
    after = change(plan, "db@compute-0", after=("unlock@compute-0",))
    assert "its host may be locked under it" not in reasons(cloud, after)


def test_a_new_active_controller_is_finished_first(cloud: Cloud, plan: Plan) -> None:
    early = change(plan, "swact@controller-0", after=("sm@controller-1",))
    told = reasons(cloud, early)
    assert "hands activity to controller-1, where unlock@controller-1 may not have ended" in told


@pytest.mark.parametrize(
    ("to_host", "words"),
    [
        (None, "not to nobody"),
        ("compute-0", "not to compute-0"),
        ("controller-0", "not to controller-0"),
    ],
)
def test_activity_goes_to_another_controller(
    cloud: Cloud, plan: Plan, to_host: str | None, words: str
) -> None:
    assert words in reasons(cloud, change(plan, "swact@controller-0", to_host=to_host))


def swact_of(**standby: object) -> str:
    cloud = Cloud(IP, FIXED)
    cloud.host("controller-0", fresh("ip")).host("controller-1", stopped("ip"), **standby)
    plan = add(
        Plan(),
        "swact@controller-0",
        action=Action.SWACT,
        to_host="controller-1",
        service="",
        entry="",
    )
    return reasons(cloud, plan)


def test_a_standby_takes_over_only_where_it_can() -> None:
    assert swact_of() == ""
    assert "controller-1 is no standby" in swact_of(role=Role.ACTIVE)
    assert "controller-1 is locked" in swact_of(locked=True)
    assert "controller-1 does not answer" in swact_of(reachable=False)


def test_a_standby_may_be_unlocked_before(cloud: Cloud) -> None:
    cloud = Cloud(IP).host("controller-0", fresh("ip"))
    cloud.host("controller-1", stopped("ip"), locked=True)
    plan = add(Plan(), "unlock@controller-1", action=Action.UNLOCK, service="", entry="")
    plan = add(
        plan,
        "swact@controller-0",
        "unlock@controller-1",
        action=Action.SWACT,
        to_host="controller-1",
        service="",
    )
    why = "unlock@controller-1: somebody has locked controller-1, and the policy does not want it"
    assert why in reasons(cloud, plan)
    plan = dataclasses.replace(plan, policy=Policy(unlock=("controller-1",)))
    assert "locked" not in reasons(cloud, plan)


def test_only_the_active_controller_hands_activity_over(cloud: Cloud) -> None:
    plan = add(Plan(), "swact@controller-1", action=Action.SWACT, to_host="controller-0")
    told = reasons(cloud, change(plan, "swact@controller-1", service="", entry=""))
    assert "controller-1 is not the active controller" in told
    assert "controller-0 is no standby" in told


def test_activity_may_go_there_and_back(cloud: Cloud) -> None:
    cloud = (
        Cloud(IP, entry("db"))
        .host("controller-0", fresh("ip"), stale("db"))
        .host("controller-1", stopped("ip"), stale("db"))
    )
    there = {"action": Action.SWACT, "service": "", "entry": ""}
    plan = add(Plan(), "db@controller-1", expects=cloud.seen[1].instances[1].processes)
    plan = add(plan, "swact@controller-0", "db@controller-1", to_host="controller-1", **there)
    processes = cloud.seen[0].instances[1].processes
    plan = add(plan, "db@controller-0", "swact@controller-0", expects=processes)
    plan = add(plan, "swact@controller-1", "db@controller-0", to_host="controller-0", **there)
    assert codes(cloud, plan) == set()

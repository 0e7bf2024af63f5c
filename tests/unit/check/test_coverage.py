import dataclasses

import pytest

from insvc.model.observation import ProcessIdentity
from insvc.model.words import Action, InstanceState, Redundancy, Verdict
from insvc.plan.plan import Omission, Plan
from tests.unit.check.sample import add, change, codes, found, only, without
from tests.unit.plan.sample import MAIN, Cloud, entry, failed, fresh, job, stale, stopped


@pytest.fixture
def cloud() -> Cloud:
    return (
        Cloud(entry("db"), entry("api"), entry("quiet", action=Action.NONE))
        .host("compute-0", stale("db"), fresh("api"), stale("quiet"))
        .host("compute-1", stale("db"), fresh("api"))
    )


def test_a_stale_one_that_is_missing_is_found(cloud: Cloud) -> None:
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    fault = only(cloud, without(plan, "db@compute-1"))
    assert (fault.code, fault.subject) == ("law.9", "db@compute-1")


def test_a_reason_that_nothing_bears_out_is_none(cloud: Cloud) -> None:
    plan = without(cloud.plan(), "db@compute-1")
    excuse = Omission(host="compute-1", service="db", entry="db", reason="is not stale, trust me")
    plan = dataclasses.replace(plan, omitted=(*plan.omitted, excuse))
    assert codes(cloud, plan) == {"law.9"}


def test_what_is_not_stale_is_not_touched(cloud: Cloud) -> None:
    plan = add(cloud.plan(), "api@compute-1", "db@compute-1", expects=(MAIN,))
    fault = only(cloud, plan)
    assert (fault.code, fault.reason) == (
        "law.9",
        "api is running and current: nothing calls for an act (law 9)",
    )


def test_what_was_not_seen_is_not_touched(cloud: Cloud) -> None:
    assert (
        "no quiet was seen on compute-1" in only(cloud, add(cloud.plan(), "quiet@compute-1")).reason
    )


def test_a_plan_for_other_processes_is_found(cloud: Cloud) -> None:
    other = ProcessIdentity(boot_id="boot", pid=8, start_ticks=1)
    fault = only(cloud, change(cloud.plan(), "db@compute-0", expects=(other,)))
    assert "was made for pid 8 (start 1), pid 7 (start 100) was seen" in fault.reason
    assert (
        "was made for no process"
        in only(cloud, change(cloud.plan(), "db@compute-0", expects=())).reason
    )


def test_whatever_is_left_out_is_told(cloud: Cloud) -> None:
    plan = dataclasses.replace(cloud.plan(), omitted=())
    fault = only(cloud, plan)
    assert (fault.code, fault.subject) == ("law.10", "quiet@compute-0")


def test_nothing_is_restarted_and_left_out_at_once(cloud: Cloud) -> None:
    plan = cloud.plan()
    both = Omission(host="compute-0", service="db", entry="db", reason="x")
    plan = dataclasses.replace(plan, omitted=(*plan.omitted, both))
    assert "left out at once" in only(cloud, plan).reason


@pytest.mark.parametrize(
    ("host", "service", "entry", "words"),
    [
        ("compute-9", "db", "db", "is left out, and nobody has seen it (law 10)"),
        ("compute-9", "", "", "is left out, and nobody has seen it (law 10)"),
        ("compute-0", "ghost", "", "is left out, and nobody has seen it (law 10)"),
        ("compute-0", "quiet", "db", "is left out as one of db, which it is not (law 10)"),
        ("compute-0", "quiet", "", "is left out as one of no entry, which it is not (law 10)"),
    ],
)
def test_only_what_was_seen_can_be_left_out(
    cloud: Cloud, host: str, service: str, entry: str, words: str
) -> None:
    one = Omission(host=host, service=service, entry=entry, reason="is no matter (law 9)")
    plan = cloud.plan()
    fault = only(cloud, dataclasses.replace(plan, omitted=(*plan.omitted, one)))
    assert (fault.code, fault.reason) == ("law.10", words)


def test_a_locked_host_that_the_policy_wants_back_is_brought_back() -> None:
    cloud = Cloud(entry("db")).host("compute-0", fresh("db"), locked=True)
    cloud.host("compute-1", fresh("db"))
    plan = cloud.plan(unlock=("compute-0", "compute-1"))
    assert codes(cloud, plan) == set()
    fault = only(cloud, without(plan, "unlock@compute-0"))
    assert (fault.code, fault.subject) == ("law.9", "compute-0")
    assert "is locked, and the policy wants it back" in fault.reason


def test_a_host_that_does_not_answer_is_told() -> None:
    cloud = Cloud(entry("db")).host("compute-0", reachable=False).host("compute-1", fresh("db"))
    plan = cloud.plan()
    assert codes(cloud, plan) == set()
    assert only(cloud, dataclasses.replace(plan, omitted=())).subject == "compute-0"


@pytest.mark.parametrize("state", list(InstanceState))
@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("revives", [True, False])
def test_every_state_is_judged_as_the_planner_judges_it(
    state: InstanceState, verdict: Verdict, revives: bool
) -> None:
    cloud = Cloud(entry("db")).host("compute-0", stale("db", state=state, verdict=verdict))
    cloud.host("compute-1", stale("stranger"))
    plan = cloud.plan(revive_failed=revives)
    assert codes(cloud, plan) == set()
    emptied = Plan(policy=plan.policy, omitted=())
    assert "law.9" in codes(cloud, emptied) or "law.10" in codes(cloud, emptied)


def test_a_job_that_would_run_other_code_is_told_of() -> None:
    cloud = Cloud(entry("expirer", action=Action.NEXT_RUN)).host("compute-0", job("expirer"))
    assert codes(cloud, cloud.plan()) == set()
    assert codes(cloud, Plan()) == {"law.9"}


def locking() -> Cloud:
    return (
        Cloud(
            entry("os", in_service_patchable=False),
            entry("sm"),
            entry("db"),
            entry("ip", redundancy=Redundancy.ACTIVE_STANDBY),
        )
        .host("controller-0", stale("os"), stale("sm"), stale("db"), stale("ip"))
        .host("controller-1", fresh("os"), fresh("sm"), fresh("db"), stopped("ip"))
        .host("compute-0", failed("db"), fresh("os"))
    )


def test_a_lock_and_a_swact_cure_what_they_start_afresh() -> None:
    cloud = locking()
    plan = cloud.plan(allow_lock=True, max_unavailable=2)
    assert codes(cloud, plan) == set()
    assert "db@controller-0" not in {step.id for step in plan.steps}


def test_a_lock_does_not_cure_who_carries_it_out() -> None:
    cloud = locking()
    plan = without(cloud.plan(allow_lock=True, max_unavailable=2), "sm@controller-0")
    assert [one.subject for one in found(cloud, plan)] == ["sm@controller-0"]


def test_a_host_is_locked_only_for_cause() -> None:
    cloud = locking()
    plan = cloud.plan(allow_lock=True, max_unavailable=2)
    host_step = {"service": "", "entry": ""}
    plan = add(plan, "lock@compute-0", plan.steps[-1].id, action=Action.LOCK, **host_step)
    plan = add(plan, "unlock@compute-0", "lock@compute-0", action=Action.UNLOCK, **host_step)
    fault = only(cloud, plan)
    assert (fault.code, fault.subject) == ("law.8", "lock@compute-0")

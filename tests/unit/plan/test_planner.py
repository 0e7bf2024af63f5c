"""`insvc.plan.planner`: the laws, each by the smallest cloud that shows it."""

import pytest

from insvc.catalog.entry import AtMostOneDown, AvoidTogether, Before, CarriesTraffic
from insvc.errors import NeedsLock, OverBudget, PlanRefused
from insvc.model.words import (
    Action,
    InstanceState,
    Manager,
    Redundancy,
    Role,
)
from tests.unit.plan.sample import (
    Cloud,
    entry,
    failed,
    fresh,
    ids,
    job,
    omitted,
    precedes,
    stale,
    stopped,
)

MON = entry(
    "mon",
    redundancy=Redundancy.QUORUM,
    special_handling=(AtMostOneDown(service="mon"),),
)


def test_nothing_stale_means_an_empty_plan() -> None:
    plan = Cloud(entry("a")).host("compute-0", fresh("a")).plan()
    assert plan.steps == ()
    assert plan.omitted == ()
    assert plan.forecast == ()
    assert plan.makespan_s == plan.lower_bound_s == 0.0


def test_only_what_is_stale_is_restarted() -> None:
    cloud = Cloud(entry("a"), entry("b")).host("compute-0", stale("a"), fresh("b"))
    assert ids(cloud.plan()) == ["a@compute-0"]


def test_equal_inputs_give_equal_plans_in_whatever_order_hosts_were_observed() -> None:
    cloud = Cloud(entry("a"), entry("b"))
    for name in ("compute-0", "compute-1", "controller-0"):
        cloud.host(name, stale("a"), stale("b"))
    plan = cloud.plan()
    cloud.seen.reverse()
    assert cloud.plan() == plan


def test_every_step_says_why_and_names_its_evidence() -> None:
    (step,) = Cloud(entry("a")).host("compute-0", stale("a")).plan().steps
    assert "/usr/lib/libx.so" in step.reason
    assert "law 9" in step.reason


def test_the_standby_goes_before_the_active_even_with_room_for_both() -> None:
    cloud = Cloud(entry("a")).host("controller-0", stale("a")).host("controller-1", stale("a"))
    plan = cloud.plan(max_unavailable=5)
    assert precedes(plan, "a@controller-1", "a@controller-0")
    assert "law 4" in plan.step("a@controller-0").reason


def test_members_of_a_quorum_go_one_at_a_time_whatever_the_budget() -> None:
    cloud = Cloud(MON)
    for name in ("controller-0", "controller-1", "storage-0"):
        cloud.host(name, stale("mon"))
    plan = cloud.plan(max_unavailable=3)
    assert ids(plan) == ["mon@controller-1", "mon@storage-0", "mon@controller-0"]
    assert precedes(plan, "mon@controller-1", "mon@storage-0")
    assert precedes(plan, "mon@storage-0", "mon@controller-0")


def test_a_quorum_with_a_member_down_refuses_with_a_counter_example() -> None:
    cloud = Cloud(MON).host("controller-0", stale("mon"))
    cloud.host("controller-1", stale("mon")).host("storage-0", failed("mon"))
    with pytest.raises(PlanRefused) as fault:
        cloud.plan(max_unavailable=3)
    assert "mon@storage-0 is failed" in fault.value.reason
    assert "1 of 3" in fault.value.reason
    assert fault.value.subject == "mon@controller-1"
    assert fault.value.override is None


def test_a_failed_member_is_revived_before_any_other_goes_down() -> None:
    cloud = Cloud(MON).host("controller-0", stale("mon"))
    cloud.host("controller-1", stale("mon")).host("storage-0", failed("mon"))
    plan = cloud.plan(revive_failed=True)
    assert ids(plan)[0] == "mon@storage-0"
    assert precedes(plan, "mon@storage-0", "mon@controller-1")
    assert precedes(plan, "mon@storage-0", "mon@controller-0")


def test_two_members_are_no_quorum_to_play_with() -> None:
    cloud = Cloud(MON).host("controller-0", stale("mon")).host("controller-1", stale("mon"))
    with pytest.raises(PlanRefused, match="a majority, 2 of 2"):
        cloud.plan()


def test_a_host_that_does_not_answer_counts_as_down() -> None:
    cloud = Cloud(MON).host("controller-0", stale("mon")).host("controller-1", fresh("mon"))
    cloud.host("storage-0", reachable=False, unseen=("no answer",))
    with pytest.raises(PlanRefused, match="mon@storage-0 is unreachable"):
        cloud.plan()


def test_the_budget_is_kept_by_chains() -> None:
    cloud = Cloud(entry("a"))
    for number in range(6):
        cloud.host(f"compute-{number}", stale("a"))
    plan = cloud.plan(max_unavailable=2)
    assert sum(not step.after for step in plan.steps) == 2
    assert all(len(step.after) <= 1 for step in plan.steps)


def test_the_budget_of_a_service_overrides_the_general_one() -> None:
    cloud = Cloud(entry("a"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"))
    plan = cloud.plan(max_unavailable_of={"a": 3})
    assert all(not step.after for step in plan.steps)


def test_what_is_down_uses_up_the_budget_and_the_operator_may_raise_it() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a")).host("compute-1", failed("a"))
    with pytest.raises(OverBudget, match="a@compute-1 is failed") as fault:
        cloud.plan()
    assert fault.value.override == "--max-unavailable N"
    assert ids(cloud.plan(max_unavailable=2)) == ["a@compute-0"]


def test_many_obstacles_are_counted() -> None:
    names = [f"a{number}" for number in range(7)]
    cloud = Cloud(*map(entry, names)).host("compute-0", *map(stale, names))
    cloud.host("compute-1", *map(failed, names))
    with pytest.raises(OverBudget, match="and 2 more"):
        cloud.plan()


def test_one_failure_domain_at_a_time() -> None:
    cloud = Cloud(entry("a"))
    for number, domain in enumerate(("east", "west", "east", "west")):
        cloud.host(f"compute-{number}", stale("a"), failure_domain=domain)
    plan = cloud.plan(max_unavailable=2)
    for early in ("a@compute-0", "a@compute-2"):
        for late in ("a@compute-1", "a@compute-3"):
            assert precedes(plan, early, late)
    assert "failure domain after the other, now west" in plan.step("a@compute-1").reason


def test_steps_on_one_host_are_limited() -> None:
    names = ["a", "b", "c"]
    cloud = Cloud(*map(entry, names)).host("compute-0", *map(stale, names))
    plan = cloud.plan(parallel_services=1)
    assert precedes(plan, "a@compute-0", "b@compute-0")
    assert precedes(plan, "b@compute-0", "c@compute-0")
    assert "law 11" in plan.step("c@compute-0").reason


def test_hosts_of_one_kind_worked_on_at_once_are_limited() -> None:
    cloud = Cloud(entry("a"), entry("b"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    plan = cloud.plan(max_unavailable=3, parallel_hosts={"worker": 1})
    by_host = [[step for step in ids(plan) if step.endswith(str(number))] for number in range(3)]
    for former, latter in ((0, 1), (1, 2)):
        for first in by_host[former]:
            assert all(precedes(plan, first, then) for then in by_host[latter])


def test_prerequisites_come_first_also_through_what_is_current() -> None:
    cloud = Cloud(entry("a", depends_on=("b",)), entry("b", depends_on=("c", "nobody")), entry("c"))
    cloud.host("compute-0", stale("a"), fresh("b"), stale("c"))
    plan = cloud.plan()
    assert precedes(plan, "c@compute-0", "a@compute-0")
    assert "a depends on c (law 3)" in plan.step("a@compute-0").reason


def test_before_on_the_active_controller_orders_steps_there_only() -> None:
    rule = Before(entries=("b", "nobody"), where="active-controller")
    cloud = Cloud(entry("b"), entry("a", special_handling=(rule,)))
    cloud.host("controller-0", stale("a"), stale("b"))
    cloud.host("controller-1", stale("a"), stale("b"))
    plan = cloud.plan(max_unavailable=2)
    assert precedes(plan, "a@controller-0", "b@controller-0")
    assert not precedes(plan, "a@controller-1", "b@controller-1")


def test_before_everywhere_orders_all_of_both() -> None:
    rule = Before(entries=("b",))
    cloud = Cloud(entry("b"), entry("a", special_handling=(rule,)))
    cloud.host("compute-0", stale("b")).host("compute-1", stale("a"))
    assert precedes(cloud.plan(), "a@compute-1", "b@compute-0")


def test_avoided_company_is_kept_from_the_active_controller() -> None:
    cloud = Cloud(entry("b"), entry("a", special_handling=(AvoidTogether(entries=("b",)),)))
    cloud.host("controller-0", stale("b")).host("compute-0", stale("a"))
    cloud.host("compute-1", stale("b"))
    plan = cloud.plan()
    assert precedes(plan, "a@compute-0", "b@controller-0")
    assert not precedes(plan, "a@compute-0", "b@compute-1")


def test_avoided_company_is_turned_round_where_a_dependency_asks_for_it() -> None:
    rule = AvoidTogether(entries=("b", "c"))
    cloud = Cloud(entry("c"), entry("b"), entry("a", depends_on=("b",), special_handling=(rule,)))
    cloud.host("controller-0", stale("b")).host("compute-0", stale("a"), stale("c"))
    plan = cloud.plan()
    assert precedes(plan, "b@controller-0", "a@compute-0")
    assert not precedes(plan, "a@compute-0", "c@compute-0")


def test_rules_in_a_circle_are_refused_in_words() -> None:
    cloud = Cloud(
        entry("x"),
        entry("a", special_handling=(Before(entries=("b",)),)),
        entry("b", special_handling=(Before(entries=("a",)),)),
    ).host("compute-0", stale("a"), stale("b"), stale("x"))
    with pytest.raises(PlanRefused, match="a before b") as fault:
        cloud.plan()
    assert "b before a" in fault.value.reason


def test_what_carries_the_traffic_goes_last_one_at_a_time() -> None:
    traffic = (CarriesTraffic(),)
    cloud = Cloud(
        entry("proxy", special_handling=traffic),
        entry("net", special_handling=traffic),
        entry("a", depends_on=("proxy",)),
    )
    cloud.host("controller-0", stale("proxy"), stale("a"), stale("net"))
    cloud.host("controller-1", stale("proxy"))
    plan = cloud.plan(max_unavailable=2)
    assert precedes(plan, "a@controller-0", "proxy@controller-1")
    assert precedes(plan, "proxy@controller-1", "proxy@controller-0")
    chain = ["net@controller-0", "proxy@controller-0"]
    assert precedes(plan, *chain) or precedes(plan, *reversed(chain))
    assert "law 7" in plan.step("proxy@controller-1").reason


def test_a_job_waits_for_its_next_run_and_costs_nothing() -> None:
    cloud = Cloud(entry("purge", managed_by=Manager.CRON, action=Action.NEXT_RUN))
    plan = cloud.host("controller-0", job("purge")).plan()
    (step,) = plan.steps
    assert step.action is Action.NEXT_RUN
    assert step.expected_outage_s == 0.0
    assert step.endpoint is None
    assert "law 6" in step.reason
    assert plan.forecast[0].is_interrupted is False


def test_a_job_in_the_middle_of_a_run_is_waited_for() -> None:
    cloud = Cloud(entry("purge", managed_by=Manager.CRON, action=Action.NEXT_RUN))
    plan = cloud.host("controller-0", stale("purge")).plan()
    (step,) = plan.steps
    assert step.action is Action.NEXT_RUN
    assert "in the middle of a run" in step.reason


def barred(**fields: object) -> Cloud:
    sm = entry("sm", in_service_patchable=False, managed_by=Manager.PMON)
    api = entry("sm-api", in_service_patchable=False, managed_by=Manager.PMON)
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(sm, api, web, entry("poll"))
    parts = (stale("sm"), stale("sm-api"), stale("poll"))
    cloud.host("controller-0", *parts, stale("web"))
    return cloud.host("controller-1", *parts, stopped("web"), **fields)


def test_what_is_not_patchable_in_service_is_refused_without_a_lock() -> None:
    with pytest.raises(NeedsLock, match="sm-api@controller-1") as fault:
        barred().plan()
    assert fault.value.override == "--allow-lock"
    assert "/usr/lib/libx.so" in fault.value.reason


def test_hosts_are_locked_in_turn_standby_first_and_activity_moves_over() -> None:
    plan = barred().plan(allow_lock=True)
    assert ids(plan) == [
        "lock@controller-1",
        "sm@controller-1",
        "unlock@controller-1",
        "swact@controller-0",
        "lock@controller-0",
        "sm@controller-0",
        "unlock@controller-0",
    ]
    for former, latter in zip(plan.steps, plan.steps[1:], strict=False):
        assert latter.after == (former.id,)
    assert plan.step("swact@controller-0").to_host == "controller-1"


def test_what_a_lock_or_a_swact_cures_gets_no_step_of_its_own() -> None:
    reasons = omitted(barred().plan(allow_lock=True))
    assert "unlock@controller-1" in reasons["poll@controller-1"]
    assert "unlock@controller-0" in reasons["sm-api@controller-0"]
    assert "on controller-1 by swact@controller-0" in reasons["web@controller-0"]


def test_an_active_controller_without_a_peer_is_not_locked() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False)).host("controller-0", stale("sm"))
    with pytest.raises(PlanRefused, match="no unlocked standby controller"):
        cloud.plan(allow_lock=True)


def test_a_locked_standby_cannot_take_over() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False)).host("controller-0", stale("sm"))
    cloud.host("controller-1", fresh("sm"), locked=True)
    with pytest.raises(PlanRefused, match="no unlocked standby controller"):
        cloud.plan(allow_lock=True)


def test_a_lock_may_not_cost_a_quorum_its_majority() -> None:
    cloud = Cloud(MON, entry("sm", in_service_patchable=False))
    cloud.host("controller-0", fresh("mon")).host("controller-1", fresh("mon"), stale("sm"))
    cloud.host("storage-0", failed("mon"))
    with pytest.raises(PlanRefused, match="mon@controller-1 down is not allowed"):
        cloud.plan(allow_lock=True)


def test_a_worker_is_locked_without_a_swact_after_everything_in_service() -> None:
    cloud = Cloud(entry("agent", in_service_patchable=False), entry("a"))
    cloud.host("compute-0", stale("agent")).host("compute-1", stale("a"), fresh("agent"))
    plan = cloud.plan(allow_lock=True)
    assert ids(plan) == ["a@compute-1", "lock@compute-0", "unlock@compute-0"]
    assert plan.step("lock@compute-0").after == ("a@compute-1",)


def test_on_a_locked_host_it_may_be_restarted_at_once() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False))
    cloud.host("controller-0", fresh("sm")).host("controller-1", stale("sm"), locked=True)
    plan = cloud.plan()
    assert ids(plan) == ["sm@controller-1"]
    assert "is locked already" in plan.steps[0].reason


def test_a_restart_in_place_says_what_a_swact_would_cost() -> None:
    web = entry("web", redundancy=Redundancy.ACTIVE_STANDBY)
    cloud = Cloud(web).host("controller-0", stale("web")).host("controller-1", stopped("web"))
    plan = cloud.plan()
    assert "a swact would cost" in plan.steps[0].reason
    assert "not meant to" in omitted(plan)["web@controller-1"]


def test_where_nobody_takes_turns_every_controller_is_active() -> None:
    rule = Before(entries=("b",), where="active-controller")
    cloud = Cloud(entry("b"), entry("a", special_handling=(rule,)))
    cloud.host("controller-0", stale("a"), stale("b"), role=None)
    assert ids(cloud.plan()) == ["a@controller-0", "b@controller-0"]


def test_an_instance_in_an_unknown_state_is_left_alone_and_counts_as_down() -> None:
    unknown = stale("a", state=InstanceState.UNKNOWN)
    cloud = Cloud(entry("a")).host("compute-0", unknown).host("compute-1", stale("a"))
    with pytest.raises(OverBudget, match="a@compute-0 is unknown"):
        cloud.plan()
    plan = cloud.plan(max_unavailable=2)
    assert ids(plan) == ["a@compute-1"]
    assert "could not be found out" in omitted(plan)["a@compute-0"]


def test_the_lower_bound_never_exceeds_the_makespan() -> None:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",)))
    for number in range(5):
        cloud.host(f"compute-{number}", stale("a"), stale("b"))
    plan = cloud.plan()
    assert 0 < plan.lower_bound_s <= plan.makespan_s


def test_roles_other_than_the_controllers_do_not_matter() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), role=Role.STANDBY)
    assert ids(cloud.plan()) == ["a@compute-0"]


def test_what_the_traffic_depends_on_is_done_by_then() -> None:
    proxy = entry("proxy", special_handling=(CarriesTraffic(),), depends_on=("a",))
    cloud = Cloud(entry("a"), proxy).host("compute-0", stale("a"), stale("proxy"))
    assert cloud.plan().step("proxy@compute-0").after == ("a@compute-0",)


def test_waits_grow_with_the_steps_and_not_with_their_square() -> None:
    names = [f"a{number}" for number in range(6)]
    chain = [entry(one, depends_on=tuple(names[:place])) for place, one in enumerate(names)]
    cloud = Cloud(*chain)
    for number in range(60):
        cloud.host(f"compute-{number}", *map(stale, names))
    for limit in (1, 10):
        plan = cloud.plan(max_unavailable=limit)
        assert len(plan.steps) == 360
        gates = len(names) ** 2 / 2 * limit**2
        assert sum(len(step.after) for step in plan.steps) <= 2 * len(plan.steps) + gates


def test_five_obstacles_are_told_in_full_and_the_first_one_by_its_example() -> None:
    names = [f"a{number}" for number in range(5)]
    cloud = Cloud(*map(entry, names)).host("compute-0", *map(stale, names))
    with pytest.raises(OverBudget) as refused:
        cloud.host("compute-1", *map(failed, names)).plan()
    assert "and 0 more" not in str(refused.value)
    assert "a0@compute-0 must go down" in str(refused.value)


def test_a_patchable_service_on_a_locked_host_needs_no_remark() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), locked=True)
    (step,) = cloud.plan().steps
    assert "not patchable" not in step.reason


def test_an_obstacle_that_no_policy_could_allow_makes_the_whole_plan_impossible() -> None:
    cloud = Cloud(MON, entry("a"))
    cloud.host("storage-0", stale("mon"), stale("a"))
    cloud.host("storage-1", failed("mon"), failed("a")).host("storage-2", fresh("mon"), fresh("a"))
    with pytest.raises(PlanRefused) as refused:
        cloud.plan()
    assert not isinstance(refused.value, OverBudget)
    assert "a@storage-0" in refused.value.subject
    assert "mon@storage-0" in refused.value.subject


def test_the_makespan_is_told_in_milliseconds() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False))
    cloud.host("compute-0", stale("sm", started_in_s=1.23456), fresh("x", started_in_s=0.12345))
    plan = cloud.plan(allow_lock=True, dwell_s=0.33333)
    assert plan.makespan_s == round(plan.makespan_s, 3) > 0

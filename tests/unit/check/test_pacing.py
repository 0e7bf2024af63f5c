import dataclasses

from insvc.check.pacing import check_settled, check_starts, check_windows, find_work
from insvc.check.plan_check import check_plan
from insvc.plan.plan import Plan
from insvc.plan.policy import MaxStarts, Window
from tests.unit.check.sample import add, case_of, change, only
from tests.unit.plan.sample import Cloud, entry, job, stale

TWO_IN_TEN = MaxStarts(count=2, within_s=10.0)


def busy() -> Cloud:
    return Cloud(*map(entry, "abc"), entry("purge")).host(
        "compute-0", *map(stale, "abc"), job("purge")
    )


def moved(plan: Plan, name: str, start_s: float) -> Plan:
    step = plan.step(name)
    return change(plan, name, start_s=start_s, end_s=start_s + step.end_s - step.start_s)


def test_no_more_starts_within_the_time_than_allowed() -> None:
    plan = busy().plan(max_starts=TWO_IN_TEN, parallel_services=4)
    assert list(check_starts(case_of(busy(), plan))) == []
    (fault,) = check_starts(case_of(busy(), moved(plan, "c@compute-0", 9.9)))
    assert (fault.code, fault.subject, len(fault.at)) == ("law.11", "compute-0", 3)
    assert "start within 9.9 s: 3 starts, but the policy allows 2 within 10 s" in fault.reason


def test_without_a_limit_any_number_may_start() -> None:
    plan = busy().plan(parallel_services=4)
    assert list(check_starts(case_of(busy(), plan))) == []
    assert list(check_settled(case_of(busy(), plan))) == []


def test_a_job_and_another_host_are_no_start_here() -> None:
    cloud = busy().host("compute-1", stale("a"))
    plan = cloud.plan(max_starts=TWO_IN_TEN, parallel_services=4, max_unavailable=2)
    assert list(check_starts(case_of(cloud, plan))) == []


def often() -> tuple[Cloud, Plan]:
    cloud = Cloud(entry("a"), entry("b", depends_on=("a",))).host(
        "compute-0", stale("a"), stale("b", restarts=3)
    )
    return cloud, cloud.plan(max_starts=TWO_IN_TEN)


def test_what_was_started_too_often_is_left_alone_first() -> None:
    cloud, plan = often()
    assert list(check_settled(case_of(cloud, plan))) == []
    fault = only(cloud, change(plan, "b@compute-0", soak_s=9.0))
    assert (fault.code, fault.at) == ("law.11", ("b@compute-0",))
    assert "has started b 3 times already: it is left alone for 10 s first" in fault.reason


def test_pauses_before_it_count_too() -> None:
    cloud, plan = often()
    plan = change(change(plan, "b@compute-0", soak_s=4.0), "a@compute-0", soak_s=6.0)
    assert list(check_settled(case_of(cloud, plan))) == []


def test_a_service_that_was_not_seen_was_not_started_too_often() -> None:
    plan = add(Plan(), "x@compute-0")
    assert list(check_settled(case_of(busy(), plan, max_starts=TWO_IN_TEN))) == []


def test_every_step_lies_in_a_window() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    plan = cloud.plan(windows=(Window(opens=5.0, closes=20.0),), starts_at=3.0)
    assert list(check_windows(case_of(cloud, plan))) == []
    assert list(check_windows(case_of(cloud, plan, windows=()))) == []
    (fault,) = check_windows(case_of(cloud, moved(plan, "a@compute-0", 1.9)))
    assert (fault.code, fault.at) == ("law.11", ("a@compute-0",))
    assert "a window: 5.0 to 20.0" in fault.reason


def test_the_run_begins_when_the_policy_says_or_else_when_the_cloud_was_looked_at() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), taken_at=100.0)
    plan = cloud.plan(windows=(Window(opens=100.0, closes=120.0),))
    assert list(check_windows(case_of(cloud, plan))) == []
    assert len(list(check_windows(case_of(cloud, plan, starts_at=90.0)))) == 1


def test_a_turn_of_a_host_lies_in_one_window_as_a_whole() -> None:
    cloud = Cloud(entry("sm", in_service_patchable=False), entry("a"))
    cloud.host("controller-0", stale("sm"), stale("a")).host("controller-1", stale("sm"))
    plan = cloud.plan(allow_lock=True)
    case = case_of(cloud, plan)
    times = {one.id: (one.start_s, one.end_s) for one in plan.steps}
    found = {work.name: work.steps for work in find_work(case, times)}
    assert found == {
        "lock@controller-1": ("lock@controller-1", "sm@controller-1", "unlock@controller-1"),
        "swact@controller-0": (
            "swact@controller-0",
            "lock@controller-0",
            "sm@controller-0",
            "unlock@controller-0",
        ),
    }
    middle_s = plan.step("sm@controller-0").start_s
    torn = (
        Window(opens=0.0, closes=middle_s),
        Window(opens=middle_s + 0.1, closes=plan.makespan_s),
    )
    (fault,) = check_windows(case_of(cloud, plan, windows=torn))
    assert fault.subject == "swact@controller-0"


def test_a_step_in_service_is_no_part_of_the_turn_of_its_host() -> None:
    cloud = Cloud(entry("x", in_service_patchable=False), entry("purge"))
    cloud.host("compute-0", stale("x"), job("purge"))
    plan = cloud.plan(allow_lock=True)
    times = {one.id: (one.start_s, one.end_s) for one in plan.steps}
    names = [work.name for work in find_work(case_of(cloud, plan), times)]
    assert names == ["purge@compute-0", "lock@compute-0"]


def test_the_whole_judgement_may_leave_windows_out() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"), taken_at=100.0)
    plan = cloud.plan(windows=(Window(opens=100.0, closes=120.0),))
    seen = dataclasses.replace(cloud.observation.hosts[0], taken_at=900.0)
    later = dataclasses.replace(cloud.observation, hosts=(seen,))
    inputs = (plan, later, cloud.catalog, cloud.topology)
    assert [one.code for one in check_plan(*inputs)] == ["law.11"]
    assert check_plan(*inputs, is_dated=False) == ()

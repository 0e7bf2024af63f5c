import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from insvc.catalog.entry import CarriesTraffic, Command
from insvc.check.plan_check import OUR_DEFECT, check_plan, check_safety, refuse_unsafe
from insvc.check.violation import broken, undecided
from insvc.errors import UnsafePlan
from insvc.plan.plan import Line, Plan
from insvc.plan.policy import Policy
from insvc.plan.turns import write_out
from tests.unit.check.sample import add, change
from tests.unit.plan.crowd import crowd, folded_plan
from tests.unit.plan.sample import Cloud, entry, fresh, stale


def cloud() -> Cloud:
    return (
        Cloud(entry("db"), entry("api", depends_on=("db",)))
        .host("compute-0", stale("db"), stale("api"))
        .host("compute-1", stale("db"), fresh("api"))
    )


def test_an_honest_plan_is_sound_and_so_is_none() -> None:
    one = cloud()
    inputs = (one.observation, one.catalog, one.topology)
    assert check_plan(one.plan(), *inputs) == ()
    assert check_safety(one.plan(), *inputs) == ()
    assert check_safety(Plan(), *inputs) == ()


def test_another_policy_may_be_the_measure() -> None:
    one = cloud()
    plan = one.plan(max_unavailable=2)
    inputs = (one.observation, one.catalog, one.topology)
    assert check_plan(plan, *inputs) == ()
    assert {told.code for told in check_plan(plan, *inputs, Policy())} == {"law.5"}


def test_what_is_safe_may_still_be_more_or_less_than_was_called_for() -> None:
    one = cloud()
    plan = dataclasses.replace(add(Plan(), "api@compute-1", reason=""), makespan_s=99.0)
    inputs = (one.observation, one.catalog, one.topology)
    assert check_safety(plan, *inputs) == ()
    told = {fault.code for fault in check_plan(plan, *inputs)}
    assert told == {"law.9", "law.10", "plan.timeline", "plan.forecast"}


def test_a_plan_that_contradicts_itself_is_judged_no_further() -> None:
    one = cloud()
    plan = change(one.plan(), "db@compute-0", after=("db@compute-0",))
    for judge in (check_plan, check_safety):
        told = judge(plan, one.observation, one.catalog, one.topology)
        assert {fault.code for fault in told} == {"plan.structure"}


def test_a_refusal_holds_the_first_counter_examples() -> None:
    refuse_unsafe((), OUR_DEFECT)
    with pytest.raises(UnsafePlan) as fault:
        refuse_unsafe(tuple(broken(2, f"s{at}", "too many") for at in range(7)), OUR_DEFECT)
    assert "law.2 s0: too many; law.2 s1" in fault.value.reason
    assert "and 2 more" in fault.value.reason
    assert (fault.value.code, fault.value.exit_code) == ("plan.unsafe", 4)


def test_what_could_not_be_decided_is_refused_too_but_not_called_broken() -> None:
    doubt = undecided(5, "worker", "the policy allows 2 at once (law 5)")
    with pytest.raises(UnsafePlan) as fault:
        refuse_unsafe((doubt,), OUR_DEFECT)
    assert fault.value.reason.startswith("is not known to keep the laws: check.undecided worker")
    with pytest.raises(UnsafePlan) as fault:
        refuse_unsafe((doubt, broken(2, "db", "too many")), OUR_DEFECT)
    assert fault.value.reason.startswith("breaks the laws: ")


def large() -> Cloud:
    """Two kinds of many hosts and three single ones: api waits for db, and net carries traffic."""
    services = (
        entry("db"),
        entry("api", depends_on=("db",)),
        entry("net", special_handling=(CarriesTraffic(),)),
    )
    one = Cloud(*services).host("controller-0", stale("api"), fresh("net"))
    one.host("controller-1", stale("api"), fresh("net"))
    crowd(one, 80, stale("db"), stale("api"), stale("net"))
    crowd(one, 70, stale("db"), fresh("api"), kind="storage")
    crowd(one, 9, fresh("db"), kind="storage", at=80)
    return one.host("compute-99", stale("db"), failure_domain="east")


def large_plan(cloud: Cloud, **policy: Any) -> Plan:
    chosen = {"max_unavailable": "10%", "parallel_hosts": {"worker": 12, "storage": "25%"}}
    return folded_plan(cloud, 64, **{**chosen, **policy})


def told_of(cloud: Cloud, plan: Plan) -> list[str]:
    """What is wrong with a plan, in words."""
    return [str(one) for one in check_plan(plan, cloud.observation, cloud.catalog, cloud.topology)]


def with_lines(plan: Plan, change_line: Callable[[Line], Line]) -> Plan:
    """The plan in which every line is otherwise."""
    return dataclasses.replace(plan, lines=tuple(map(change_line, plan.lines)))


def test_a_plan_with_lines_is_as_sound_as_when_it_is_written_out() -> None:
    one = large()
    for policy in (
        {},
        {"max_unavailable": 1},
        {"parallel_services": 1, "parallel_hosts": {}},
        {"soak_s": 5.0, "soak_s_of": {"worker": 20.0, "api": 1.0}},
        {"max_unavailable_per_domain": 3, "dwell_s": 3.0},
    ):
        plan = large_plan(one, **policy)
        assert {line.hosts[0].host for line in plan.lines} == {"compute-0", "storage-0"}
        assert told_of(one, plan) == []
        assert told_of(one, write_out(plan)) == []


def lane_too_many(line: Line) -> Line:
    return dataclasses.replace(line, at_once=line.at_once + 3)


def one_host_twice(line: Line) -> Line:
    return dataclasses.replace(line, hosts=(*line.hosts[:-1], line.hosts[0]))


def for_other_processes(line: Line) -> Line:
    hosts = list(line.hosts)
    hosts[50] = dataclasses.replace(hosts[50], expects=hosts[51].expects)
    return dataclasses.replace(line, hosts=tuple(hosts))


def one_host_less(line: Line) -> Line:
    return dataclasses.replace(line, hosts=line.hosts[:-1])


def ends_sooner(line: Line) -> Line:
    return dataclasses.replace(line, end_s=line.end_s / 2)


def waits_for_nothing(line: Line) -> Line:
    ids = {step.id for step in line.turn}
    turn = tuple(
        dataclasses.replace(step, after=tuple(one for one in step.after if one in ids))
        for step in line.turn
    )
    return dataclasses.replace(line, after=(), turn=turn)


def without_pause(line: Line) -> Line:
    return dataclasses.replace(line, pause_s=0.0)


def without_reasons(line: Line) -> Line:
    turn = tuple(dataclasses.replace(step, reason="because") for step in line.turn)
    return dataclasses.replace(line, turn=turn)


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (lane_too_many, "law.5", "more are busy in other lanes meanwhile, but the policy allows"),
        (one_host_twice, "plan.structure", "has a host twice"),
        (for_other_processes, "law.9", "was made for other processes than were seen on"),
        (one_host_less, "law.9", "@compute-79: runs replaced code and no step cures it"),
        (ends_sooner, "plan.timeline", "but its last turn ends at"),
        (waits_for_nothing, "plan.structure", "and does not wait for it"),
        (without_pause, "law.11", "no pause that long lies between them"),
        (without_reasons, "law.10", "gives a reason that names no law"),
    ],
)
def test_a_fault_in_lines_of_many_hosts_is_found(
    fault: Callable[[Line], Line], code: str, words: str
) -> None:
    one = large()
    plan = large_plan(one, soak_s_of={"worker": 20.0})
    assert told_of(one, plan) == []
    told = told_of(one, with_lines(plan, fault))
    assert any(why.startswith(code) and words in why for why in told), told[:5]


def test_one_host_of_many_that_differs_is_found() -> None:
    one = large()
    plan = large_plan(one)
    place = [seen.host for seen in one.seen].index("compute-63")
    instances = one.seen[place].instances
    slow = dataclasses.replace(instances[0], evidence=())
    one.seen[place] = dataclasses.replace(one.seen[place], instances=(slow, *instances[1:]))
    told = told_of(one, plan)
    assert any(
        "compute-63 differs from compute-0 in what the laws depend on" in why for why in told
    )


def test_a_host_of_a_line_that_no_forecast_tells_of_is_found() -> None:
    one = large()
    plan = large_plan(one)
    hushed = tuple(
        dataclasses.replace(told, hosts=tuple(name for name in told.hosts if name != "compute-42"))
        for told in plan.forecast
    )
    told = told_of(one, dataclasses.replace(plan, forecast=hushed))
    assert "plan.forecast line@compute-0: what is foretold of db leaves out compute-42" in told
    assert len(told) == 3  # of each step of a turn


def test_a_single_step_that_waits_for_no_line_is_found() -> None:
    one = large()
    plan = large_plan(one)
    hasty = change(plan, "api@controller-1", after=())
    told = told_of(one, hasty)
    assert any(why.startswith("law.3 api@controller-1") for why in told)


def test_a_single_step_that_waits_for_the_last_few_of_a_line_is_found() -> None:
    one = large()
    plan = large_plan(one)
    hasty = change(plan, "api@controller-1", after=("db@compute-2", "db@compute-3"))
    told = told_of(one, hasty)
    assert "plan.structure api@controller-1: waits for db@compute-2, which is no line" in told[0]


def test_a_line_that_waits_for_too_little_is_found() -> None:
    one = crowd(Cloud(entry("db"), entry("api", depends_on=("db",))), 70, stale("db"))
    crowd(one, 70, stale("api"), kind="storage")
    plan = folded_plan(one, 64)
    assert told_of(one, plan) == []
    told = told_of(one, with_lines(plan, waits_for_nothing))
    assert {why.partition(" ")[0] for why in told} >= {"law.3"}


def test_lines_that_follow_one_another_do_not_add_up() -> None:
    # Two kinds share the room, and a third, in another failure domain, has all of it after them.
    one = crowd(crowd(Cloud(entry("db")), 20, stale("db"), kind="storage"), 20, stale("db"))
    crowd(one, 20, stale("db"), at=20, failure_domain="east")
    plan = folded_plan(one, 20, max_unavailable=10)
    first, second, third = plan.lines
    assert third.at_once > second.at_once
    assert set(third.after) == {first.id, second.id}
    assert told_of(one, plan) == []
    wider = dataclasses.replace(plan, lines=(first, second, dataclasses.replace(third, at_once=11)))
    assert any(why.startswith("law.5 db") for why in told_of(one, wider))


@pytest.mark.parametrize("limits", [{}, {"parallel_hosts": {"worker": 20}, "soak_s": 3.0}])
def test_a_kind_that_goes_all_at_once_is_counted_once(limits: dict[str, Any]) -> None:
    one = crowd(Cloud(entry("db")), 57, stale("db"))
    crowd(one, 19, stale("db"), at=57, failure_domain="east")
    plan = folded_plan(one, 19, max_unavailable=20, **limits)
    assert [line.at_once for line in plan.lines] == [19, 19]
    exact = dataclasses.replace(plan.policy, max_unavailable=19)
    assert told_of(one, dataclasses.replace(plan, policy=exact)) == []
    less = dataclasses.replace(plan.policy, max_unavailable=18)
    told = told_of(one, dataclasses.replace(plan, policy=less))
    assert [why.partition(":")[0] for why in told].count("law.5 db") == 1
    assert "57 of 76 would be up, and 17 more are busy in other lanes meanwhile" in told[0]


def test_what_stops_along_on_the_hosts_of_a_line_counts() -> None:
    lib = entry("lib", restart=(Command(run="sm-restart service lib"),))
    web = entry("web", depends_on=("lib",))
    one = crowd(Cloud(lib, web), 64, stale("lib"), fresh("web"))
    plan = folded_plan(one, 64, max_unavailable=8)
    assert told_of(one, plan) == []
    strict = dataclasses.replace(plan.policy, max_unavailable_of={"web": 7})
    told = told_of(one, dataclasses.replace(plan, policy=strict))
    assert told
    assert all(why.startswith("law.5 web") for why in told)


def test_hosts_are_counted_with_those_that_are_not_looked_at() -> None:
    one = crowd(Cloud(entry("db")), 64, stale("db"))
    plan = folded_plan(one, 64, max_unavailable=64, parallel_hosts={"worker": "25%"})
    assert [line.at_once for line in plan.lines] == [16]
    assert told_of(one, plan) == []
    less = dataclasses.replace(plan.policy, parallel_hosts={"worker": "24%"})
    (told,) = told_of(one, dataclasses.replace(plan, policy=less))
    assert "the policy allows 15 worker hosts at once" in told
    assert "14 more are busy in other lanes meanwhile (law 5)" in told


def test_a_lane_that_passes_on_before_its_host_is_finished_is_found() -> None:
    one = crowd(Cloud(entry("db"), entry("web")), 64, stale("db"), stale("web"))
    plan = folded_plan(
        one, 64, max_unavailable=9, parallel_services=1, parallel_hosts={"worker": 9}
    )
    assert told_of(one, plan) == []
    hasty = with_lines(plan, lambda line: dataclasses.replace(line, by_host=False))
    assert any(why.startswith("law.5 worker") for why in told_of(one, hasty))


def test_lines_that_wait_for_one_another_for_ever_are_found() -> None:
    one = crowd(Cloud(entry("db"), entry("api", depends_on=("db",))), 64, stale("db"), stale("api"))
    plan = folded_plan(one, 64)
    first, then = plan.lines
    circle = dataclasses.replace(plan, lines=(dataclasses.replace(first, after=(then.id,)), then))
    (told,) = told_of(one, circle)
    assert "wait for one another for ever" in told

"""A swact instead of restarts in place: chosen only where it cures, costs less and is lawful."""

import dataclasses

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from insvc.check.plan_check import check_plan
from insvc.errors import PlanRefused
from insvc.model.words import Action, Verdict
from insvc.plan.plan import Plan, Step
from insvc.plan.planner import make_plan
from tests.property.plan_clouds import Case
from tests.property.plan_laws import Judge, carry_out
from tests.property.swact_clouds import swact_cases

CALM = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def plan_of(case: Case) -> Plan | None:
    try:
        return make_plan(case.observation, case.catalog, case.topology, case.policy)
    except PlanRefused:
        return None


def chosen(plan: Plan | None) -> Step | None:
    return next((one for one in plan.steps if one.cures), None) if plan else None


def find_faults(case: Case, plan: Plan, swact: Step) -> list[str]:
    """What a swact that cures must never do."""
    giver = case.observation.host(swact.host)
    taker = case.observation.host(str(swact.to_host))
    told = {(one.host, one.service): one.reason for one in plan.omitted}
    faults = []
    for service in swact.cures:
        one = giver.instance(service)
        if one is None or one.verdict is not Verdict.STALE:
            faults.append(f"{service} is not stale")
        elif giver.packages[str(one.package)] != taker.packages[str(one.package)]:
            faults.append(f"{service} is old on the standby")
        if not told.get((swact.host, service), "").startswith(f"cured by {swact.id}"):
            faults.append(f"{service}: it is not told that the swact cures it")
    late = [
        one for one in plan.steps if one.host == taker.host and one.end_s > swact.start_s + 0.002
    ]
    faults += [f"{one.id} is not done before its host becomes active" for one in late]
    if swact.cost_s >= swact.instead_s:
        faults.append("it costs more than restarts in place")
    return faults


def find_disorder(judge: Judge, swact: Step) -> list[str]:
    """Steps on the wrong side of the swact: it is to what it cures what a restart would be."""
    starts, ends = judge.times[swact.id]
    faults = []
    acts = [one for one in judge.plan.steps if one.service and one.action is not Action.NEXT_RUN]
    for service in swact.cures:
        cured = Step(id=f"{service}@{swact.host}", host=swact.host, service=service, entry=service)
        if judge.carries(cured):
            continue
        for step in acts:
            begins, done = judge.times[step.id]
            if judge.must_precede(step, cured) and done > starts:
                faults.append(f"{step.id} did not precede {service}, which the swact cures")
            if judge.must_precede(cured, step) and begins < ends:
                faults.append(f"{step.id} did not wait for {service}, which the swact cures")
    return faults


@CALM
@given(case=swact_cases(), draws=st.lists(st.floats(0.01, 50.0), min_size=1, max_size=9))
def test_a_plan_with_a_swact_keeps_every_law_for_both_judges(
    case: Case, draws: list[float]
) -> None:
    plan = plan_of(case)
    swact = chosen(plan)
    event("refused" if plan is None else "in place" if swact is None else "a swact")
    if plan is None:
        return
    assert check_plan(plan, case.observation, case.catalog, case.topology) == ()
    durations = {step.id: draws[at % len(draws)] for at, step in enumerate(plan.steps)}
    judge = Judge(case, plan, carry_out(plan, durations))
    assert judge.broken() == []
    assert plan.lower_bound_s <= plan.makespan_s
    if swact is not None:
        assert find_faults(case, plan, swact) == []
        assert find_disorder(judge, swact) == []


@settings(CALM, max_examples=25)
@given(case=swact_cases())
def test_without_leave_nothing_is_cured_by_a_swact(case: Case) -> None:
    policy = dataclasses.replace(case.policy, swact="for-locks")
    assert chosen(plan_of(dataclasses.replace(case, policy=policy))) is None


@settings(CALM, max_examples=25)
@given(case=swact_cases(), at=st.integers(0, 100))
def test_with_other_code_on_the_standby_it_is_not_chosen(case: Case, at: int) -> None:
    swact = chosen(plan_of(case))
    if swact is None:
        return
    aged = swact.cures[at % len(swact.cures)]
    hosts = tuple(
        dataclasses.replace(seen, packages=seen.packages | {aged: "1"})
        if seen.host == swact.to_host
        else seen
        for seen in case.observation.hosts
    )
    older = dataclasses.replace(case.observation, hosts=hosts)
    assert chosen(plan_of(dataclasses.replace(case, observation=older))) is None


@settings(CALM, max_examples=25)
@given(case=swact_cases())
def test_equal_facts_in_another_order_give_the_same_swact(case: Case) -> None:
    plan = plan_of(case)
    turned = dataclasses.replace(case.observation, hosts=case.observation.hosts[::-1])
    assert plan_of(dataclasses.replace(case, observation=turned)) == plan

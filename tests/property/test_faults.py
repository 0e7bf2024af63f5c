"""Faults planted everywhere in honest plans: every one is caught, whatever the cloud and policy."""

import dataclasses
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insvc.check.plan_check import check_plan
from insvc.errors import PlanRefused
from insvc.model.act import DrainRule
from insvc.model.words import Action
from insvc.plan.plan import Omission, Plan, Step
from insvc.plan.planner import make_plan
from tests.property.paced_clouds import paced_cases
from tests.property.plan_clouds import Case
from tests.property.test_check import without_step

CALM = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
HOST_ACTIONS = {Action.SWACT, Action.LOCK, Action.UNLOCK}
HASTE_S = 0.01


def plan_of(case: Case) -> Plan | None:
    try:
        plan = make_plan(case.observation, case.catalog, case.topology, case.policy)
    except PlanRefused:
        return None
    return plan if plan.steps else None


def is_act(step: Step) -> bool:
    return step.action not in HOST_ACTIONS and step.action is not Action.NEXT_RUN


def faults_of(step: Step) -> Iterator[Step]:
    """The step with one thing wrong. A next run is left to itself: what goes with it is idle."""
    change = dataclasses.replace
    yield from (change(step, action=one) for one in Action if one is not step.action)
    yield change(step, reason="because")
    yield change(step, start_s=step.start_s + 1e6, end_s=step.end_s + 1e6)
    yield change(step, entry=f"{step.entry}x")
    yield change(step, soak_s=step.soak_s + 1e6)
    yield change(step, timeout_s=0.0)
    yield change(step, to_host=None if step.to_host else "controller-1")
    yield change(step, after=(*step.after, step.id))
    yield change(step, host="nowhere")
    if step.action is not Action.SWACT:
        yield change(step, cures=("a",))
    if step.action is not Action.NEXT_RUN:
        yield change(step, reap="java")
        yield change(step, clear_sessions=not step.clear_sessions)
        yield change(step, with_dependants=not step.with_dependants)
        yield change(step, drain=DrainRule(timeout_s=HASTE_S))
    if is_act(step):
        yield change(step, dwell_s=0.0)
        yield change(step, end_s=step.start_s)
        yield change(step, timeout_s=HASTE_S)
        yield change(step, expected_outage_s=1e6)
        yield change(step, expects=())


def mutants_of(plan: Plan) -> Iterator[Plan]:
    """The plan with one thing wrong."""
    change = dataclasses.replace
    yield change(plan, makespan_s=plan.makespan_s + 1.0)
    yield change(plan, lower_bound_s=plan.makespan_s + 1.0)
    yield change(plan, steps=(*plan.steps, plan.steps[0]))
    yield change(plan, omitted=(*plan.omitted, Omission(host="nowhere", service="a", reason="x")))
    for one in plan.omitted:
        rest = tuple(other for other in plan.omitted if other is not one)
        yield change(plan, omitted=(change(one, reason=" "), *rest))
        yield change(plan, omitted=(change(one, entry=f"{one.entry}x"), *rest))
    if any(map(is_act, plan.steps)):
        yield change(plan, forecast=())
    if len({step.start_s for step in plan.steps}) > 1:
        yield change(plan, steps=tuple(reversed(plan.steps)))


@CALM
@given(case=paced_cases(), at=st.integers(0, 10**6))
def test_whatever_is_wrong_with_a_step_is_found(case: Case, at: int) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    wrong = plan.steps[at % len(plan.steps)]
    for mutant in faults_of(wrong):
        if mutant == wrong:
            continue
        steps = tuple(mutant if one is wrong else one for one in plan.steps)
        changed = dataclasses.replace(plan, steps=steps)
        found = check_plan(changed, case.observation, case.catalog, case.topology)
        assert found != (), (wrong, mutant)


@CALM
@given(case=paced_cases())
def test_whatever_is_wrong_with_a_plan_is_found(case: Case) -> None:
    plan = plan_of(case)
    for mutant in mutants_of(plan) if plan is not None else ():
        assert check_plan(mutant, case.observation, case.catalog, case.topology) != (), mutant


@CALM
@given(case=paced_cases(), at=st.integers(0, 10**6))
def test_a_step_that_is_missing_is_missed_whatever_the_policy(case: Case, at: int) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    mutant = without_step(plan, plan.steps[at % len(plan.steps)].id)
    assert check_plan(mutant, case.observation, case.catalog, case.topology) != ()

"""Whatever the cloud and however long steps really take, no law is broken at any instant."""

import dataclasses

from hypothesis import event, given, settings
from hypothesis import strategies as st

from insvc.errors import PlanRefused
from insvc.model.observation import Observation
from insvc.model.words import Action, InstanceState, Verdict
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from tests.property.plan_clouds import Case, cases
from tests.property.plan_laws import Judge, carry_out

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def plan_of(case: Case) -> Plan | None:
    try:
        plan = make_plan(case.observation, case.catalog, case.topology, case.policy)
    except PlanRefused as fault:
        event(f"refused: {fault.code}")
        return None
    event("planned" if plan.steps else "nothing to do")
    return plan


@settings(QUICK, max_examples=150)
@given(case=cases(), draws=st.lists(st.floats(0.001, 100.0), min_size=1, max_size=12))
def test_no_law_is_broken_at_any_instant_however_long_steps_take(
    case: Case, draws: list[float]
) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    durations = {step.id: draws[place % len(draws)] for place, step in enumerate(plan.steps)}
    times = carry_out(plan, durations)
    assert Judge(case, plan, times).broken() == []


@QUICK
@given(case=cases())
def test_the_schedule_keeps_its_own_precedences_and_bounds(case: Case) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    ends = {step.id: step.end_s for step in plan.steps}
    assert len(ends) == len(plan.steps)
    for step in plan.steps:
        ready_s = max((ends[earlier] for earlier in step.after), default=0.0) + step.soak_s
        assert ready_s <= step.start_s + 0.002
    assert plan.lower_bound_s <= plan.makespan_s
    assert list(plan.steps) == sorted(plan.steps, key=lambda step: (step.start_s, step.id))


@QUICK
@given(case=cases())
def test_the_schedule_keeps_windows_and_start_limits(case: Case) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    turns = {step.host for step in plan.steps if step.action is Action.LOCK}
    for step in plan.steps:
        if case.policy.windows and step.host not in turns:
            is_first = step.start_s >= 20.0 and step.end_s <= 70.0
            assert is_first or (step.start_s >= 3600.0 and step.end_s <= 4 * 3600.0)
    limit = case.policy.max_starts
    for host in {step.host for step in plan.steps} - turns:
        starts = [
            step.start_s
            for step in plan.steps
            if step.host == host and step.action is not Action.NEXT_RUN
        ]
        for early, late in zip(starts, starts[limit.count :] if limit else (), strict=False):
            assert limit is None or late - early >= limit.within_s - 0.002


@QUICK
@given(case=cases())
def test_the_order_of_the_observation_does_not_matter(case: Case) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    shuffled = Observation(hosts=tuple(reversed(case.observation.hosts)))
    again = make_plan(shuffled, case.catalog, case.topology, case.policy)
    assert again == plan


@QUICK
@given(case=cases())
def test_nothing_stale_means_an_empty_plan(case: Case) -> None:
    hosts = tuple(
        dataclasses.replace(
            seen,
            instances=tuple(
                dataclasses.replace(one, verdict=Verdict.CURRENT, evidence=())
                for one in seen.instances
                if one.state is not InstanceState.FAILED
            ),
        )
        for seen in case.observation.hosts
    )
    plan = plan_of(dataclasses.replace(case, observation=Observation(hosts=hosts)))
    assert plan is not None
    assert plan.steps == ()
    assert plan.makespan_s == 0.0

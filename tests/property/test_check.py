"""Two judges that share nothing agree: what one cannot carry out safely, the other refuses."""

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from insvc.check.plan_check import check_plan
from insvc.check.violation import Violation
from insvc.errors import PlanRefused
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from tests.property.paced_clouds import paced_cases
from tests.property.plan_clouds import Case, cases
from tests.property.plan_laws import Judge, carry_out
from tests.scenario.plan.story import Story
from tests.scenario.plan.test_stories import TOLD

CALM = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# Laws about what is done and not about when: the other judge knows them only in part.
STATIC = {"law.6", "law.8", "law.9", "law.10"}


def plan_of(case: Case) -> Plan | None:
    try:
        return make_plan(case.observation, case.catalog, case.topology, case.policy)
    except PlanRefused:
        return None


def check(case: Case, plan: Plan) -> list[Violation]:
    """What is wrong with it, but for timeline and forecast, which a mutant does not keep up."""
    found = check_plan(plan, case.observation, case.catalog, case.topology)
    return [one for one in found if one.code not in {"plan.timeline", "plan.forecast"}]


def without_wait(plan: Plan, name: str, earlier: str) -> Plan:
    steps = (
        dataclasses.replace(one, after=tuple(other for other in one.after if other != earlier))
        if one.id == name
        else one
        for one in plan.steps
    )
    return dataclasses.replace(plan, steps=tuple(steps))


def without_step(plan: Plan, name: str) -> Plan:
    gone = plan.step(name)
    steps = (
        dataclasses.replace(
            one,
            after=tuple(
                dict.fromkeys(
                    other
                    for before in one.after
                    for other in (gone.after if before == name else (before,))
                )
            ),
        )
        for one in plan.steps
        if one.id != name
    )
    return dataclasses.replace(plan, steps=tuple(steps))


def tries(plan: Plan, draws: list[float], found: list[Violation]) -> Iterator[dict[str, float]]:
    """Durations under which a law may break: as drawn, each step long, each counter-example."""
    yield {step.id: draws[at % len(draws)] for at, step in enumerate(plan.steps)}
    together = [set(one.at) for one in found] + [{name} for one in found for name in one.at]
    if not found:
        together = [{step.id} for step in plan.steps[:: 1 + len(plan.steps) // 8]]
    for slow in together:
        yield {step.id: 1000.0 if step.id in slow else 0.01 for step in plan.steps}


def breaks(case: Case, plan: Plan, durations: dict[str, float]) -> list[str]:
    return Judge(case, plan, carry_out(plan, durations)).broken()


@CALM
@given(case=cases())
def test_every_plan_of_the_planner_is_accepted(case: Case) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    event("planned" if plan.steps else "nothing to do")
    assert check_plan(plan, case.observation, case.catalog, case.topology) == ()


@settings(CALM, max_examples=60)
@given(case=paced_cases())
def test_every_plan_under_a_demanding_policy_is_accepted(case: Case) -> None:
    plan = plan_of(case)
    if plan is None:
        return
    event("planned" if plan.steps else "nothing to do")
    assert check_plan(plan, case.observation, case.catalog, case.topology) == ()


@CALM
@given(case=cases(), at=st.integers(0, 10**6), draws=st.lists(st.floats(0.01, 50.0), min_size=1))
def test_a_wait_is_needed_for_one_judge_exactly_where_it_is_for_the_other(
    case: Case, at: int, draws: list[float]
) -> None:
    plan = plan_of(case)
    waits = [(step.id, one) for step in plan.steps for one in step.after] if plan else []
    if plan is None or not waits:
        return
    mutant = without_wait(plan, *waits[at % len(waits)])
    found = check(case, mutant)
    seen = [broken for one in tries(mutant, draws, found) if (broken := breaks(case, mutant, one))]
    event("needed" if found else "harmless")
    assert bool(found) == bool(seen), (waits[at % len(waits)], found, seen)


@CALM
@given(case=cases(), at=st.integers(0, 10**6))
def test_a_step_that_is_missing_is_missed_by_both(case: Case, at: int) -> None:
    plan = plan_of(case)
    if plan is None or not plan.steps:
        return
    mutant = without_step(plan, plan.steps[at % len(plan.steps)].id)
    assert check(case, mutant) != []


@CALM
@given(case=cases(), at=st.integers(0, 10**6), where=st.integers(0, 10**6))
def test_a_step_that_is_moved_to_the_front_is_judged_alike(case: Case, at: int, where: int) -> None:
    plan = plan_of(case)
    if plan is None or not plan.steps:
        return
    moved = plan.steps[at % len(plan.steps)]
    steps = (
        dataclasses.replace(one, after=()) if one.id == moved.id else one for one in plan.steps
    )
    mutant = dataclasses.replace(plan, steps=tuple(steps))
    found = check(case, mutant)
    draws = [float(1 + (where >> shift) % 7) for shift in range(8)]
    seen = [broken for one in tries(mutant, draws, found) if (broken := breaks(case, mutant, one))]
    assert bool(found) == bool(seen), (moved.id, found, seen)
    assert STATIC.isdisjoint(one.code for one in found)


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.title)
def test_the_plan_of_every_story_is_accepted(story: Story) -> None:
    observation, catalog, topology, policy = story.inputs()
    plan = make_plan(observation, catalog, topology, policy)
    assert check_plan(plan, observation, catalog, topology) == ()

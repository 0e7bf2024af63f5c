"""Every rule that the operators' page states, as a story: what runs, what is planned."""

import functools
from pathlib import Path
from typing import Any

import pytest

from insvc.errors import PlanRefused
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from tests.scenario.plan.story import Story, read_stories

HERE = Path(__file__).parent
STORIES = [story for path in sorted(HERE.glob("*.yaml")) for story in read_stories(path)]
TOLD = [story for story in STORIES if story.expected.refused is None]
REFUSED = [story for story in STORIES if story.expected.refused is not None]


def waits_for(plan: Plan, step_id: str) -> set[str]:
    """Everything that must have ended before the step starts."""
    found: set[str] = set()
    waiting = list(plan.step(step_id).after)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(plan.step(one).after)
    return found


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.title)
def test_the_steps_and_their_order_are_as_the_story_tells(story: Story) -> None:
    expected = story.expected
    plan = make_plan(*story.inputs())
    if expected.steps is not None:
        assert sorted(step.id for step in plan.steps) == sorted(expected.steps)
    for first, then in expected.before:
        assert first in waits_for(plan, then), f"{then} does not wait for {first}"


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.title)
def test_what_the_plan_says_is_as_the_story_tells(story: Story) -> None:
    expected = story.expected
    plan = make_plan(*story.inputs())
    for step_id, fields in expected.fields.items():
        check(step_id, plan.step(step_id), fields)
    for step_id, words in expected.reasons.items():
        assert words in plan.step(step_id).reason
    reasons = {f"{one.service}@{one.host}": one.reason for one in plan.omitted}
    for instance, words in expected.omitted.items():
        assert words in reasons[instance]
    impairments = {one.entry: one for one in plan.forecast}
    for entry, fields in expected.forecast.items():
        check(entry, impairments[entry], fields)


def check(name: str, found: object, fields: dict[str, Any]) -> None:
    """Every field (dotted names reach inside) holds what the story says."""
    for field, wanted in fields.items():
        value = functools.reduce(getattr, field.split("."), found)
        assert (list(value) if isinstance(value, tuple) else value) == wanted, f"{name}: {field}"


@pytest.mark.parametrize("story", REFUSED, ids=lambda story: story.title)
def test_the_plan_is_refused_as_the_story_tells(story: Story) -> None:
    with pytest.raises(PlanRefused) as fault:
        make_plan(*story.inputs())
    assert fault.value.code == story.expected.refused
    assert fault.value.exit_code == 4
    told = f"{fault.value.subject}: {fault.value.reason} {fault.value.next_act}"
    for words in story.expected.words:
        assert words in told


def test_there_are_stories_of_both_kinds() -> None:
    assert len(TOLD) > 15
    assert len(REFUSED) > 5

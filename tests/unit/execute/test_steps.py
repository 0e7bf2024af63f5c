from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.execute.steps import (
    BARRED,
    BLOCKED,
    DUE,
    FAILED,
    LOST,
    SKIPPED,
    SUCCEEDED,
    UNDER_WAY,
    WAITING,
    StepRun,
    Steps,
)
from insvc.execute.transitions import StepState
from insvc.plan.plan import Plan, Step

PLAN = Plan(
    steps=(
        Step(id="a", host="h1"),
        Step(id="b", host="h1", after=("a",)),
        Step(id="c", host="h2", after=("a", "b")),
        Step(id="d", host="h2"),
    )
)


def at(state: StepState) -> StepRun:
    return StepRun(state=state)


def found(steps: Steps, kinds: int) -> str:
    return "".join(steps.having(kinds))


def test_at_first_what_waits_for_nothing_is_due() -> None:
    steps = Steps.of(PLAN)
    assert (found(steps, DUE), found(steps, BLOCKED)) == ("ad", "bc")
    assert not steps.has(BARRED | LOST | SUCCEEDED)


def test_success_sets_free_what_waits_for_nothing_else() -> None:
    steps = Steps.of(PLAN).moved("a", at(StepState.SUCCEEDED))
    assert (found(steps, DUE), found(steps, BLOCKED)) == ("bd", "c")
    assert found(steps.moved("b", at(StepState.SUCCEEDED)), DUE) == "cd"


@pytest.mark.parametrize("end", [StepState.FAILED, StepState.UNKNOWN, StepState.SKIPPED])
def test_any_other_end_bars_what_waits_for_it(end: StepState) -> None:
    steps = Steps.of(PLAN).moved("a", at(end))
    assert (found(steps, DUE), found(steps, BARRED)) == ("d", "bc")
    assert steps.has(SKIPPED if end is StepState.SKIPPED else FAILED)


def test_a_step_under_way_or_lost_frees_and_bars_nothing() -> None:
    steps = Steps.of(PLAN).moved("a", at(StepState.UNDER_WAY))
    assert (found(steps, UNDER_WAY), found(steps, BLOCKED)) == ("a", "bc")
    steps = steps.moved("a", at(StepState.LOST))
    assert (found(steps, LOST), found(steps, WAITING)) == ("a", "bcd")


def test_the_map_before_a_change_stays_as_it_was() -> None:
    before = Steps.of(PLAN)
    before.moved("a", at(StepState.SUCCEEDED))
    assert before == dict.fromkeys("abcd", StepRun())
    assert list(before) == ["a", "b", "c", "d"]
    assert len(before) == 4


def test_a_step_written_twice_as_ended_frees_its_followers_once() -> None:
    done = at(StepState.SUCCEEDED)
    steps = Steps.of(PLAN).moved("a", done).moved("a", replace(done, why="again"))
    assert found(steps, DUE) == "bd"


def test_what_the_plan_says_is_found_by_step_and_by_host() -> None:
    steps = Steps.of(PLAN)
    assert steps.planned("c") is PLAN.steps[2]
    assert [one.id for one in steps.on_host("h2")] == ["c", "d"]
    assert steps.on_host("h9") == ()
    with pytest.raises(KeyError):
        steps.planned("z")


def test_what_is_made_already_is_not_made_again() -> None:
    steps = Steps.of(PLAN)
    assert Steps.of(PLAN, steps) is steps
    other = replace(PLAN, steps=PLAN.steps[:1])
    assert list(Steps.of(other, steps)) == ["a"]


ENDS = [StepState.SUCCEEDED, StepState.FAILED, StepState.UNKNOWN, StepState.SKIPPED]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_change_after_the_other_is_the_same_as_all_at_once(data: st.DataObject) -> None:
    names = [str(number) for number in range(data.draw(st.integers(1, 40)))]
    waits = st.lists(st.sampled_from([*names, "nobody"]), max_size=3).map(tuple)
    plan = Plan(steps=tuple(Step(id=one, host="h", after=data.draw(waits)) for one in names))
    told: dict[str, StepRun] = {}
    steps = Steps.of(plan)
    for name in data.draw(st.lists(st.sampled_from(names), max_size=40, unique=True)):
        for state in data.draw(st.sampled_from([[StepState.UNDER_WAY], ENDS[:1], ENDS[1:2]])):
            told[name] = at(state)
            steps = steps.moved(name, told[name])
    fresh = Steps.of(plan, told)
    assert steps == fresh
    for kind in (DUE, BARRED, BLOCKED, UNDER_WAY, SUCCEEDED, FAILED):
        assert found(steps, kind) == found(fresh, kind) == naive(plan, told, kind)


def naive(plan: Plan, told: Mapping[str, StepRun], kind: int) -> str:
    def state(name: str) -> StepState:
        return told.get(name, StepRun()).state

    def kind_of(step: Step) -> int:
        over = {StepState.SUCCEEDED: SUCCEEDED, StepState.FAILED: FAILED}
        if state(step.id) is not StepState.WAITING:
            return over.get(state(step.id), UNDER_WAY)
        states = {state(one) for one in step.after}
        if StepState.FAILED in states:
            return BARRED
        return DUE if states <= {StepState.SUCCEEDED} else BLOCKED

    return "".join(step.id for step in plan.steps if kind_of(step) == kind)


def test_a_step_of_which_nothing_is_told_has_not_been_tried() -> None:
    assert (StepRun().attempt, StepRun().starts) == (0, 0)

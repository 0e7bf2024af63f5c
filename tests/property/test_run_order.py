"""Random plans with random failures: order, policy and honesty hold whatever happens."""

import asyncio
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.controller.executor import start_run
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step

OnFailure = Literal["stop", "continue", "rollback"]
NAMES = "abcdefgh"


@st.composite
def plans(draw: st.DrawFn) -> tuple[Scene, Plan]:
    """Up to eight steps, each after some of those before it; acts that fail or take long."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    made = scene([host("h1", *(instance(name, at) for at, name in enumerate(names, start=1)))])
    steps = [
        step(f"{name}@h1", *(f"{one}@h1" for one in names[:at] if draw(st.booleans())))
        for at, name in enumerate(names)
    ]
    ids = [one.id for one in steps]
    made.cloud.fail = draw(st.sets(st.sampled_from(ids), max_size=2))
    made.cloud.act_s = {one: draw(st.sampled_from([0.05, 0.25, 0.8])) for one in ids}
    policy = draw(st.sampled_from(["stop", "continue", "rollback"]))
    return made, plan_for(made.cloud, *steps, on_failure=policy)


def carry(made: Scene, plan: Plan) -> tuple[Run, tuple[Record, ...]]:
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress))
    records = made.journal.records(run)
    return replay(run, records), records


@settings(max_examples=25, deadline=None)
@given(plans())
def test_no_step_starts_before_those_it_waits_for_have_succeeded(case: tuple[Scene, Plan]) -> None:
    made, plan = case
    _, records = carry(made, plan)
    good: set[str] = set()
    for record in records:
        if record.kind is RecordKind.STEP_STARTED:
            assert set(plan.step(record.step).after) <= good
        if record.kind is RecordKind.STEP_ENDED and record.body["outcome"] == "restarted":
            good.add(record.step)


@settings(max_examples=25, deadline=None)
@given(plans())
def test_success_is_claimed_only_when_every_step_succeeded(case: tuple[Scene, Plan]) -> None:
    made, plan = case
    told, _ = carry(made, plan)
    all_good = all(
        one.outcome is not None and one.outcome.is_success for one in told.steps.values()
    )
    assert (told.outcome == "succeeded") == all_good
    assert told.outcome in {"succeeded", "failed"}
    restarted = {name for name, one in told.steps.items() if one.outcome == "restarted"}
    assert restarted == set(made.cloud.restarts)


@settings(max_examples=25, deadline=None)
@given(plans())
def test_to_continue_skips_exactly_what_hangs_on_a_failure(case: tuple[Scene, Plan]) -> None:
    made, plan = case
    told, _ = carry(made, plan)
    if plan.policy.on_failure != "continue":
        return
    lost: set[str] = set()
    for one in plan.steps:
        if one.id in made.cloud.fail or lost & set(one.after):
            lost.add(one.id)
    skipped = {name for name, one in told.steps.items() if one.outcome == "skipped"}
    assert skipped == {one for one in lost if lost & set(plan.step(one).after)}
    assert {name for name, one in told.steps.items() if one.outcome == "restarted"} == set(
        told.steps
    ) - lost


@settings(max_examples=25, deadline=None)
@given(plans())
def test_the_records_of_a_run_replay_to_the_same_run(case: tuple[Scene, Plan]) -> None:
    made, plan = case
    told, records = carry(made, plan)
    assert replay(told.run, records) == told
    (summary,) = made.journal.runs()
    ended = sum(one.state.is_over for one in told.steps.values())
    assert (summary.state, summary.steps, summary.ended) == (told.state, len(plan.steps), ended)

import asyncio
import dataclasses
import os
import signal
from collections.abc import Callable

import pytest

from insvc.controller.executor import start_run
from insvc.errors import RunInterrupted
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.execute.transitions import RunState
from insvc.plan.plan import Plan
from insvc.plan.policy import Window
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step


def four(**policy: object) -> tuple[Scene, Plan]:
    """a and b at once; c after a; d after b."""
    made = scene([host("h1", *(instance(name, at) for at, name in enumerate("abcd", start=1)))])
    steps = (step("a@h1"), step("b@h1"), step("c@h1", "a@h1"), step("d@h1", "b@h1"))
    return made, plan_for(made.cloud, *steps, **policy)


def start(made: Scene, plan: Plan) -> Run:
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress))
    return replay(run, made.journal.records(run))


def wish(made: Scene, kind: RecordKind) -> None:
    run = made.journal.runs()[0].run
    made.journal.append(run, 0, Record(kind=kind, at=made.clock.now()))


def once(made: Scene, name: str, act: Callable[[], None]) -> None:
    made.cloud.on_act = lambda found: act() if found == name else None


def test_steps_run_at_once_where_nothing_forbids_it() -> None:
    made, plan = four()
    assert start(made, plan).outcome == "succeeded"
    assert made.cloud.most == 2


def test_a_step_starts_as_soon_as_those_before_it_have_succeeded() -> None:
    made, plan = four()
    made.cloud.act_s["a@h1"] = 50.0
    start(made, plan)
    assert made.cloud.order == ["a@h1", "b@h1", "d@h1", "c@h1"]


def test_a_failure_lets_the_step_in_hand_end_and_starts_no_other() -> None:
    made, plan = four()
    made.cloud.fail.add("a@h1")
    made.cloud.act_s["b@h1"] = 5.0
    told = start(made, plan)
    assert told.state is RunState.FAILED
    assert made.cloud.order == ["a@h1", "b@h1"]
    assert told.steps["b@h1"].outcome == "restarted"


def test_the_policy_continue_skips_only_what_depends_on_the_failure() -> None:
    made, plan = four(on_failure="continue")
    made.cloud.fail.add("a@h1")
    told = start(made, plan)
    assert told.state is RunState.FAILED
    outcomes = {name: one.outcome for name, one in told.steps.items()}
    assert outcomes == {
        "a@h1": "failed",
        "b@h1": "restarted",
        "c@h1": "skipped",
        "d@h1": "restarted",
    }
    assert any(line.startswith("c@h1 ended skipped") for line in made.progress.lines)


def test_a_pause_starts_nothing_until_somebody_resumes() -> None:
    made, plan = four()
    once(made, "b@h1", lambda: wish(made, RecordKind.PAUSE_ASKED))

    async def story() -> str:
        world = made.world()
        going = asyncio.create_task(start_run(world, plan, progress=made.progress))
        await made.clock.sleep(20.0)
        assert sorted(made.cloud.order) == ["a@h1", "b@h1"]
        assert made.journal.runs()[0].state == "paused"
        wish(made, RecordKind.RESUME_ASKED)
        return await going

    run = asyncio.run(story())
    assert replay(run, made.journal.records(run)).outcome == "succeeded"
    assert "paused: no further step is started" in made.progress.lines
    assert "the run goes on" in made.progress.lines


def test_an_abort_from_outside_ends_the_run_after_the_steps_in_hand() -> None:
    made, plan = four()
    once(made, "b@h1", lambda: wish(made, RecordKind.ABORT_ASKED))
    told = start(made, plan)
    assert told.state is RunState.ABORTED
    assert told.why == "the run was aborted; 2 steps were not started"
    assert sorted(made.cloud.order) == ["a@h1", "b@h1"]


def test_a_run_that_was_stopped_while_paused_is_interrupted() -> None:
    made, plan = four()
    once(made, "b@h1", lambda: wish(made, RecordKind.PAUSE_ASKED))

    async def story() -> None:
        going = asyncio.create_task(start_run(made.world(), plan, progress=made.progress))
        await made.clock.sleep(20.0)
        os.kill(os.getpid(), signal.SIGTERM)
        await going

    with pytest.raises(RunInterrupted):
        asyncio.run(story())
    assert made.journal.runs()[0].state == "interrupted"


def test_progress_is_told_of_every_step() -> None:
    made, plan = four()
    start(made, plan)
    started = [line for line in made.progress.lines if "started (1)" in line]
    ended = [line for line in made.progress.lines if "ended restarted" in line]
    assert (len(started), len(ended)) == (4, 4)


def test_a_pause_is_kept_and_told_once() -> None:
    made = scene([host("h1", instance("a", 1), instance("b", 2))])
    steps = (step("a@h1"), dataclasses.replace(step("b@h1", "a@h1"), soak_s=300.0))
    start(made, plan_for(made.cloud, *steps))
    records = made.journal.records(made.journal.runs()[0].run)
    ended = next(one.at for one in records if one.kind is RecordKind.STEP_ENDED)
    again = [one.at for one in records if one.kind is RecordKind.STEP_STARTED][1]
    assert again >= ended + 300.0
    assert sum("b@h1 waits until" in line for line in made.progress.lines) == 1


def test_without_a_window_left_nothing_is_started_and_the_run_says_so() -> None:
    made, plan = four(windows=(Window(opens=0.0, closes=1.0),))
    told = start(made, plan)
    assert made.cloud.order == []
    assert told.state is not RunState.SUCCEEDED
    assert "no maintenance window is left" in told.steps["a@h1"].why

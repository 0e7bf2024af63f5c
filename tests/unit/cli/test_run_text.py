from dataclasses import replace

from insvc.cli.run_text import run_document, run_table, runs_table, state_words
from insvc.execute.run import RunSummary
from insvc.execute.state import Run
from insvc.execute.steps import StepRun
from insvc.execute.transitions import RunState, StepState
from insvc.model.words import Outcome
from insvc.plan.plan import Plan, Step

RUN = Run(
    run="r1",
    state=RunState.FAILED,
    why="b@h1 ended failed: ready",
    plan=Plan(steps=(Step(id="a@h1", host="h1"), Step(id="b@h1", host="h1"))),
    steps={
        "a@h1": StepRun(),
        "b@h1": StepRun(
            state=StepState.FAILED, outcome=Outcome.FAILED, attempt=2, why="ready: no answer"
        ),
    },
    rollback_of="r0",
    rollback_run="r2",
    warnings=("one host is not covered",),
)
SUMMARY = RunSummary(run="r1", state="running", created_at=1_795_348_800.0, steps=9, ended=4)


def test_runs_are_listed_with_their_state_and_how_far_they_came() -> None:
    text = runs_table([(SUMMARY, True), (replace(SUMMARY, run="longer-id"), False)])
    lines = text.splitlines()
    assert lines[1] == "r1         running                   2026-11-22 12:00:00  4 of 9 ended"
    assert "running, controller gone" in lines[2]


def test_no_run_says_how_to_start_one() -> None:
    assert "insvc run start" in runs_table([])


def test_a_run_is_shown_step_by_step() -> None:
    text = run_table(RUN, live=False)
    assert text.startswith("run r1: failed\n  b@h1 ended failed: ready\n  undoes run r0\n")
    assert "undone by run r2" in text
    assert "one host is not covered" in text
    assert "a@h1  waiting\n" in text
    assert "b@h1  failed   2      ready: no answer\n" in text


def test_a_run_without_anything_to_say_is_its_state_and_its_steps() -> None:
    text = run_table(Run(run="r9", state=RunState.RUNNING), live=True)
    assert text == "run r9: running\n\nstep  state  tries  why\n"


def test_only_a_run_that_somebody_should_carry_on_misses_its_controller() -> None:
    assert state_words("paused", live=False) == "paused, controller gone"
    assert state_words("rolling-back", live=False) == "rolling-back, controller gone"
    assert state_words("interrupted", live=False) == "interrupted"
    assert state_words("paused", live=True) == "paused"


def test_the_document_holds_every_step() -> None:
    told = run_document(RUN, live=True)
    assert (told["run"], told["state"], told["live"]) == ("r1", "failed", True)
    assert [one["id"] for one in told["steps"]] == ["a@h1", "b@h1"]
    assert told["steps"][1]["outcome"] == "failed"

from dataclasses import replace
from typing import Literal

import pytest

from insvc.execute.decide import (
    MAX_ATTEMPTS,
    MAX_STARTS,
    EndRun,
    ResolveStep,
    SkipStep,
    StartStep,
    decide,
    may_begin_again,
    may_start,
)
from insvc.execute.state import Run
from insvc.execute.steps import StepRun
from insvc.execute.transitions import RunState, StepState
from insvc.model.act import PackageChange
from insvc.model.words import Action, Outcome
from insvc.plan.plan import Plan, Step
from insvc.plan.policy import Policy

STATES = {
    "waiting": StepRun(),
    "going": StepRun(state=StepState.UNDER_WAY, attempt=1),
    "lost": StepRun(state=StepState.LOST, attempt=1),
    "good": StepRun(state=StepState.SUCCEEDED, outcome=Outcome.RESTARTED, attempt=1),
    "bad": StepRun(state=StepState.FAILED, outcome=Outcome.FAILED, attempt=1, why="it broke"),
    "unknown": StepRun(state=StepState.UNKNOWN, outcome=Outcome.UNKNOWN, why="no answer"),
    "skipped": StepRun(state=StepState.SKIPPED, outcome=Outcome.SKIPPED),
}

OnFailure = Literal["stop", "continue", "rollback"]


def run(
    a: str, b: str, c: str, state: RunState = RunState.RUNNING, on_failure: OnFailure = "stop"
) -> Run:
    """Step b waits for a; c waits for nothing."""
    plan = Plan(
        policy=Policy(on_failure=on_failure),
        steps=(
            Step(id="a", host="h"),
            Step(id="b", host="h", after=("a",)),
            Step(id="c", host="h"),
        ),
    )
    steps = {"a": STATES[a], "b": STATES[b], "c": STATES[c]}
    return Run(run="r", state=state, plan=plan, steps=steps)


def test_only_what_waits_for_nothing_starts_at_first() -> None:
    assert decide(run("waiting", "waiting", "waiting")) == (
        StartStep(step="a"),
        StartStep(step="c"),
    )


def test_a_step_starts_when_all_it_waits_for_has_succeeded() -> None:
    assert decide(run("good", "waiting", "going")) == (StartStep(step="b"),)


def test_a_step_does_not_start_while_another_before_it_is_under_way() -> None:
    assert decide(run("going", "waiting", "good")) == ()


def test_the_same_run_gets_the_same_decisions() -> None:
    one = run("good", "waiting", "waiting")
    assert decide(one) == decide(one)


def test_all_good_is_success() -> None:
    (end,) = decide(run("good", "good", "good"))
    assert end == EndRun(outcome="succeeded", why="every step reached its goal")


def test_an_empty_plan_succeeds_at_once() -> None:
    (end,) = decide(Run(run="r", state=RunState.RUNNING))
    assert end == EndRun(outcome="succeeded", why="the plan is empty: nothing to restart")


@pytest.mark.parametrize("bad", ["bad", "unknown"])
def test_a_failure_stops_the_rollout(bad: str) -> None:
    (end,) = decide(run(bad, "waiting", "waiting"))
    assert isinstance(end, EndRun)
    assert end.outcome == "failed"
    assert end.why.startswith("a ended ")
    assert not end.rollback


def test_a_failure_waits_for_the_steps_in_hand() -> None:
    assert decide(run("bad", "waiting", "going")) == ()


def test_a_lost_step_is_resolved_whatever_failed() -> None:
    assert decide(run("bad", "waiting", "lost")) == (ResolveStep(step="c"),)


def test_other_steps_go_on_beside_a_lost_one() -> None:
    assert decide(run("good", "waiting", "lost")) == (ResolveStep(step="c"), StartStep(step="b"))


def test_the_policy_rollback_asks_for_one() -> None:
    failed = run("bad", "waiting", "good", on_failure="rollback")
    change = PackageChange(package="a", from_version="1", to_version="2", path="/a.deb")
    (end,) = decide(replace(failed, patch={"h": (change,)}))
    assert end == EndRun(outcome="failed", why="a ended failed: it broke", rollback=True)


def test_a_rollback_that_is_not_possible_is_said_and_not_asked_for() -> None:
    (end,) = decide(run("bad", "waiting", "good", on_failure="rollback"))
    assert isinstance(end, EndRun)
    assert not end.rollback
    assert "it is not rolled back: what was installed" in end.why


@pytest.mark.parametrize(
    ("b", "state", "words"),
    [
        ("bad", RunState.RUNNING, "b ended failed: it broke; left locked: h"),
        ("waiting", RunState.ABORTING, "2 steps were not started; left locked: h"),
    ],
)
def test_a_host_that_stays_locked_is_named(b: str, state: RunState, words: str) -> None:
    plain = run("good", b, "waiting", state)
    a, *rest = plain.plan.steps
    unlock = replace(rest[1], action=Action.UNLOCK)
    steps = (replace(a, action=Action.LOCK), rest[0], unlock)
    (end,) = decide(replace(plain, plan=replace(plain.plan, steps=steps)))
    assert isinstance(end, EndRun)
    assert end.why.endswith(words)


def test_a_host_whose_lock_ended_badly_may_be_locked_and_is_named() -> None:
    plain = run("unknown", "waiting", "waiting")
    steps = (replace(plain.plan.steps[0], action=Action.LOCK), *plain.plan.steps[1:])
    (end,) = decide(replace(plain, plan=replace(plain.plan, steps=steps)))
    assert isinstance(end, EndRun)
    assert end.why == "a ended unknown: no answer; perhaps locked: h"


def test_hosts_that_are_locked_and_those_that_may_be_are_told_apart() -> None:
    plain = run("good", "waiting", "unknown")
    a, b, c = plain.plan.steps
    steps = (replace(a, action=Action.LOCK), b, replace(c, host="i", action=Action.LOCK))
    (end,) = decide(replace(plain, plan=replace(plain.plan, steps=steps)))
    assert isinstance(end, EndRun)
    assert end.why == "c ended unknown: no answer; left locked: h; perhaps locked: i"


def test_a_rollback_names_the_host_that_stays_locked() -> None:
    plain = run("good", "bad", "waiting", on_failure="rollback")
    steps = (replace(plain.plan.steps[0], action=Action.LOCK), *plain.plan.steps[1:])
    change = PackageChange(package="a", from_version="1", to_version="2", path="/a.deb")
    locked = replace(plain, plan=replace(plain.plan, steps=steps), patch={"h": (change,)})
    (end,) = decide(locked)
    assert end == EndRun(
        outcome="failed", why="b ended failed: it broke; left locked: h", rollback=True
    )


def test_a_host_that_was_unlocked_again_is_not_named() -> None:
    plain = run("good", "bad", "good")
    a, b, c = plain.plan.steps
    steps = (replace(a, action=Action.LOCK), b, replace(c, action=Action.UNLOCK))
    (end,) = decide(replace(plain, plan=replace(plain.plan, steps=steps)))
    assert isinstance(end, EndRun)
    assert "locked" not in end.why


def test_the_policy_continue_skips_what_waits_for_the_failure_and_does_the_rest() -> None:
    assert decide(run("bad", "waiting", "waiting", on_failure="continue")) == (
        SkipStep(step="b", why="a ended failed"),
        StartStep(step="c"),
    )


def test_a_continued_run_with_a_failure_has_failed_in_the_end() -> None:
    (end,) = decide(run("bad", "skipped", "good", on_failure="continue"))
    assert end == EndRun(outcome="failed", why="a ended failed: it broke")


def test_a_skipped_step_skips_what_waits_for_it() -> None:
    assert decide(run("skipped", "waiting", "going", on_failure="continue")) == (
        SkipStep(step="b", why="a ended skipped"),
    )


def test_of_all_that_a_step_waits_for_the_first_that_ended_badly_is_named() -> None:
    plain = run("bad", "waiting", "good", on_failure="continue")
    a, b, c = plain.plan.steps
    plan = replace(plain.plan, steps=(a, replace(b, after=("elsewhere", "c", "a")), c))
    (skip,) = decide(replace(plain, plan=plan))
    assert skip == SkipStep(step="b", why="a ended failed")


def test_a_continued_run_waits_for_what_may_set_others_free() -> None:
    assert decide(run("going", "waiting", "good", on_failure="continue")) == ()


def test_steps_that_nothing_can_start_end_the_run() -> None:
    stuck = run("good", "waiting", "good")
    plan = replace(stuck.plan, steps=(*stuck.plan.steps[:1], Step(id="b", host="h", after=("z",))))
    steps = {name: stuck.steps[name] for name in ("a", "b")}
    (end,) = decide(replace(stuck, plan=plan, steps=steps))
    assert end == EndRun(outcome="failed", why="nothing can start them; 1 step was not started")


def test_a_paused_run_starts_nothing() -> None:
    assert decide(run("good", "waiting", "waiting", RunState.PAUSED)) == ()


def test_a_paused_run_whose_steps_have_all_ended_ends() -> None:
    (end,) = decide(run("good", "good", "good", RunState.PAUSED))
    assert isinstance(end, EndRun)
    assert end.outcome == "succeeded"


def test_an_aborted_run_ends_after_the_step_in_hand() -> None:
    assert decide(run("going", "waiting", "waiting", RunState.ABORTING)) == ()
    (end,) = decide(run("good", "waiting", "waiting", RunState.ABORTING))
    assert end == EndRun(outcome="aborted", why="the run was aborted; 2 steps were not started")


def test_an_abort_that_skipped_the_last_step_is_no_success() -> None:
    (end,) = decide(run("good", "good", "skipped", RunState.ABORTING))
    assert end == EndRun(outcome="aborted", why="the run was aborted; 1 step was not started")


def test_an_abort_after_a_failure_that_skipped_the_rest_is_that_failure() -> None:
    (end,) = decide(run("bad", "skipped", "good", RunState.ABORTING, on_failure="continue"))
    assert end == EndRun(outcome="failed", why="a ended failed: it broke")


def test_an_abort_that_came_too_late_changes_nothing() -> None:
    (end,) = decide(run("good", "good", "good", RunState.ABORTING))
    assert isinstance(end, EndRun)
    assert end.outcome == "succeeded"


@pytest.mark.parametrize(
    "state", [RunState.CREATED, RunState.INTERRUPTED, RunState.FAILED, RunState.ROLLING_BACK]
)
def test_nothing_is_done_in_a_run_that_nobody_carries_on(state: RunState) -> None:
    assert decide(run("waiting", "waiting", "lost", state)) == ()


def test_a_step_may_start_only_when_it_is_decided_now() -> None:
    assert may_start(run("waiting", "waiting", "good"), "a")
    assert not may_start(run("waiting", "waiting", "good"), "b")
    assert not may_start(run("waiting", "waiting", "bad"), "a")


def test_three_acts_that_were_cut_short_and_six_that_nobody_saw_are_enough() -> None:
    assert (MAX_ATTEMPTS, MAX_STARTS) == (3, 6)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (run("lost", "waiting", "good"), True),
        (run("lost", "waiting", "good", RunState.PAUSED), True),
        (run("lost", "waiting", "good", RunState.ABORTING), False),
        (run("lost", "waiting", "bad"), False),
        (run("lost", "waiting", "bad", on_failure="continue"), True),
    ],
)
def test_an_unseen_act_is_asked_again_only_while_the_run_wants_more(
    one: Run, expected: bool
) -> None:
    assert may_begin_again(one) is expected

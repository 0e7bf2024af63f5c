"""Kill the controller on both sides of every journal write and of every act; resume; count."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.controller.executor import resume_run, start_run
from insvc.execute.state import Run, replay
from insvc.model.words import Outcome, Role
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step
from tests.fakes.journal import Killed

STALE = ("a@h1", "b@h1", "a@h2", "c@h2")


def small_cloud() -> tuple[Scene, Plan]:
    made = scene(
        [
            host("h1", instance("a", 1), instance("b", 2), role=Role.ACTIVE),
            host("h2", instance("a", 3), instance("c", 4), role=Role.STANDBY),
        ]
    )
    plan = plan_for(
        made.cloud,
        step("a@h1"),
        step("b@h1"),
        step("a@h2", "a@h1"),
        step("c@h2", "b@h1", "a@h2"),
    )
    return made, plan


def carry_to_the_end(made: Scene, plan: Plan, kills: Iterator[None]) -> Run:
    """Start, and after each kill resume as a new process would, until the run is over."""
    try:
        asyncio.run(start_run(made.world(), plan, progress=made.progress))
    except Killed:
        made.crash()
    while not made.journal.runs():
        next(kills, None)
        try:
            asyncio.run(start_run(made.world(), plan, progress=made.progress))
        except Killed:
            made.crash()
    run = made.journal.runs()[0].run
    while not replay(run, made.journal.records(run)).state.is_over:
        next(kills, None)
        try:
            asyncio.run(resume_run(made.world(), run, progress=made.progress))
        except Killed:
            made.crash()
    return replay(run, made.journal.records(run))


def writes_of_a_quiet_run() -> int:
    made, plan = small_cloud()
    carry_to_the_end(made, plan, iter(()))
    return made.journal.writes


def assert_each_restarted_once(made: Scene, run: Run) -> None:
    assert dict(made.cloud.restarts) == dict.fromkeys(STALE, 1)
    assert run.outcome == "succeeded"
    assert all(one.outcome is not None and one.outcome.is_success for one in run.steps.values())


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("write", range(1, writes_of_a_quiet_run() + 1))
def test_a_kill_at_any_write_restarts_each_stale_instance_exactly_once(
    write: int, side: str
) -> None:
    made, plan = small_cloud()
    if side == "before":
        made.journal.kill_before = write
    else:
        made.journal.kill_after = write
    run = carry_to_the_end(made, plan, iter(()))
    assert_each_restarted_once(made, run)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("act", STALE)
def test_a_kill_at_any_act_restarts_each_stale_instance_exactly_once(act: str, side: str) -> None:
    made, plan = small_cloud()
    (made.cloud.kill_before if side == "before" else made.cloud.kill_after).add(act)
    run = carry_to_the_end(made, plan, iter(()))
    assert_each_restarted_once(made, run)


@pytest.mark.parametrize("fault", ["breaks_before", "breaks_after", "dies_during"])
@pytest.mark.parametrize("act", STALE)
def test_an_agent_that_fails_in_any_act_restarts_each_instance_exactly_once(
    act: str, fault: str
) -> None:
    made, plan = small_cloud()
    getattr(made.cloud, fault).add(act)
    run = carry_to_the_end(made, plan, iter(()))
    assert_each_restarted_once(made, run)


@settings(max_examples=40, deadline=None)
@given(
    kills=st.lists(st.tuples(st.integers(1, 8), st.booleans()), max_size=5),
    dies=st.sets(st.sampled_from(STALE)),
    breaks=st.sets(st.sampled_from(STALE)),
)
def test_many_kills_and_faults_never_restart_twice_nor_claim_what_is_not(
    kills: list[tuple[int, bool]], dies: set[str], breaks: set[str]
) -> None:
    made, plan = small_cloud()
    made.cloud.dies_during |= dies
    made.cloud.breaks_after |= breaks

    def plant() -> Iterator[None]:
        for after, is_before in kills:
            number = made.journal.writes + after
            if is_before:
                made.journal.kill_before = number
            else:
                made.journal.kill_after = number
            yield

    planted = plant()
    next(planted, None)
    run = carry_to_the_end(made, plan, planted)
    assert max(made.cloud.restarts.values(), default=0) <= 1
    for name, told in run.steps.items():
        cured = made.cloud.restarts[name] == 1
        assert cured == (told.outcome in {Outcome.RESTARTED, Outcome.ALREADY_CURRENT})


def test_a_rerun_of_the_same_plan_restarts_nothing() -> None:
    made, plan = small_cloud()
    carry_to_the_end(made, plan, iter(()))
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress))
    told = replay(run, made.journal.records(run))
    assert {one.outcome for one in told.steps.values()} == {Outcome.ALREADY_CURRENT}
    assert_each_restarted_once(made, told)

"""Kill the controller on both sides of every journal write and of every act; resume; count."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.controller import carrier
from insvc.controller.executor import start_run
from insvc.controller.step_runner import StepRunner
from insvc.execute.state import replay
from insvc.execute.transitions import RunState
from insvc.model.observation import HostObservation
from insvc.model.words import Action, InstanceState, Outcome, Role, Verdict
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, change, host, instance, plan_for, scene, step
from tests.harness.crash_sweep import (
    ALWAYS,
    Case,
    Cut,
    Ending,
    Invariant,
    all_succeeded,
    broken,
    carry_to_the_end,
    cut_run,
    cuts_of,
    each_restarted_once,
    intent_before_act,
    look_before_repeat,
    sweep,
)

UP = InstanceState.RUNNING
STALE = ("a@h1", "b@h1", "a@h2", "c@h2")


def small_cloud() -> tuple[Scene, Plan]:
    """Two hosts, four stale services, two at a time."""
    made = scene(
        [
            host("h1", instance("a", 1), instance("b", 2), role=Role.STANDBY),
            host("h2", instance("a", 3), instance("c", 4), role=Role.ACTIVE),
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


def host_turn() -> tuple[Scene, Plan]:
    """The active host gives up activity, is locked, restarted and unlocked."""
    services = (instance("a", 1), instance("sm", 2))
    made = scene(
        [
            host("h1", *services, role=Role.ACTIVE),
            host("h2", role=Role.STANDBY),
        ],
        active_only=["a"],
    )
    plan = plan_for(
        made.cloud,
        step("swact@h1", service="", action=Action.SWACT, to_host="h2"),
        step("lock@h1", "swact@h1", service="", action=Action.LOCK),
        step("sm@h1", "lock@h1"),
        step("unlock@h1", "sm@h1", service="", action=Action.UNLOCK),
    )
    return made, plan


def curing_swact() -> tuple[Scene, Plan]:
    """One swact cures what takes turns; what is left on its host follows."""
    rests = [instance(name, stale=False, state=InstanceState.STOPPED) for name in ("a", "b")]
    made = scene(
        [
            host("h1", instance("a", 1), instance("b", 2), instance("poll", 3), role=Role.ACTIVE),
            host("h2", *rests, role=Role.STANDBY),
        ],
        active_only=["a", "b"],
    )
    figures = {"expected_outage_s": 1.0, "cost_s": 1.5, "instead_s": 2.0}
    plan = plan_for(
        made.cloud,
        step(
            "swact@h1",
            service="",
            action=Action.SWACT,
            to_host="h2",
            cures=("a", "b"),
            **figures,
        ),
        step("poll@h1", "swact@h1"),
        swact="by-estimate",
    )
    return made, plan


def cured_by_swact(ending: Ending) -> str | None:
    """What takes turns runs on the other host, and nothing of it is stale."""
    there = ending.made.cloud.hosts["h2"]
    left = [
        one.service
        for one in there.instances
        if one.state is not UP or one.verdict is not Verdict.CURRENT
    ]
    is_fine = there.role is Role.ACTIVE and not left
    return None if is_fine else f"h2 is {there.role}, not cured there: {left}"


def with_failure() -> tuple[Scene, Plan]:
    """One restart fails; what does not wait for it goes on."""
    made, plan = small_cloud()
    made.cloud.fail = {"a@h1"}
    policy = plan_for(made.cloud, *plan.steps, on_failure="continue")
    return made, policy


def honest_failure(ending: Ending) -> str | None:
    """What failed is called failed, what waits for it skipped, and the rest is done."""
    found = {name: one.outcome for name, one in ending.run.steps.items()}
    wanted = {
        "a@h1": Outcome.FAILED,
        "b@h1": Outcome.RESTARTED,
        "a@h2": Outcome.SKIPPED,
        "c@h2": Outcome.SKIPPED,
    }
    allowed = {Outcome.RESTARTED, Outcome.ALREADY_CURRENT}
    is_fine = ending.run.outcome == "failed" and all(
        found[name] is outcome or {found[name], outcome} <= allowed
        for name, outcome in wanted.items()
    )
    # A host that was asked and whose answer nobody heard may show the failure by itself.
    is_down = found["a@h1"] is Outcome.NOT_RUNNING
    return None if is_fine or is_down else f"{ending.run.outcome}: {found}"


def broken_turn() -> tuple[Scene, Plan]:
    """What was to be restarted on the locked host does not come up."""
    made, plan = host_turn()
    made.cloud.fail = {"sm@h1"}
    return made, plan


def names_the_locked(ending: Ending) -> str | None:
    """The run failed, the host is still locked, and the reason says so."""
    is_locked = ending.made.cloud.hosts["h1"].locked
    words = ending.run.why
    is_fine = ending.run.outcome == "failed" and is_locked and words.endswith("left locked: h1")
    return None if is_fine else f"ended {ending.run.outcome}, h1 locked: {is_locked}: {words}"


GOOD: tuple[Invariant, ...] = (*ALWAYS, each_restarted_once, all_succeeded)
CASES: dict[str, tuple[Case, Sequence[Invariant]]] = {
    "restarts": (small_cloud, GOOD),
    "swact, lock, restart, unlock": (host_turn, GOOD),
    "a swact that cures": (curing_swact, (*GOOD, cured_by_swact)),
    "a failure on a locked host": (broken_turn, (*ALWAYS, names_the_locked)),
    "a failure": (with_failure, (*ALWAYS, honest_failure)),
}


EVERY_CUT = [
    pytest.param(case, cut, invariants, id=f"{name}: {cut}")
    for name, (case, invariants) in CASES.items()
    for cut in cuts_of(case)
]


@pytest.mark.parametrize(("case", "cut", "invariants"), EVERY_CUT)
def test_a_run_cut_anywhere_ends_as_if_it_had_not_been_cut(
    case: Case, cut: Cut, invariants: Sequence[Invariant]
) -> None:
    assert broken(cut_run(case, cut), invariants) == ()


@pytest.mark.parametrize("fault", ["breaks_before", "breaks_after", "dies_during"])
@pytest.mark.parametrize("act", STALE)
def test_an_agent_that_fails_in_any_act_restarts_each_instance_exactly_once(
    act: str, fault: str
) -> None:
    made, plan = small_cloud()
    getattr(made.cloud, fault).add(act)
    assert broken(carry_to_the_end(made, plan), GOOD) == ()


@pytest.mark.parametrize("fault", ["breaks_before", "breaks_after", "dies_during", "forgets"])
def test_an_agent_s_failure_and_a_cut_together_restart_nothing_twice(fault: str) -> None:
    def case() -> tuple[Scene, Plan]:
        made, plan = small_cloud()
        getattr(made.cloud, fault).add("a@h2")
        return made, plan

    assert sweep(case, GOOD) == []


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
            Cut("before" if is_before else "after", made.journal.writes + after).plant(made)
            yield

    planted = plant()
    next(planted, None)
    ending = carry_to_the_end(made, plan, planted)
    assert broken(ending, ALWAYS) == ()
    for name, told in ending.run.steps.items():
        cured = made.cloud.restarts[name] == 1
        assert cured == (told.outcome in {Outcome.RESTARTED, Outcome.ALREADY_CURRENT})


def test_a_rerun_of_the_same_plan_restarts_nothing() -> None:
    made, plan = small_cloud()
    ending = carry_to_the_end(made, plan)
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress))
    told = replay(run, made.journal.records(run))
    assert {one.outcome for one in told.steps.values()} == {Outcome.ALREADY_CURRENT}
    assert broken(ending, GOOD) == ()


def is_rolled_back(ending: Ending) -> str | None:
    """The old packages are back and nothing that was patched runs the new code or is down."""
    seen = ending.made.cloud.hosts["h1"]
    bad = [one.service for one in seen.instances if one.verdict is Verdict.STALE or one.state != UP]
    found = (ending.run.state, seen.packages["a"], seen.packages["b"])
    if found == (RunState.ROLLED_BACK, "1.0-1", "1.0-1") and not bad:
        return None
    return f"{found}, stale or down: {bad}"


def test_a_rollback_cut_anywhere_puts_everything_back(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}_1.0-1_all.deb").touch()
    patch = {"h1": [change("a", tmp_path), change("b", tmp_path)]}

    def case() -> tuple[Scene, Plan]:
        made = scene([host("h1", instance("a", 1), instance("b", 2))])
        made.cloud.fail = {"b@h1"}
        made.cloud.on_install = made.cloud.fail.clear
        steps = (step("a@h1"), step("b@h1", "a@h1"))
        return made, plan_for(made.cloud, *steps, on_failure="rollback")

    assert sweep(case, (intent_before_act, look_before_repeat, is_rolled_back), patch) == []


class Repeater(StepRunner):
    """Planted: a lost act is done once more, whatever a look at its host shows."""

    async def resolve(self) -> None:
        attempt = self._session.run.steps[self._step.id].attempt
        await self._attempt(attempt + 1, "down", await self._look())


class BlindRepeater(StepRunner):
    """Planted: a lost act is done once more without a look at what became of it."""

    async def resolve(self) -> None:
        attempt = self._session.run.steps[self._step.id].attempt
        nothing = HostObservation(host=self._step.host)
        await self._attempt(attempt + 1, "down", (nothing,))


class HastyRunner(StepRunner):
    """Planted: the act comes first, its intent is written afterwards."""

    async def _attempt(self, attempt: int, because: str, seen: Sequence[HostObservation]) -> None:
        await self._act(attempt)
        await super()._attempt(attempt, because, seen)


PLANTED = {
    Repeater: "restarted more than once",
    BlindRepeater: "repeated blindly",
    HastyRunner: "acted on without an intent",
}


@pytest.mark.parametrize("runner", PLANTED, ids=lambda runner: runner.__name__)
def test_the_sweep_catches_what_is_planted(
    runner: type[StepRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "StepRunner", runner)
    found = sweep(small_cloud, ALWAYS)
    assert any(PLANTED[runner] in fault for fault in found)

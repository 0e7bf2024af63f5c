"""Small clouds in which everything that can happen does: every order of decisions, ends and faults.

Each world is planned by the planner and explored to its last moment. A test's id tells what may go
wrong in it, and how many states it has at most; the search fails where there are more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from insvc.execute.decide import Decision, ResolveStep, StartStep, decide
from insvc.execute.state import Run
from insvc.execute.steps import WAITING
from insvc.execute.transitions import RunState, StepState
from insvc.execute.verify import Judgement
from insvc.model.words import (
    InstanceState,
    Outcome,
    Verdict,
)
from tests.harness import small_controller
from tests.harness.explore import Explored, explore
from tests.harness.small_world import Act, Moment
from tests.harness.worlds import World, a_move, a_pair, a_turn, five_hosts, six_services, three_mons

Troubles = Mapping[tuple[str, ...], int]
"""What may go wrong, each thing once for each time it is named: and how many states that gives."""

HARD: Troubles = {
    ("abort", "controller", "fail"): 1_200,
    ("agent", "controller"): 3_600,
    ("abort", "agent", "leave"): 6_000,
}
PLAIN: Troubles = {("abort", "fail"): 1_200, ("agent",): 2_400}
LOST: Troubles = {("break",): 1_200, ("leave",): 2_600, ("controller",): 3_800}
WORLDS: dict[str, tuple[Callable[[], World], Troubles]] = {
    "three mons": (three_mons, {**HARD, ("controller", "pause"): 1_200}),
    "three mons, going on": (lambda: three_mons("continue"), HARD),
    "active and standby": (a_pair, {**HARD, ("break", "controller", "controller"): 3_000}),
    "swact and lock": (a_turn, {**HARD, ("break", "controller"): 2_000}),
    "a swact that cures": (a_move, {**HARD, ("break", "controller"): 2_000}),
    "five hosts": (five_hosts, PLAIN),
    "five hosts, going on": (lambda: five_hosts("continue"), LOST),
    "six services": (six_services, PLAIN),
}


class Laws:
    """The laws as they look from outside: what the hosts show and what is begun."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, now: Moment, then: Moment) -> str | None:
        """What broke from one moment to the next."""
        checks = (self._begun, self._down, self._offer, self._honesty)
        return next((fault for one in checks for fault in one(now, then)), None)

    def _begun(self, now: Moment, then: Moment) -> Iterator[str]:
        for act in then.going - now.going:
            step, told = then.run.planned(act.step), now.run.steps[act.step]
            if told.attempt != act.attempt or told.state is StepState.WAITING:
                yield f"{act.step} was begun and nobody had announced it"
            late = [one for one in step.after if now.run.steps[one].state != StepState.SUCCEEDED]
            if late:
                yield f"{act.step} was begun before {late} had succeeded"
            if step.service:
                yield from self._service_begun(now, act)

    def _service_begun(self, now: Moment, act: Act) -> Iterator[str]:
        step = now.run.planned(act.step)
        seen = now.hosts[step.host]
        one = seen.instance(step.service)
        assert one is not None
        if one.verdict is Verdict.CURRENT and one.state is InstanceState.RUNNING:
            yield f"{act.step} was begun although it runs the new code"
        if one.state is InstanceState.STARTING:
            yield f"{act.step} was begun while it is being restarted"
        if step.service == "sm" and not seen.locked:
            yield f"{act.step} was begun on a host in service"
        before = {first for first, second in self._world.order if second == step.service}
        old = [name for name in before if _is_stale_anywhere(now, name)]
        if old:
            yield f"{act.step} was begun before {old} was done"

    def _down(self, _: Moment, then: Moment) -> Iterator[str]:
        for service, limit in self._world.limits:
            down = [
                seen.host
                for seen in then.hosts.values()
                for one in seen.instances
                if one.service == service and one.state is not InstanceState.RUNNING
            ]
            if len(down) > limit:
                yield f"{service} is down on {down}, {limit} may be"

    def _offer(self, _: Moment, then: Moment) -> Iterator[str]:
        is_on = then.run.state in {RunState.RUNNING, RunState.ABORTING}
        if is_on and then.has_controller and not then.hands and not decide(then.run):
            yield "the run is open and nothing is to be done"

    def _honesty(self, _: Moment, then: Moment) -> Iterator[str]:
        for name, told in then.run.steps.items():
            step = then.run.planned(name)
            one = then.hosts[step.host].instance(step.service)
            if told.state is StepState.SUCCEEDED and one and one.verdict is Verdict.STALE:
                yield f"{name} is called {told.outcome} and runs the old code"
            if told.state is StepState.SKIPPED and any(one.step == name for one in then.ledger):
                yield f"{name} is called skipped and a host has acted on it"
        locked = [one.host for one in then.hosts.values() if one.locked]
        unnamed = [one for one in locked if one not in then.run.why]
        if then.run.state.is_over and unnamed:
            yield f"the run ended {then.run.outcome} and does not tell that {unnamed} are locked"


def _is_stale_anywhere(now: Moment, service: str) -> bool:
    return any(
        one.service == service and one.verdict is Verdict.STALE
        for seen in now.hosts.values()
        for one in seen.instances
    )


def look_at_all(world: World, left: Sequence[str], most: int) -> Explored:
    return explore(world.begin(left), Laws(world), most=most)


def cases() -> list[object]:
    return [
        pytest.param(make, left, most, id=f"{name}: {' and '.join(left)}, at most {most} states")
        for name, (make, troubles) in WORLDS.items()
        for left, most in troubles.items()
    ]


@pytest.mark.parametrize(("make", "left", "most"), cases())
def test_no_law_breaks_and_every_run_ends(
    make: Callable[[], World], left: tuple[str, ...], most: int
) -> None:
    found = look_at_all(make(), left, most)
    assert (found.broken, found.trapped) == ((), ())
    ends = {"succeeded"}
    ends |= {"aborted"} if "abort" in left else set()
    ends |= (
        {"failed"} if {"fail", "leave"} & set(left) or {"agent", "abort"} <= set(left) else set()
    )
    assert found.ends == ends


def broken_by(make: Callable[[], World], *left: str) -> str:
    """What the search finds first, in words."""
    found = look_at_all(make(), left, 3_000)
    return " / ".join(found.broken or found.trapped)


def test_a_step_that_starts_too_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def hasty(run: Run) -> tuple[Decision, ...]:
        waiting = (StartStep(step=name) for name in run.progress.having(WAITING))
        return tuple(waiting) or decide(run)

    monkeypatch.setattr(small_controller, "decide", hasty)
    assert "had succeeded" in broken_by(three_mons)


def test_a_blind_repeat_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_controller, "reinspect", lambda *_: "still-stale")
    assert "although it runs the new code" in broken_by(three_mons, "agent")


def test_a_run_that_cannot_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(run: Run) -> tuple[Decision, ...]:
        return tuple(one for one in decide(run) if not isinstance(one, ResolveStep))

    monkeypatch.setattr(small_controller, "decide", endless)
    assert "no end can be reached" in broken_by(three_mons, "controller")


def test_a_claim_that_is_not_true_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Judgement(outcome=Outcome.RESTARTED, why="it must have been")
    monkeypatch.setattr(small_controller, "_unknown", lambda: good)
    assert "runs the old code" in broken_by(three_mons, "leave")


def test_a_plan_that_breaks_a_budget_is_found() -> None:
    world = five_hosts()
    strict = replace(world, limits=(("agent", 1),))
    found = look_at_all(strict, (), 3_000)
    assert "1 may be" in found.broken[-1]


def test_a_world_that_is_too_large_is_not_called_explored() -> None:
    with pytest.raises(AssertionError, match="more than 20 states"):
        look_at_all(three_mons(), ("agent",), 20)

"""What a run has left behind; a whole rollback is in test_rollback."""

import asyncio
from dataclasses import replace

import pytest

from insvc.controller.aftermath import observe_settled, still_down
from insvc.controller.session import Session, StopWish
from insvc.execute.records import created, step_ended
from insvc.execute.verify import Judgement
from insvc.model.act import ActFacts
from insvc.model.words import InstanceState, Outcome, Role
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step

STARTS = instance("a", 1, state=InstanceState.STARTING)
STOPPED = InstanceState.STOPPED


def run_of(made: Scene, stop: StopWish | None = None) -> Session:
    """A run of one step, which has not begun."""
    session = Session(made.world(), "r1", 1, made.progress, stop or StopWish())
    plan = plan_for(made.cloud, step("a@h1"))
    session.write(created(plan, at=0.0, patch={}, stale_before=1))
    session.begin()
    return session


@pytest.mark.parametrize(("asks_stop", "waits_s"), [(False, 120.0), (True, 0.0)])
def test_what_goes_on_starting_is_waited_for_in_its_time(asks_stop: bool, waits_s: float) -> None:
    made = scene([host("h1", STARTS)])
    session = run_of(made, StopWish(asked=asks_stop))
    began = made.clock.now()
    seen = asyncio.run(observe_settled(session))
    assert seen.hosts[0].instances[0].state is InstanceState.STARTING
    assert made.clock.now() - began == waits_s


@pytest.mark.parametrize(
    ("role", "locked", "attempt", "expected"),
    [
        (None, False, 1, ["a@h1", "b@h1"]),
        (Role.ACTIVE, False, 1, ["a@h1", "b@h1"]),
        (Role.STANDBY, False, 1, []),
        (None, True, 1, []),
        (None, False, 0, []),
    ],
)
def test_what_its_acts_took_down_is_told_unless_its_host_rests(
    role: Role | None, locked: bool, attempt: int, expected: list[str]
) -> None:
    services = [instance(name, stale=False, state=STOPPED) for name in "abc"]
    made = scene([replace(host("h1", *services, role=role), locked=locked)])
    session = run_of(made)
    facts = ActFacts(step="a@h1", attempt=attempt, lost=("b",))
    failed = Judgement(outcome=Outcome.FAILED, why="x")
    session.write(step_ended("a@h1", attempt, failed, at=1.0, facts=facts))
    assert asyncio.run(still_down(session)) == expected

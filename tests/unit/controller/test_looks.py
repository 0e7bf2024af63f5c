"""Looks over time, without a run; those of a run are in test_step_runner."""

import asyncio

import pytest

from insvc.controller.looks import when_settled
from insvc.model.observation import HostObservation
from insvc.model.words import InstanceState
from tests.fakes.clock import FakeClock
from tests.fakes.cloud import host, instance, step

ONE = step("a@h1")


@pytest.mark.parametrize(
    ("states", "patience_s", "looks", "slept_s"),
    [
        (["running"], 10.0, 1, 0.0),
        (["stopping", "starting", "running"], 10.0, 3, 0.5),
        (["stopping"] * 9, 1.0, 5, 1.0),
        (["failed"], 10.0, 1, 0.0),
    ],
)
def test_what_still_starts_or_stops_is_waited_for_in_its_time(
    states: list[str], patience_s: float, looks: int, slept_s: float
) -> None:
    clock, seen = FakeClock(), list[HostObservation]()

    async def look() -> tuple[HostObservation, ...]:
        seen.append(host("h1", instance("a", 1, state=InstanceState(states[len(seen)]))))
        return (seen[-1],)

    began = clock.now()
    told = asyncio.run(when_settled(look, ONE, clock, patience_s))
    assert told == (seen[-1],)
    assert len(seen) == looks
    assert clock.now() - began == slept_s

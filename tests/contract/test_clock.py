import asyncio
from collections.abc import Callable

import pytest

from insvc.adapters.clock_system import SystemClock
from insvc.ports import Clock
from tests.fakes.clock import FakeClock


@pytest.fixture(params=[FakeClock, SystemClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    make: Callable[[], Clock] = request.param
    return make()


def test_time_never_goes_back_while_it_is_slept(clock: Clock) -> None:
    async def story() -> tuple[float, float]:
        before = clock.now()
        await clock.sleep(0.01)
        return before, clock.now()

    before, after = asyncio.run(story())
    assert after >= before + 0.009


def test_it_counts_seconds_since_the_epoch(clock: Clock) -> None:
    assert clock.now() > 1_600_000_000


def test_sleepers_wake_in_the_order_of_their_time(clock: Clock) -> None:
    woken: list[str] = []

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async def story() -> None:
        await asyncio.gather(sleep("late", 0.3), sleep("early", 0.01), sleep("now", 0.0))

    asyncio.run(story())
    assert woken == ["now", "early", "late"]


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_no_time_is_slept_at_once(clock: Clock, seconds: float) -> None:
    asyncio.run(clock.sleep(seconds))

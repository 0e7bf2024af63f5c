import asyncio
import time

from insvc.adapters.clock_system import SystemClock


def test_it_tells_the_machines_time() -> None:
    before = time.time()
    told = SystemClock().now()
    assert before - 0.01 <= told <= time.time() + 0.01


def test_it_counts_evenly_from_then_on() -> None:
    clock = SystemClock()
    told, before = clock.now(), time.monotonic()
    assert clock.now() - told <= time.monotonic() - before + 1e-3


def test_it_sleeps_at_least_as_long_as_asked() -> None:
    before = time.monotonic()
    asyncio.run(SystemClock().sleep(0.01))
    assert time.monotonic() - before >= 0.009

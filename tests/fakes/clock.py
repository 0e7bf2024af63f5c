"""Time that passes only when everybody sleeps."""

import asyncio
import heapq
import itertools

START = 1_795_348_800.0
"""When a fake clock begins, in seconds since the epoch."""


class FakeClock:
    """Port `Clock`: sleepers wake in the order of their time, without any waiting.

    Whoever sleeps lets everything else that can run go first; then the earliest sleeper wakes and
    the time is what it waited for.
    """

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._driver: asyncio.Task[None] | None = None

    def now(self) -> float:
        """Seconds since the epoch, as the test has it."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let that much time pass; nobody is woken."""
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds of this clock."""
        woken = asyncio.get_running_loop().create_future()
        due = self._now + max(0.0, seconds)
        heapq.heappush(self._sleepers, (due, next(self._order), woken))
        if self._driver is None or self._driver.done():
            self._driver = asyncio.get_running_loop().create_task(self._drive())
        await woken

    async def _drive(self) -> None:
        """Wake one sleeper after the other, each after all others had many turns to run."""
        while self._sleepers:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            due, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self._now = max(self._now, due)
                woken.set_result(None)


_TURNS = 20

"""Keeps cron's schedules true to the wall clock, which may be set while its jobs wait."""

import time
from collections.abc import Callable

from insvc.agent.engine import Engine
from insvc.agent.loop import Loop
from insvc.supervise.cron import reckoned

EACH_S = 60.0
"""As often as cron itself looks at the clock."""


class Schedules:
    """Reckons once a minute when each job is to run next. Belongs to the loop's thread.

    Args:
        engine: of cron.
        loop: what serves it.
        clock: seconds; nobody sets it.
    """

    def __init__(
        self, engine: Engine, loop: Loop, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._due = clock() + EACH_S
        loop.add_timed(self)

    def wait_s(self) -> float | None:
        """Seconds until the next look at the wall clock."""
        return self._due - self._clock()

    def tick(self) -> None:
        """Reckon anew, if it is time."""
        if self._clock() < self._due:
            return
        self._due = self._clock() + EACH_S
        now = self._engine.clock()
        for name, unit in tuple(self._engine.units.items()):
            self._engine.units[name] = reckoned(unit, now)
        self._engine.settle()

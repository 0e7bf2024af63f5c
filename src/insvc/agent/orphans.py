"""Clears away orphans that have ended and that no manager holds."""

import time
from collections.abc import Callable, Iterable

from insvc.adapters.subreaper import children, reap, set_subreaper

QUIET_S = 0.5
"""How long the end of a child may wait: those of services are met at once, by others."""


class Orphans:
    """Takes orphans in until it is closed; belongs to the loop, in the main thread.

    Args:
        held: pids of those children whose end somebody else waits for.
        clock: seconds.
    """

    def __init__(
        self, held: Callable[[], Iterable[int]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._held = held
        self._clock = clock
        self._due: float | None = None
        self._others = children()
        set_subreaper(is_on=True)

    def close(self) -> None:
        """Take no more in."""
        set_subreaper(is_on=False)

    def on_child(self) -> None:
        """A child has ended: look whose it is, soon."""
        if self._due is None:
            self._due = self._clock() + QUIET_S

    def wait_s(self) -> float | None:
        """Seconds until the next look; nothing where no child has ended."""
        return None if self._due is None else self._due - self._clock()

    def tick(self) -> None:
        """Clear away what has ended and is nobody's."""
        if self._due is None or self._due > self._clock():
            return
        self._due = None
        reap(children() - self._others - set(self._held()))

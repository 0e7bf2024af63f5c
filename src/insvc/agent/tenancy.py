"""The lease as its keeper handles it: asked beside the loop, one thing at a time."""

import threading
from collections.abc import Callable

from insvc.agent.errands import Errands
from insvc.agent.loop import Loop
from insvc.errors import InsvcError
from insvc.ports import RoleLease
from insvc.supervise.pair import Tenure

Told = Tenure | InsvcError | None
Hear = Callable[[Told], object]


class Tenancy:
    """What is known of the lease, and what was asked of it last.

    Until `start`, all is done at once and by who asks.

    Args:
        lease: of the pair.
        loop: in whose thread answers are heard.
        clock: seconds since boot.

    Attributes:
        tenure: the lease as it was seen last.
    """

    def __init__(self, lease: RoleLease, loop: Loop, clock: Callable[[], float]) -> None:
        self.tenure: Tenure | None = None
        self._lease = lease
        self._clock = clock
        self._errands = Errands(loop)
        self._has_started = False
        self._under_way = 0
        self._own: Tenure | None = None
        self._renewed_at = float("-inf")

    def start(self) -> None:
        """The loop runs from now on."""
        self._has_started = True

    def end(self) -> None:
        """Ask nothing more."""
        self._errands.end()

    @property
    def is_busy(self) -> bool:
        """Whether something is under way; what is asked meanwhile is dropped, but `renew_now`."""
        return self._under_way > 0

    @property
    def age_s(self) -> float:
        """Since this host took or renewed the lease; endless where it never did."""
        return self._clock() - self._renewed_at

    def when(self, age_s: float) -> float:
        """The moment at which it will be that old."""
        return self._renewed_at + age_s

    def look(self, hear: Hear) -> None:
        """How it is now."""
        self._run(self._lease.look, hear)

    def take(self, hear: Hear) -> None:
        """Hold it, if it is still as seen last."""
        known = self.tenure
        self._run(lambda: self._stamp(self._lease.take(known)), hear)

    def renew(self, hear: Hear) -> None:
        """Hold it on."""
        known = self.tenure
        if known is not None:
            self._run(lambda: self._renewed(known), hear)

    def release(self, offered_to: str | None, hear: Hear) -> None:
        """Give it up, to that host first."""
        known = self.tenure
        if known is not None:
            self._run(lambda: self._lease.release(known, offered_to), hear)

    def renew_now(self, hear: Hear, patience_s: float) -> None:
        """Renew, and wait for that in the loop's own thread; `age_s` tells whether it was done.

        A renewal under way goes first: it may have read the clock before the loop was away.
        """
        known = self.tenure
        if known is None:
            return
        is_over = threading.Event()

        def renew() -> Told:
            try:
                return self._renewed(known)
            finally:
                is_over.set()

        self._begin(renew, hear)
        is_over.wait(patience_s)

    def _renewed(self, known: Tenure) -> Tenure | None:
        """Renew what is known, or what this host has made of it since that was asked."""
        own = self._own
        return self._stamp(self._lease.renew(own if own and own.number > known.number else known))

    def _stamp(self, told: Tenure | None) -> Tenure | None:
        """Count on it from now on. Not in the loop's thread, for that may just be waiting."""
        if told is not None:
            self._own = told
            self._renewed_at = told.renewed_at
        return told

    def _run(self, job: Callable[[], Told], hear: Hear) -> None:
        if not self._has_started:
            self._under_way += 1
            self._hear(_answer(job), hear)
        elif not self.is_busy:
            self._begin(job, hear)

    def _begin(self, job: Callable[[], Told], hear: Hear) -> None:
        self._under_way += 1
        self._errands.run(job, lambda told: self._hear(told, hear))

    def _hear(self, told: Told, hear: Hear) -> None:
        self._under_way -= 1
        if isinstance(told, Tenure):
            self.tenure = told
        hear(told)


def _answer(job: Callable[[], Told]) -> Told:
    try:
        return job()
    except InsvcError as fault:
        return fault

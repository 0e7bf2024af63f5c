"""A lease of two hosts in memory."""

from collections.abc import Callable
from dataclasses import replace

from insvc.errors import WorldError
from insvc.supervise.pair import Tenure


class FakeRoleStore:
    """What both hosts share.

    Attributes:
        tenure: the lease as it is.
        is_lost: the store answers nobody.
    """

    def __init__(self) -> None:
        self.tenure: Tenure | None = None
        self.is_lost = False


class FakeRoleLease:
    """Port `RoleLease` in memory.

    Args:
        store: shared by both hosts.
        host: who takes it here.
        clock: seconds since boot.
        ttl_s: how long it is held.
    """

    def __init__(
        self, store: FakeRoleStore, host: str, clock: Callable[[], float], ttl_s: float = 5.0
    ) -> None:
        self._store = store
        self._host = host
        self._clock = clock
        self._ttl_s = ttl_s

    def look(self) -> Tenure | None:
        """The lease as it is now."""
        self._check()
        return self._store.tenure

    def take(self, known: Tenure | None) -> Tenure | None:
        """Hold it under the next epoch, if it is still as known."""
        number, epoch = (0, 0) if known is None else (known.number, known.epoch)
        return self._put(known, self._held(number + 1, epoch + 1))

    def renew(self, known: Tenure) -> Tenure | None:
        """Hold the own lease on from now, if it is still as known."""
        return self._put(known, self._held(known.number + 1, known.epoch))

    def release(self, known: Tenure, offered_to: str | None) -> Tenure | None:
        """Give the own lease up."""
        fresh = self._held(known.number + 1, known.epoch)
        return self._put(known, replace(fresh, is_released=True, offered_to=offered_to))

    def _held(self, number: int, epoch: int) -> Tenure:
        return Tenure(
            number=number,
            holder=self._host,
            epoch=epoch,
            renewed_at=self._clock(),
            ttl_s=self._ttl_s,
        )

    def _put(self, known: Tenure | None, fresh: Tenure) -> Tenure | None:
        self._check()
        if self._store.tenure != known:
            return None
        self._store.tenure = fresh
        return fresh

    def _check(self) -> None:
        if self._store.is_lost:
            raise WorldError("the lease", "cannot be reached", next_act="bring its store back")

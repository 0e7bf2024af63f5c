"""A lease that several fake controllers may share."""

from insvc.errors import WorldError
from insvc.ports import Holder


class FakeLeaseStore:
    """What all leases of one cloud share: the last epoch and who holds it."""

    def __init__(self) -> None:
        self.epoch = 0
        self.holder: FakeLease | None = None

    def crash(self) -> None:
        """The holder dies without giving it up; the kernel does that for it."""
        self.holder = None


class FakeLease:
    """Port `Lease` in memory.

    Args:
        store: shared by the leases of one cloud; its own where absent.
        pid: the process it stands for.
    """

    def __init__(self, store: FakeLeaseStore | None = None, *, pid: int = 1) -> None:
        self.store = store or FakeLeaseStore()
        self._pid = pid
        self._epoch = 0

    def acquire(self) -> int:
        """Become the single writer."""
        if self.store.holder is not None:
            raise WorldError(
                "the lease", f"is held by process {self.store.holder._pid}", next_act="wait"
            )
        self.store.epoch += 1
        self._epoch = self.store.epoch
        self.store.holder = self
        return self._epoch

    def release(self) -> None:
        """Give it up; nothing happens where it is not held."""
        if self.store.holder is self:
            self.store.holder = None

    def holder(self) -> Holder | None:
        """Who holds it now."""
        if self.store.holder is None:
            return None
        one = self.store.holder
        return Holder(pid=one._pid, epoch=one._epoch, since=0.0)

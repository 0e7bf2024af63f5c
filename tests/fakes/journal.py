"""A journal in memory, as strict as the real one, that can die at any write."""

from collections.abc import Iterator

from insvc.errors import InputError, StaleEpoch, UnknownName
from insvc.execute.run import Record, RecordKind, RunSummary
from insvc.execute.state import summarise

_WISHES = {
    RecordKind.PAUSE_ASKED,
    RecordKind.RESUME_ASKED,
    RecordKind.ABORT_ASKED,
    RecordKind.PATCH_ASKED,
}


class Killed(BaseException):
    """The controller's process was killed: nobody may catch this."""


class FakeJournal:
    """Port `Journal` in memory.

    Attributes:
        kill_before: the controller is killed instead of its write of this number (1 or more,
            counted over all runs); absent for none.
        kill_after: the same right after that write.
        is_dead: the controller was killed; nothing it still tries reaches the journal.
        writes: how many writes there were.
    """

    def __init__(self) -> None:
        self.kill_before: int | None = None
        self.kill_after: int | None = None
        self.is_dead = False
        self.writes = 0
        self._records: dict[str, list[Record]] = {}
        self._epochs: dict[str, int] = {}
        self._epoch = 0

    def append(self, run: str, epoch: int, record: Record) -> int:
        """Write one record."""
        self.writes += 1
        self.is_dead = self.is_dead or self.writes == self.kill_before
        if self.is_dead:
            raise Killed
        if record.kind not in _WISHES:
            self._fence(epoch)
        self._begin(run, record)
        self._epochs.setdefault(run, epoch)
        self._records[run].append(record)
        if self.writes == self.kill_after:
            self.is_dead = True
            raise Killed
        return len(self._records[run])

    def records(self, run: str, after: int = 0) -> tuple[Record, ...]:
        """The records of a run from the one that follows number `after`."""
        if run not in self._records:
            raise UnknownName(run, "no such run", next_act="see the list")
        return tuple(self._records[run][after:])

    def read(self, run: str, after: int = 0) -> Iterator[Record]:
        """The same one after the other."""
        yield from self.records(run, after)

    def milestones(self, run: str) -> tuple[Record, ...]:
        """The records of a run that are about no step."""
        return tuple(one for one in self.records(run) if not one.step)

    def names(self) -> tuple[str, ...]:
        """The id of every run, newest first."""
        return tuple(
            sorted(
                self._records,
                key=lambda run: (self._epochs[run], self._records[run][0].at, run),
                reverse=True,
            )
        )

    def runs(self) -> tuple[RunSummary, ...]:
        """Every run, newest first."""
        return tuple(summarise(run, self.milestones(run), self._ended(run)) for run in self.names())

    def _ended(self, run: str) -> int:
        return sum(one.kind is RecordKind.STEP_ENDED for one in self._records[run])

    def _fence(self, epoch: int) -> None:
        if epoch < self._epoch:
            raise StaleEpoch("the run", f"epoch {epoch} < {self._epoch}", next_act="stop")
        self._epoch = epoch

    def _begin(self, run: str, record: Record) -> None:
        is_first = record.kind is RecordKind.CREATED
        if is_first and run in self._records:
            raise InputError(run, "exists already", next_act="choose another id")
        if not is_first and run not in self._records:
            raise UnknownName(run, "no such run", next_act="see the list")
        self._records.setdefault(run, [])

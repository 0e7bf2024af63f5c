"""One run in the hands of this process: the journal's records and the value they add up to."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from insvc.controller.world import World
from insvc.execute.pacing import StepTimes
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, apply_all
from insvc.ports import Progress


@dataclass(slots=True)
class StopWish:
    """Whether a person asked for an orderly stop."""

    asked: bool = False


class Session:
    """The only way records are written; what others write is seen by `sync`.

    Args:
        world: the cloud.
        run: id of the run.
        epoch: the lease under which this process writes.
        progress: told of what happens.
        stop: a person's wish to stop, shared by every run in hand.

    Attributes:
        run: the run as the journal tells it.
        times: when its steps started and ended.
    """

    def __init__(
        self, world: World, run: str, epoch: int, progress: Progress, stop: StopWish
    ) -> None:
        self.world = world
        self.epoch = epoch
        self.progress = progress
        self.run = Run(run=run)
        self.times = StepTimes()
        self.stop = stop
        self._known = 0

    @property
    def stopping(self) -> bool:
        """Whether no further step may start because a person wants to stop."""
        return self.stop.asked

    def now(self) -> float:
        """Seconds since the epoch, the controller's clock."""
        return self.world.clock.now()

    def write(self, record: Record) -> None:
        """Put a record on disk, then take in everything the journal holds by now.

        Raises:
            StaleEpoch: a newer controller has taken the lease.
        """
        self.world.journal.append(self.run.run, self.epoch, record)
        self.sync()

    def begin(self) -> None:
        """Say that this process carries the run on from here."""
        self.sync()
        body = {"pid": os.getpid(), "epoch": self.epoch}
        self.write(Record(kind=RecordKind.CONTROLLER_STARTED, at=self.now(), body=body))

    def sync(self) -> None:
        """Take in what was written since, by whomever.

        Raises:
            CorruptStore: the journal holds something that cannot follow.
        """
        known = self._known

        def unknown() -> Iterator[Record]:
            nonlocal known
            for record in self.world.journal.read(self.run.run, after=known):
                self.times.note(record)
                known += 1
                yield record

        self.run = apply_all(self.run, unknown())
        self._known = known

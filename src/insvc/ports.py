"""Everything the core needs from the world, on one page.

Each port has a fake in `tests/fakes/` and an adapter; both pass the suite in `tests/contract/`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from insvc.catalog.account import Account as Account
from insvc.execute.run import Record, RunSummary
from insvc.inspect.maps import ReplacedMapping as ReplacedMapping
from insvc.model.act import ActFacts, Intent, PackageChange
from insvc.model.observation import HostObservation, ProcessIdentity
from insvc.model.outside import Holder as Holder
from insvc.model.outside import Outage as Outage
from insvc.model.outside import Target as Target
from insvc.model.restart import Order, Restarted
from insvc.model.words import Manager
from insvc.supervise.pair import Tenure


class Clock(Protocol):
    """Time, so that nothing else reads it."""

    def now(self) -> float:
        """Seconds since the epoch."""

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""


class Agents(Protocol):
    """The hosts' side: one agent a host, asked by host name."""

    async def observe(self, host: str) -> HostObservation:
        """What the host looks like now.

        Raises:
            AgentUnreachable: it does not answer; nothing is known.
        """

    async def perform(self, host: str, intent: Intent) -> ActFacts:
        """Carry out one intent, wait for its end, answer with what was seen.

        It never acts twice: asked again, it answers with what its ledger holds, when it ended.

        Raises:
            AgentUnreachable: whether it acted is unknown.
            StaleEpoch: the host has seen a newer controller.
        """

    async def recall(self, host: str, run: str, step: str, attempt: int) -> ActFacts | None:
        """What the host's ledger holds of an act, or nothing if it was never begun there.

        An act whose end is unknown (the agent died in it) has `said` "unknown".

        Raises:
            AgentUnreachable: it does not answer.
        """

    async def install(self, host: str, epoch: int, changes: Sequence[PackageChange]) -> str:
        """Install packages in one transaction; answer with the package manager's last words.

        Raises:
            AgentUnreachable: it does not answer.
            StaleEpoch: the host has seen a newer controller.
            WorldError: the package manager refused.
        """


class Journal(Protocol):
    """The durable list of what a run decided and saw; a run is these records replayed."""

    def append(self, run: str, epoch: int, record: Record) -> int:
        """Write one record and return its number in the run (1 or more) once it is on disk.

        Wishes (PAUSE_ASKED, RESUME_ASKED, ABORT_ASKED, PATCH_ASKED) may come from anybody: their
        epoch is not looked at. A run begins with CREATED.

        Raises:
            StaleEpoch: a newer lease was taken.
            UnknownName: no such run, and the record is not CREATED.
        """

    def records(self, run: str, after: int = 0) -> tuple[Record, ...]:
        """The records of a run in order, from the one that follows number `after`.

        Raises:
            UnknownName: no such run.
            CorruptStore: a record cannot be read; nothing is guessed.
        """

    def read(self, run: str, after: int = 0) -> Iterator[Record]:
        """The same one by one, so that a long run is never held whole."""

    def milestones(self, run: str) -> tuple[Record, ...]:
        """Those records of a run that are about no step: few, however long it is; raises alike."""

    def names(self) -> tuple[str, ...]:
        """The id of every run, newest first: by the epoch it was created in, then by its time."""

    def runs(self) -> tuple[RunSummary, ...]:
        """Every run, newest first; what its steps did is counted and not looked into."""


class Lease(Protocol):
    """One controller at a time, with a number that only grows."""

    def acquire(self) -> int:
        """Become the single writer; the epoch returned is higher than any before it.

        Raises:
            WorldError: another live controller holds it; the error says which.
        """

    def release(self) -> None:
        """Give it up."""

    def holder(self) -> Holder | None:
        """Who holds it now, or nothing where nobody does."""


class RoleLease(Protocol):
    """Which of two hosts serves, for a time: every change is made only if nobody was quicker.

    Every method raises WorldError where the store does not answer, CorruptStore where it holds
    something else; then nothing is known, and nobody may count on the lease.
    """

    def look(self) -> Tenure | None:
        """The lease as it is now; nothing where it was never taken."""

    def take(self, known: Tenure | None) -> Tenure | None:
        """Hold it under the next epoch, if it is still as known; nothing where it is not."""

    def renew(self, known: Tenure) -> Tenure | None:
        """Hold the own lease on from now, if it is still as known; nothing where it is not."""

    def release(self, known: Tenure, offered_to: str | None) -> Tenure | None:
        """Give the own lease up, to that host first; nothing where it is no longer as known."""


class Prober(Protocol):
    """An observer outside the hosts that measures when targets do not serve."""

    async def watch(self, target: Target) -> None:
        """Begin to ask this target at 10 ms or finer."""

    async def unwatch(self, name: str) -> tuple[Outage, ...]:
        """Stop asking and answer with the outages seen since `watch`.

        Raises:
            UnknownName: nothing of that name is watched.
        """

    def close(self) -> None:
        """Stop watching everything and give back what the prober holds; it can watch again."""


class ProcessTable(Protocol):
    """The processes of one host, by pid."""

    def identity(self, pid: int) -> ProcessIdentity | None:
        """Its identity, or nothing if no such process (or only a zombie) exists."""

    def children(self, pid: int) -> tuple[int, ...]:
        """Pids of its live children."""

    def command_line(self, pid: int) -> tuple[str, ...]:
        """Its argument vector; empty when it is gone or not readable."""

    def replaced_mappings(self, pid: int) -> tuple[ReplacedMapping, ...]:
        """Executable mappings of files no longer at their path; empty when the process is gone.

        Raises:
            WorldError: it runs and may not be looked at; what it maps is unknown.
        """

    def boot_id(self) -> str:
        """The boot the host is in."""

    def started_at(self, pid: int) -> float | None:
        """When it was started, seconds since the epoch by the clock of now; nothing when gone."""

    def environment(self, pid: int) -> Mapping[str, str]:
        """The environment it was started with; empty when it is gone or not readable."""

    def working_directory(self, pid: int) -> str | None:
        """Its working directory; nothing when it is gone or not readable."""

    def pids(self) -> tuple[int, ...]:
        """Every pid that can be seen."""


class HostManager(Protocol):
    """One manager of a real host: systemd, Pacemaker, supervisord, cron, init scripts."""

    @property
    def kind(self) -> Manager:
        """Which one it is."""

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these services, or of all; names that are not its own are left out.

        Raises:
            WorldError: it does not answer; nothing is known of its services.
        """

    def restart(self, order: Order) -> Restarted:
        """Restart, reload or hand over one service; what did not end well is an answer too.

        Raises:
            UnknownName: it has no such service.
            WorldError: it does not answer, or refuses before anything was done.
        """

    def running(self) -> frozenset[str]:
        """Names of its services that are up now, jobs left out: they end by themselves.

        Raises:
            WorldError: it does not answer.
        """

    def wait_for_end(self, service: str, timeout_s: float) -> bool:
        """Wait until nothing of a job runs any more; false where something does after that time.

        Raises:
            UnknownName, WorldError: as for `restart`.
        """


class Packages(Protocol):
    """The package database of one host."""

    def installed(self) -> Mapping[str, str]:
        """Version by name of every installed package."""

    def files(self, package: str) -> tuple[str, ...]:
        """Paths of the files the package owns, as seen from the host's root."""

    def owner(self, path: str) -> str | None:
        """The package that owns the file at that path, if any."""

    def installed_at(self, package: str) -> float | None:
        """When its files were last put in place, seconds since the epoch; nothing if never."""

    def version_at(self, package: str, moment: float) -> str | None:
        """The version that was installed at that moment; nothing where no record says."""

    def changed_since(self, moment: float) -> Mapping[str, float]:
        """Packages whose files were put in place after that moment, with when."""

    def paths(self, package: str) -> frozenset[str]:
        """Every path the package lists, folders too; nothing of them is looked at."""

    def changed_at(self, path: str) -> float | None:
        """When the file at that path, from the host's root, was last put there or changed."""

    def install(self, paths: Sequence[str]) -> str:
        """Install these package files in one transaction; answer with its output.

        Raises:
            WorldError: refused, in the package manager's words.
        """


class Progress(Protocol):
    """Told of a run as it happens; must not fail and must not decide."""

    def step_started(self, step_id: str, attempt: int) -> None:
        """A step's intent was written."""

    def step_ended(self, step_id: str, outcome: str, why: str, outage_s: float | None) -> None:
        """A step's outcome was written."""

    def said(self, line: str) -> None:
        """Something worth a line happened."""

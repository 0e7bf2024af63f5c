"""What was seen on the hosts at one moment: the input of a plan and the proof after a run."""

from dataclasses import dataclass, field
from typing import ClassVar

from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    RestartClass,
    Role,
    Verdict,
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class ProcessIdentity:
    """One OS process, never confused with a later one of the same pid.

    Source: /proc/sys/kernel/random/boot_id and field 22 of /proc/PID/stat.

    Attributes:
        boot_id: the boot in which the process was started.
        pid: its process id.
        start_ticks: clock ticks from boot to its start.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    boot_id: str
    pid: int
    start_ticks: int

    def __str__(self) -> str:
        return f"pid {self.pid} (start {self.start_ticks})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One sign that a process runs replaced code, or that a package is newer than it.

    Attributes:
        kind: which of the independent signals.
        subject: the file or package.
        found: what the process has.
        expected: what is installed now.
        pid: the process that was looked at; absent where none runs.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kind: EvidenceKind
    subject: str
    found: str = ""
    expected: str = ""
    pid: int | None = None

    def __str__(self) -> str:
        if self.kind is EvidenceKind.REQUESTED:
            return f"{self.kind}: {self.subject}: {self.found}"
        of_pid = f" in pid {self.pid}" if self.pid is not None else ""
        return f"{self.kind}{of_pid}: {self.subject}: found {self.found}, installed {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cure:
    """What would cure an instance, as far as the catalog knows; told with it, never planned by.

    Attributes:
        entry: the catalog entry that says so.
        action: the least that loads the installed code.
        restart_class: how freely it may be done.
        outage_s: seconds for which it is expected not to serve meanwhile; 0 where it goes on.
        note: what a person has to know first, in words.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    entry: str
    action: Action
    restart_class: RestartClass
    outage_s: float
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """One service on one host, as seen by its manager and in the process table.

    Attributes:
        service: what the manager calls it.
        manager: who owns its restart; absent where the observer could not tell.
        state: what it is doing.
        verdict: whether replaced code runs.
        evidence: why the verdict; for a `scheduled` job, that its next start uses other code.
        processes: its processes, main process first.
        package: what delivers its code.
        version: the installed version of that package.
        restarts: how often its manager has started it since the manager itself began.
        started_in_s: seconds from its last start to its first readiness, measured by the manager.
        endpoint: `address:port` where it can be asked whether it serves.
        next_run_at: seconds since the epoch, for a cron job.
        cure: what would cure it; absent where nothing calls for one or nobody knows.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    service: str
    manager: Manager | None = None
    state: InstanceState = InstanceState.RUNNING
    verdict: Verdict = Verdict.CURRENT
    evidence: tuple[Evidence, ...] = ()
    processes: tuple[ProcessIdentity, ...] = ()
    package: str | None = None
    version: str | None = None
    restarts: int = 0
    started_in_s: float | None = None
    endpoint: str | None = None
    next_run_at: float | None = None
    cure: Cure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HostObservation:
    """What one host looked like at one moment.

    Source: the agent's answer; never guessed, never reused by a later plan.

    Attributes:
        host: the host that was inspected.
        taken_at: seconds since the epoch, the host's clock.
        reachable: false when nothing is known because the host did not answer.
        boot_id: the boot it was in.
        role: active or standby on hosts that take turns.
        locked: taken out of service by an operator; its outages cost nothing.
        instances: every service the host's managers know.
        packages: installed version by package name.
        unseen: what could not be read, one line each.
        conditions: which of `Condition` hold now, or could not be ruled out.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    host: str
    taken_at: float = 0.0
    reachable: bool = True
    boot_id: str = ""
    role: Role | None = None
    locked: bool = False
    instances: tuple[Instance, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    def instance(self, service: str) -> Instance | None:
        """The instance of that service, or nothing where the host has none."""
        return next((one for one in self.instances if one.service == service), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """The whole cloud at (nearly) one moment.

    Attributes:
        format: name and version of the file format.
        hosts: one observation a host.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-observation/1"
    hosts: tuple[HostObservation, ...] = ()

    def host(self, name: str) -> HostObservation:
        """What was seen on that host.

        Raises:
            KeyError: that host was not observed.
        """
        for seen in self.hosts:
            if seen.host == name:
                return seen
        raise KeyError(name)

    def stale(self) -> tuple[tuple[str, Instance], ...]:
        """Every (host name, instance) whose verdict is stale, in host order."""
        return tuple(
            (seen.host, one)
            for seen in self.hosts
            for one in seen.instances
            if one.verdict is Verdict.STALE
        )

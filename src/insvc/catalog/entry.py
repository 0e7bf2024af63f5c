"""What is known of one row of the operators' page: the entry and its parts."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from insvc.model.drain import DrainRule
from insvc.model.words import Action, Manager, Personality, Redundancy, RestartClass


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """How to ask a service from outside whether it serves.

    Attributes:
        kind: `http` wants a 2xx or 3xx status from `path`, `tcp` an accepted connection.
        port: where it listens; absent where only the host knows (the observation's endpoint).
        path: for `http`.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kind: Literal["http", "tcp"] = "http"
    port: int | None = None
    path: str = "/healthz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One service of an entry.

    Attributes:
        name: what its manager calls it.
        pidfile: where it keeps its pid, as documented.
        match: command-line pattern that recognises its process.
        drain: how it is asked to finish; the manager's default where absent.
        readiness: how its manager knows that it serves again.
        outage_probe: how an outsider measures its outage; the readiness probe where absent.
        runs_on: personalities, where they differ from the entry's.
        redundancy: where it differs from the entry's (ceph-osd beside ceph-mon).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    pidfile: str | None = None
    match: str | None = None
    drain: DrainRule | None = None
    readiness: Probe | None = None
    outage_probe: Probe | None = None
    runs_on: tuple[Personality, ...] | None = None
    redundancy: Redundancy | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Impact:
    """What users notice while the entry restarts.

    Attributes:
        outstanding_requests: what happens to requests under way.
        new_requests: what happens to requests that arrive meanwhile.
        may_lose: what may be lost for good, in words, with its window ("samples: 10 ms").
        sessions: whether users are logged out.
        longest_s: the longest the documentation expects it to take, in seconds.
        recovers: what brings clients back.
        note: everything else worth saying, in words.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    outstanding_requests: Literal["none", "complete", "fail", "delayed", "unknown"] = "unknown"
    new_requests: Literal["none", "served", "queued", "refused", "delayed", "unknown"] = "unknown"
    may_lose: tuple[str, ...] = ()
    sessions: Literal["kept", "lost", "none"] = "none"
    longest_s: float | None = None
    recovers: Literal["by-itself", "retry", "operator", "unknown"] = "unknown"
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtMostOneDown:
    """Never two members of this service down at one time, whatever the budget says."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    service: str
    kind: Literal["at_most_one_down"] = "at_most_one_down"


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """This entry is restarted and verified before these entries are.

    Attributes:
        entries: names of entries (or services no entry knows, which then cost nothing).
        where: `active-controller` orders steps on that host only; `everywhere` all of them.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    entries: tuple[str, ...]
    where: Literal["active-controller", "everywhere"] = "everywhere"
    kind: Literal["before"] = "before"


@dataclass(frozen=True, kw_only=True, slots=True)
class AvoidTogether:
    """No step of this entry overlaps a step of these entries on the active controller."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    entries: tuple[str, ...]
    kind: Literal["avoid_together"] = "avoid_together"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReapOrphans:
    """Helpers that outlive the service and must be ended with it.

    Attributes:
        match: command-line pattern of the helpers.
        of: the service that started them.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    match: str
    of: str
    kind: Literal["reap_orphans"] = "reap_orphans"


@dataclass(frozen=True, kw_only=True, slots=True)
class GracefulWindow:
    """Outstanding requests may finish for this long; then the process is killed or left."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    timeout_s: float
    on_timeout: Literal["kill", "leave"] = "kill"
    kind: Literal["graceful_window"] = "graceful_window"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClearSessions:
    """Stored user sessions are deleted while it is down: everybody is logged out."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    path: str
    kind: Literal["clear_sessions"] = "clear_sessions"


@dataclass(frozen=True, kw_only=True, slots=True)
class CarriesTraffic:
    """insvc's own or everybody's traffic goes through it: it goes last."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kind: Literal["carries_traffic"] = "carries_traffic"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotWhile:
    """Never restarted while that condition holds on its host (see `Condition`)."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    condition: str
    kind: Literal["not_while"] = "not_while"


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Special handling that only a person can judge, in words."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    text: str
    kind: Literal["note"] = "note"


Rule = (
    AtMostOneDown
    | Before
    | AvoidTogether
    | ReapOrphans
    | GracefulWindow
    | ClearSessions
    | CarriesTraffic
    | NotWhile
    | Note
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A documented command.

    Attributes:
        run: the command line as an operator types it.
        runs: the commands it is documented to run in turn.
        manual: true for a way to run a job by hand where there is nothing to restart.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    run: str
    runs: tuple[str, ...] = ()
    manual: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row of the catalog: what is restarted as a whole.

    Attributes:
        name: unique key, lower case (`cinder`, `ceph`).
        title: as operators write it (`Cinder`, `ceph-osd & ceph-mon`).
        aliases: other names people use for it.
        function: what it does, one or two sentences.
        in_service_patchable: whether it may be restarted on a host in service (law 1).
        managed_by: who starts, stops and watches it.
        runs_on: personalities of the hosts that have it.
        redundancy: how its instances stand in for one another.
        services: what its manager runs for it; at least one.
        restart: documented restart commands, alternatives in order of preference.
        patch_restart: documented commands for use by a patch.
        action: what cures its staleness.
        restart_class: how freely it may be restarted.
        depends_on: entries that must be up before it.
        impact: what users notice.
        special_handling: typed rules.
        provenance: where each field comes from, by field name: `page`, `unit-file`, `measured`,
            `person`, or an address.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    title: str
    function: str
    aliases: tuple[str, ...] = ()
    in_service_patchable: bool
    managed_by: Manager
    runs_on: tuple[Personality, ...] = (Personality.CONTROLLER,)
    redundancy: Redundancy = Redundancy.ACTIVE_STANDBY
    services: tuple[Service, ...] = ()
    restart: tuple[Command, ...] = ()
    patch_restart: tuple[Command, ...] = ()
    action: Action = Action.RESTART
    restart_class: RestartClass = RestartClass.AUTO
    depends_on: tuple[str, ...] = ()
    impact: Impact = field(default_factory=Impact)
    special_handling: tuple[Rule, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)

    def service(self, name: str) -> Service | None:
        """The entry's service of that name, or nothing."""
        return next((one for one in self.services if one.name == name), None)

    def redundancy_of(self, service: str) -> Redundancy:
        """How instances of one of its services stand in for one another."""
        own = self.service(service)
        return own.redundancy if own and own.redundancy else self.redundancy


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalog:
    """A named set of entries.

    Attributes:
        format: name and version of the file format.
        name: what the catalog is called (`titanium`).
        entries: in the order of their document; names are unique.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-catalog/1"
    name: str = "unnamed"
    entries: tuple[Entry, ...] = ()

    def entry(self, name: str) -> Entry | None:
        """The entry with that name, title or alias, or nothing. Case does not matter."""
        wanted = name.casefold()
        for one in self.entries:
            if wanted in {one.name.casefold(), one.title.casefold()}:
                return one
        for one in self.entries:
            if wanted in {alias.casefold() for alias in one.aliases}:
                return one
        return None

    def entry_of(self, service: str) -> Entry | None:
        """The entry that the service belongs to, or nothing."""
        return next((one for one in self.entries if one.service(service)), None)

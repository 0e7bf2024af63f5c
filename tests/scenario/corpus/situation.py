"""One recorded situation: a cloud at one moment in a few words, expanded to a planner's inputs.

A situation is a YAML document with the keys of `Situation`; another key is a fault. Every service
of the built-in catalog runs where it belongs, in its usual state, with current code, but for what
the document says.
"""

import dataclasses
import functools
import re
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from insvc.adapters.shipped import shipped
from insvc.catalog.entry import Catalog, Entry, Service
from insvc.catalog.layers import Layer, overlay
from insvc.catalog.settle import known_entries, settle
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.topology import Host, Topology
from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    Role,
    Verdict,
)
from insvc.plan.policy import Policy
from insvc.plan.selection import select
from tests.scenario.plan.story import titanium

FIVE = (
    "controller-0 active",
    "controller-1 standby",
    "storage-0",
    "compute-0",
    "compute-1",
)
_PERSONALITIES = {
    "controller": Personality.CONTROLLER,
    "storage": Personality.STORAGE,
    "compute": Personality.WORKER,
    "host": Personality.HOST,
}
_LINE = re.compile(
    r"(?P<kind>controller|storage|compute|host)-(?P<first>\d+)(?:\.\.(?P<last>\d+))?"
    r"(?: (?P<role>active|standby))?"
    r"(?P<both> and worker)?"
    r"(?: in (?P<domain>\S+))?"
    r"(?: (?P<state>locked|unreachable))?"
)


_LAYER = TypeAdapter(Layer)
_POLICY = TypeAdapter(Policy)


class HostLine(NamedTuple):
    """One host as a situation names it."""

    host: Host
    role: Role | None
    state: str


class Inputs(NamedTuple):
    """Everything a plan is made from, in the planner's order."""

    observation: Observation
    catalog: Catalog
    topology: Topology
    policy: Policy


@dataclasses.dataclass(frozen=True, kw_only=True)
class Situation:
    """What was going on.

    Attributes:
        happened: the situation, in words.
        expected: what a plan must look like here and why, in words; the recorded plan was
            reviewed against this.
        stands_for: the rules it stands for: `page N` a row of the operators' page, `law N`, and
            the ids that `docs/corpus.md` explains.
        hosts: `KIND-N[..M] [active|standby] [and worker] [in DOMAIN] [locked|unreachable]`.
        stale: entries, services or `service@host` that run replaced code.
        suspect: the same, only suspected to.
        changed: the same, with a newer package and none of it loaded.
        states: states other than the usual, by `service@host`.
        absent: `service@host` that the host does not have.
        foreign: services that no catalog knows, all running replaced code, by host.
        unseen: what could not be read, by host.
        starts_s: seconds from start to readiness, by service; null where it was never measured.
        restarts: how often its manager has started it, by `service@host`.
        from_version: what runs; `to_version`: what is installed now.
        older: `service@host` whose package was not replaced there: `from_version` is installed.
        taken_at: when the hosts were looked at, seconds since the epoch.
        asked_for: names given on the command line; empty means all.
        even_current: asked-for services restart even where they run current code.
        units: what systemd runs on plain hosts; then the catalog is what a host discovers, made
            wise by the shipped `debian`, and layers are those of the host.
        jobs: those of them that a timer starts.
        loose: what runs there and has no manager, by the name the observation gives it.
        conditions: what goes on, by host.
        layers: catalog layers, lowest first, as in an insvc-layer document.
        policy: as in a policy document.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    happened: str
    expected: str
    stands_for: tuple[str, ...]
    hosts: tuple[str, ...] = FIVE
    stale: tuple[str, ...] = ()
    suspect: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    states: dict[str, InstanceState] = dataclasses.field(default_factory=dict)
    absent: tuple[str, ...] = ()
    foreign: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    unseen: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    starts_s: dict[str, float | None] = dataclasses.field(default_factory=dict)
    restarts: dict[str, int] = dataclasses.field(default_factory=dict)
    from_version: str = "1.0"
    to_version: str = "1.1"
    older: tuple[str, ...] = ()
    taken_at: float = 0.0
    asked_for: tuple[str, ...] = ()
    even_current: bool = False
    units: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    conditions: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    layers: tuple[dict[str, Any], ...] = ()
    policy: dict[str, Any] = dataclasses.field(default_factory=dict)

    def catalog(self) -> Catalog:
        """The built-in catalog with its layers, or what is known on a plain host."""
        layers = [_LAYER.validate_python(layer) for layer in self.layers]
        if self.units or self.loose:
            distro = shipped("debian")
            found = [_discovered(name, is_job=name in self.jobs) for name in self.units]
            return settle([*found, *known_entries(self.loose, distro, layers)], distro, layers)
        return functools.reduce(overlay, layers, titanium())

    def inputs(self) -> Inputs:
        """Everything the plan is made from."""
        catalog = self.catalog()
        lines = [one for line in self.hosts for one in read_hosts(line)]
        seen = Observation(hosts=tuple(self._look(catalog, one) for one in lines))
        chosen = select(seen, self.asked_for, catalog, only_stale=not self.even_current)
        topology = Topology(hosts=tuple(one.host for one in lines))
        return Inputs(chosen, catalog, topology, _POLICY.validate_python(self.policy))

    def _look(self, catalog: Catalog, line: HostLine) -> HostObservation:
        name = line.host.name
        if line.state == "unreachable":
            return HostObservation(host=name, reachable=False, unseen=("no answer",))
        known = tuple(
            self._instance(entry, service, name, line.role)
            for entry in catalog.entries
            for service in entry.services
            if any(map(line.host.serves_as, service.runs_on or entry.runs_on))
            and f"{service.name}@{name}" not in self.absent
        )
        foreign = tuple(
            Instance(service=one, verdict=Verdict.STALE, evidence=(self._sign(one, True),))
            for one in self.foreign.get(name, ())
        )
        return HostObservation(
            host=name,
            taken_at=self.taken_at,
            role=line.role,
            locked=line.state == "locked",
            instances=known + foreign,
            packages={one.service: one.version or "" for one in known},
            unseen=self.unseen.get(name, ()),
            conditions=self.conditions.get(name, ()),
        )

    def _instance(self, entry: Entry, service: Service, host: str, role: Role | None) -> Instance:
        state = self.states.get(f"{service.name}@{host}", _usual(entry, service, role))
        runs = state is InstanceState.RUNNING
        names = {entry.name, service.name, f"{service.name}@{host}"}
        is_stale = bool(names & set(self.stale))
        is_suspect = bool(names & set(self.suspect))
        is_signed = is_stale or is_suspect or bool(names & set(self.changed))
        is_older = f"{service.name}@{host}" in self.older
        verdict = Verdict.CURRENT
        if runs and is_stale and entry.managed_by is not Manager.CRON:
            verdict = Verdict.STALE
        elif runs and is_suspect:
            verdict = Verdict.SUSPECT
        mapped = verdict is Verdict.STALE
        return Instance(
            service=service.name,
            manager=entry.managed_by,
            state=state,
            verdict=verdict,
            evidence=(self._sign(service.name, mapped),) if is_signed else (),
            processes=(ProcessIdentity(boot_id="b", pid=9, start_ticks=9),) if runs else (),
            package=service.name,
            version=self.from_version if is_older else self.to_version,
            restarts=self.restarts.get(f"{service.name}@{host}", 0),
            started_in_s=self.starts_s.get(service.name, 0.5),
        )

    def _sign(self, service: str, mapped: bool) -> Evidence:
        kind = EvidenceKind.MAPPING_REPLACED if mapped else EvidenceKind.PACKAGE_NEWER
        return Evidence(
            kind=kind, subject=service, found=self.from_version, expected=self.to_version
        )


def read_hosts(line: str) -> list[HostLine]:
    """The hosts of one line.

    Raises:
        ValueError: the line is not of the form that `Situation.hosts` describes.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"not a host line: {line}")
    first = int(found["first"])
    last = int(found["last"] or first)
    return [
        HostLine(
            host=Host(
                name=f"{found['kind']}-{number}",
                personality=_PERSONALITIES[found["kind"]],
                subfunctions=(Personality.WORKER,) if found["both"] else (),
                failure_domain=found["domain"],
            ),
            role=Role(found["role"]) if found["role"] else None,
            state=found["state"] or "",
        )
        for number in range(first, last + 1)
    ]


def read_situation(path: Path) -> Situation:
    """The situation in a file."""
    document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return _adapter().validate_python(document)


@functools.cache
def _adapter() -> TypeAdapter[Situation]:
    return TypeAdapter(Situation)


def _discovered(unit: str, *, is_job: bool) -> Entry:
    """What a look at systemd tells of a unit."""
    return Entry(
        name=unit,
        title=unit,
        function="Was found on this host.",
        in_service_patchable=True,
        managed_by=Manager.SYSTEMD,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=unit),),
        action=Action.NEXT_RUN if is_job else Action.RESTART,
        provenance={"services": "discovered"},
    )


def _usual(entry: Entry, service: Service, role: Role | None) -> InstanceState:
    active_only = entry.redundancy_of(service.name) is Redundancy.ACTIVE_STANDBY
    if active_only and role is Role.STANDBY:
        return InstanceState.STOPPED
    is_job = entry.managed_by is Manager.CRON
    return InstanceState.SCHEDULED if is_job else InstanceState.RUNNING

"""Reads one planning story: a cloud in a few words, and what its plan must look like.

Every key of a story is listed in `Story`; a story with another key is refused. The five hosts are
those of the embedded cloud, and every service of the built-in catalog runs where it belongs.
"""

import dataclasses
import functools
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from insvc.adapters.catalog_files import builtin
from insvc.catalog.entry import Catalog, Entry, Service
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.topology import Host, Topology
from insvc.model.words import (
    EvidenceKind,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    Role,
    Verdict,
)
from insvc.plan.policy import Policy

HOSTS = (
    ("controller-0", Personality.CONTROLLER, Role.ACTIVE),
    ("controller-1", Personality.CONTROLLER, Role.STANDBY),
    ("storage-0", Personality.STORAGE, None),
    ("compute-0", Personality.WORKER, None),
    ("compute-1", Personality.WORKER, None),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Expected:
    """What a story says of its plan.

    Attributes:
        steps: the ids of all steps, in any order.
        before: pairs; the second waits for the first, directly or through others.
        fields: what single steps hold, by step id and name of the field.
        omitted: words of the reason, by `service@host`.
        reasons: words of a step's reason, by step id.
        forecast: what the forecast holds, by entry and name of the field.
        refused: the code of the refusal; `words`: what it says.
    """

    steps: list[str] | None = None
    before: list[list[str]] = dataclasses.field(default_factory=list)
    fields: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    omitted: dict[str, str] = dataclasses.field(default_factory=dict)
    reasons: dict[str, str] = dataclasses.field(default_factory=dict)
    forecast: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    refused: str | None = None
    words: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Story:
    """One story.

    Attributes:
        title: the rule, as a sentence.
        stale: entries, services or `service@host` that run replaced code.
        states: states other than the usual, by `service@host`.
        without: hosts that the cloud does not have.
        unreachable: hosts that do not answer.
        locked: hosts that are locked.
        policy: as in a policy document.
        expect: what its plan must look like.
    """

    title: str
    expect: dict[str, Any]
    stale: list[str] = dataclasses.field(default_factory=list)
    states: dict[str, str] = dataclasses.field(default_factory=dict)
    without: list[str] = dataclasses.field(default_factory=list)
    unreachable: list[str] = dataclasses.field(default_factory=list)
    locked: list[str] = dataclasses.field(default_factory=list)
    policy: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def expected(self) -> Expected:
        """What its plan must look like."""
        return Expected(**self.expect)

    def inputs(self) -> tuple[Observation, Catalog, Topology, Policy]:
        """Everything the plan is made from."""
        catalog = titanium()
        hosts = [one for one in HOSTS if one[0] not in self.without]
        topology = Topology(
            hosts=tuple(Host(name=name, personality=personality) for name, personality, _ in hosts)
        )
        seen = tuple(
            self._look(catalog, host, role)
            for host, (_, _, role) in zip(topology.hosts, hosts, strict=True)
        )
        return Observation(hosts=seen), catalog, topology, Policy(**self.policy)

    def _look(self, catalog: Catalog, host: Host, role: Role | None) -> HostObservation:
        if host.name in self.unreachable:
            return HostObservation(host=host.name, reachable=False, unseen=("no answer",))
        found = [
            self._instance(entry, service, host.name, role)
            for entry in catalog.entries
            for service in entry.services
            if any(map(host.serves_as, service.runs_on or entry.runs_on))
        ]
        return HostObservation(
            host=host.name, role=role, locked=host.name in self.locked, instances=tuple(found)
        )

    def _instance(self, entry: Entry, service: Service, host: str, role: Role | None) -> Instance:
        state = InstanceState.RUNNING
        if entry.managed_by is Manager.CRON:
            state = InstanceState.SCHEDULED
        active_only = entry.redundancy_of(service.name) is Redundancy.ACTIVE_STANDBY
        if active_only and role is Role.STANDBY:
            state = InstanceState.STOPPED
        state = InstanceState(self.states.get(f"{service.name}@{host}", state))
        runs = state is InstanceState.RUNNING
        names = {entry.name, service.name, f"{service.name}@{host}"}
        is_new = bool(names & set(self.stale))
        kind = EvidenceKind.MAPPING_REPLACED if runs else EvidenceKind.PACKAGE_NEWER
        sign = Evidence(kind=kind, subject=service.name, found="1.0", expected="1.1")
        return Instance(
            service=service.name,
            manager=entry.managed_by,
            state=state,
            verdict=Verdict.STALE if is_new and runs else Verdict.CURRENT,
            evidence=(sign,) if is_new else (),
            processes=(ProcessIdentity(boot_id="b", pid=9, start_ticks=9),) if runs else (),
            started_in_s=0.5,
        )


@functools.cache
def titanium() -> Catalog:
    """The built-in catalog, read once."""
    return builtin("titanium")


def read_stories(path: Path) -> list[Story]:
    """Every story of one file."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return [Story(**one) for one in found]

"""What was seen, indexed for the judge: who has what, who is active, what depends on what."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from insvc.catalog.entry import AtMostOneDown, CarriesTraffic, Catalog, Entry
from insvc.check.absent import Absent
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import (
    Action,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    RestartClass,
    Role,
)

HOST_ACTIONS = frozenset({Action.SWACT, Action.LOCK, Action.UNLOCK})
_AT_REST = frozenset({InstanceState.STOPPED, InstanceState.DISABLED, InstanceState.SCHEDULED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The inputs of a check, indexed.

    Attributes:
        catalog: what is known of processes.
        hosts: the topology, by name.
        seen: what each of those hosts looked like, by name; one that was not observed counts as
            not answering.
        named: the catalog's entries by name.
        entries: the entry of each service that the catalog knows.
        needs: names of all entries that each entry depends on, also through others.
        active: hosts that were active.
        members: hosts that have or should have each service, by service.
        instances: what was seen, by host and service.
        absent: hosts like those above that are counted and not looked at.
    """

    catalog: Catalog
    hosts: dict[str, Host]
    seen: dict[str, HostObservation]
    named: dict[str, Entry]
    entries: dict[str, Entry]
    needs: dict[str, frozenset[str]]
    active: frozenset[str]
    members: dict[str, tuple[str, ...]]
    instances: dict[tuple[str, str], Instance]
    absent: Absent = field(default_factory=Absent)

    def instance(self, host: str, service: str) -> Instance | None:
        """What was seen of that service there."""
        return self.instances.get((host, service))

    def is_up(self, host: str, service: str) -> bool:
        """Whether it was seen running."""
        one = self.instance(host, service)
        return one is not None and one.state is InstanceState.RUNNING

    def running_on(self, host: str) -> list[str]:
        """Services that were seen running there."""
        found = self.seen[host].instances if host in self.seen else ()
        return [one.service for one in found if one.state is InstanceState.RUNNING]

    def redundancy(self, service: str) -> Redundancy:
        """How its instances stand in for one another; per host where nobody knows."""
        entry = self.entries.get(service)
        return entry.redundancy_of(service) if entry else Redundancy.PER_HOST

    def is_guarded(self, service: str) -> bool:
        """Whether never two of its members may be down (law 2)."""
        entry = self.entries.get(service)
        rules = entry.special_handling if entry else ()
        return self.redundancy(service) is Redundancy.QUORUM or any(
            isinstance(rule, AtMostOneDown) and rule.service == service for rule in rules
        )

    def is_missed(self, host: str, service: str) -> bool:
        """Whether that member was down and its absence costs something."""
        if self.is_up(host, service):
            return False
        one = self.instance(host, service)
        takes_turns = self.redundancy(service) is Redundancy.ACTIVE_STANDBY
        if self.is_guarded(service):
            return True
        if one is None:
            return not takes_turns
        if takes_turns:
            return one.state not in _AT_REST and self.seen[host].role is not Role.STANDBY
        return not self.seen[host].locked and one.state is not InstanceState.SCHEDULED


def make_facts(
    observation: Observation, catalog: Catalog, topology: Topology, absent: Absent | None = None
) -> Facts:
    """Index the inputs."""
    hosts = {host.name: host for host in topology.hosts}
    looked = {one.host: one for one in observation.hosts}
    seen = {name: looked.get(name, HostObservation(host=name, reachable=False)) for name in hosts}
    entries: dict[str, Entry] = {}
    for entry in catalog.entries:
        for service in entry.services:
            entries.setdefault(service.name, entry)
    return Facts(
        catalog=catalog,
        hosts=hosts,
        seen=seen,
        named={entry.name: entry for entry in catalog.entries},
        entries=entries,
        needs=_needs(catalog),
        active=_active(hosts.values(), seen),
        members=_members(hosts.values(), seen, entries),
        instances={
            (name, one.service): one for name, looked in seen.items() for one in looked.instances
        },
        absent=absent or Absent(),
    )


def carries_traffic(entry: Entry) -> bool:
    """Whether what insvc itself needs goes through it (law 7)."""
    return any(isinstance(rule, CarriesTraffic) for rule in entry.special_handling)


def is_lock_only(entry: Entry) -> bool:
    """Whether it may be restarted on a host out of service alone (law 1)."""
    by_class = entry.restart_class is RestartClass.REBOOT_ONLY
    return by_class or not entry.in_service_patchable or entry.action in HOST_ACTIONS


def is_job(instance: Instance | None, entry: Entry) -> bool:
    """Whether it is started afresh each time (law 6)."""
    if entry.managed_by is Manager.CRON or entry.action is Action.NEXT_RUN:
        return True
    if instance is None:
        return False
    return instance.manager is Manager.CRON or instance.state is InstanceState.SCHEDULED


def named_entry(catalog: Catalog, name: str) -> Entry | None:
    """The entry that rules call by that name: its own, an alias, or one of its services."""
    return catalog.entry(name) or catalog.entry_of(name)


def _needs(catalog: Catalog) -> dict[str, frozenset[str]]:
    direct: dict[str, set[str]] = {}
    for entry in catalog.entries:
        found = (named_entry(catalog, name) for name in entry.depends_on)
        direct[entry.name] = {one.name for one in found if one is not None}
    needs: dict[str, frozenset[str]] = {}
    for name, known in direct.items():
        reached: set[str] = set()
        waiting = set(known)
        while waiting:
            other = waiting.pop()
            reached.add(other)
            waiting |= direct[other] - reached
        needs[name] = frozenset(reached - {name})
    return needs


def _active(hosts: Iterable[Host], seen: dict[str, HostObservation]) -> frozenset[str]:
    by_role = frozenset(name for name, one in seen.items() if one.role is Role.ACTIVE)
    alone = (
        host.name
        for host in hosts
        if host.serves_as(Personality.CONTROLLER) and seen[host.name].role is None
    )
    return by_role or frozenset(alone)


def _members(
    hosts: Iterable[Host], seen: dict[str, HostObservation], entries: dict[str, Entry]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for host in hosts:
        looked = seen[host.name]
        names = {one.service for one in looked.instances}
        if not looked.reachable:
            names |= {name for name, entry in entries.items() if _belongs(host, entry, name)}
        for name in names:
            found.setdefault(name, []).append(host.name)
    return {name: tuple(having) for name, having in found.items()}


def _belongs(host: Host, entry: Entry, service: str) -> bool:
    own = entry.service(service)
    personalities = own.runs_on if own is not None and own.runs_on is not None else entry.runs_on
    return any(host.serves_as(one) for one in personalities)

"""The observation, the catalog and the topology seen as one: who has what, and who is active."""

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from insvc.catalog.entry import Catalog, Entry
from insvc.errors import InputError, UnknownName
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import InstanceState, Personality, Redundancy, Role
from insvc.plan.history import History, Measured


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One instance of a service, on the host that has it.

    Attributes:
        host: the host's name.
        instance: what was seen; absent where the host did not answer.
        is_locked: whether its host is taken out of service.
    """

    host: str
    instance: Instance | None
    is_locked: bool = False

    @property
    def is_up(self) -> bool:
        """Whether it was seen running; unknown is not up."""
        return self.instance is not None and self.instance.state is InstanceState.RUNNING

    @property
    def state(self) -> str:
        """Its state in a word."""
        return "unreachable" if self.instance is None else self.instance.state.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowds:
    """Hosts that are alike in everything that a plan depends on; the first stands for all.

    Attributes:
        kinds: what was seen of every host of a kind, in the topology's order, by the first's name.
        addresses: of every host of a kind, by its name.
        counts: how many hosts a kind has, by the first's name.
    """

    kinds: Mapping[str, tuple[HostObservation, ...]] = field(default_factory=dict)
    addresses: Mapping[str, str | None] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """Everything a plan looks up, indexed once.

    Attributes:
        topology: the hosts, in their order.
        catalog: what is known of their processes.
        seen: what each host looked like, by host name, in the topology's order; its instances in
            the catalog's order, whatever the order in which they were reported.
        rank: position of each host in the topology, by name.
        members: every instance of each service, in the topology's order, by service name. A host
            that does not answer counts as having every service that belongs on its personality.
        entries: the catalog entry of each service that was seen, by service name; services that
            no catalog knows are absent.
        active: names of the hosts that are active now.
        history: what former runs measured, by service or host action.
        crowds: hosts that others stand for.
    """

    topology: Topology
    catalog: Catalog
    seen: dict[str, HostObservation]
    rank: dict[str, int]
    members: dict[str, tuple[Member, ...]]
    entries: dict[str, Entry]
    active: frozenset[str]
    history: Mapping[str, Measured] = field(default_factory=dict)
    crowds: Crowds = field(default_factory=Crowds)

    @property
    def counts(self) -> Mapping[str, int]:
        """For how many hosts alike, itself included, each first of a kind stands."""
        return self.crowds.counts

    def count(self, hosts: Iterable[str]) -> int:
        """How many hosts these are, with all that they stand for."""
        return sum(self.counts.get(host, 1) for host in hosts)

    def is_standby(self, host: str) -> bool:
        """Whether the host waits to take over."""
        return self.seen[host].role is Role.STANDBY

    def redundancy(self, service: str) -> Redundancy:
        """How the service's instances stand in for one another; careful where nobody knows."""
        entry = self.entries.get(service)
        return entry.redundancy_of(service) if entry else Redundancy.PER_HOST


def make_view(
    observation: Observation,
    catalog: Catalog,
    topology: Topology,
    history: History | None = None,
    crowds: Crowds | None = None,
) -> View:
    """Index the inputs of a plan.

    Args:
        observation: what was seen of every host, or of the first of those that are alike.
        catalog: what is known of what runs there.
        topology: those hosts.
        history: what former runs measured.
        crowds: those that others stand for.

    Raises:
        UnknownName: a host was observed that the topology does not have.
        InputError: a host of the topology was not observed, or something was observed twice.
    """
    rank = {host.name: place for place, host in enumerate(topology.hosts)}
    known = _entries_by_service(catalog)
    place = {name: number for number, name in enumerate(known)}
    found = _by_host(observation, rank)
    seen = {name: _in_order(found[name], place) for name in rank}
    members = _members(topology, seen, known)
    return View(
        topology=topology,
        catalog=catalog,
        seen=seen,
        rank=rank,
        members={name: tuple(found) for name, found in members.items()},
        entries={name: known[name] for name in members if name in known},
        active=_active(topology, seen),
        history=history or {},
        crowds=crowds or Crowds(),
    )


def _by_host(observation: Observation, rank: dict[str, int]) -> dict[str, HostObservation]:
    seen: dict[str, HostObservation] = {}
    for one in observation.hosts:
        if one.host not in rank:
            raise UnknownName(
                one.host,
                "was observed, but the topology has no host of this name",
                next_act="add the host to the topology, or observe the cloud it describes",
            )
        names = [instance.service for instance in one.instances]
        twice = next((name for name in names if names.count(name) > 1), None)
        if one.host in seen or twice is not None:
            raise InputError(
                one.host if twice is None else f"{twice}@{one.host}",
                "was observed twice; once is expected",
                next_act="take the observation again with `insvc scan --json`",
            )
        seen[one.host] = one
    missing = [name for name in rank if name not in seen]
    if missing:
        raise InputError(
            ", ".join(missing),
            "belongs to the topology but was not observed; every host must be, unreachable or not",
            next_act="take the observation again with `insvc scan --json`",
        )
    return seen


def _in_order(seen: HostObservation, place: dict[str, int]) -> HostObservation:
    """The same with its instances in the catalog's order; those it does not know come last."""
    last = len(place)
    places = [(place.get(one.service, last), one.service) for one in seen.instances]
    if all(map(operator.le, places, places[1:])):
        return seen
    order = sorted(range(len(places)), key=places.__getitem__)
    return replace(seen, instances=tuple(seen.instances[one] for one in order))


def _entries_by_service(catalog: Catalog) -> dict[str, Entry]:
    known: dict[str, Entry] = {}
    for entry in catalog.entries:
        for service in entry.services:
            known.setdefault(service.name, entry)
    return known


def _members(
    topology: Topology, seen: dict[str, HostObservation], known: dict[str, Entry]
) -> dict[str, list[Member]]:
    members: dict[str, list[Member]] = {}
    for host in topology.hosts:
        looked = seen[host.name]
        if not looked.reachable:
            for name in _expected_services(host, known):
                members.setdefault(name, []).append(Member(host=host.name, instance=None))
        for instance in looked.instances:
            members.setdefault(instance.service, []).append(
                Member(host=host.name, instance=instance, is_locked=looked.locked)
            )
    return members


def _expected_services(host: Host, known: dict[str, Entry]) -> list[str]:
    return [
        name
        for name, entry in known.items()
        if any(map(host.serves_as, _personalities(entry, name)))
    ]


def _personalities(entry: Entry, service: str) -> tuple[Personality, ...]:
    own = entry.service(service)
    return entry.runs_on if own is None or own.runs_on is None else own.runs_on


def _active(topology: Topology, seen: dict[str, HostObservation]) -> frozenset[str]:
    """Where nobody takes turns, every controller is the active one."""
    by_role = {name for name, one in seen.items() if one.role is Role.ACTIVE}
    alone = {
        host.name
        for host in topology.hosts
        if host.serves_as(Personality.CONTROLLER) and seen[host.name].role is None
    }
    return frozenset(by_role or alone)

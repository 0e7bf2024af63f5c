"""Hosts that are alike: one of each kind is planned and stands for all: cost grows with kinds."""

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from insvc.catalog.entry import AtMostOneDown, Catalog
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import Action, InstanceState, Manager, Personality, Redundancy
from insvc.plan.leaving import needs_lock
from insvc.plan.plan import Omission
from insvc.plan.policy import Policy
from insvc.plan.view import Crowds

FEWEST = 256
"""From so many hosts on it pays to plan them as one."""

_facts_of = operator.attrgetter("service", "manager", "state", "verdict")

_Key = tuple[object, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """The inputs of a plan with one host in place of all that are like it.

    Attributes:
        observation: of the hosts that are planned; the first of each kind for all of its kind, as
            slow to start as the slowest of them.
        topology: those hosts.
        crowds: which hosts are alike.
    """

    observation: Observation
    topology: Topology
    crowds: Crowds = field(default_factory=Crowds)


def fold(
    observation: Observation,
    catalog: Catalog,
    topology: Topology,
    policy: Policy,
    fewest: int = FEWEST,
) -> Folded:
    """Find the hosts that are alike in everything that a plan depends on.

    Only hosts in service whose services all run, and may be restarted where they are, are taken
    together; controllers never are. Nothing is where the policy ties steps to the clock (windows,
    start limits), orders them one by one, brings hosts back first, or may put a swact between two
    halves; nor where the inputs do not fit one another.

    Args:
        observation: what was seen of every host.
        catalog: what is known of what runs there.
        topology: the hosts.
        policy: what is allowed.
        fewest: kinds of fewer hosts are planned one by one.
    """
    seen = {one.host: one for one in observation.hosts}
    whole = Folded(observation=observation, topology=topology)
    is_tied = bool(policy.windows or policy.max_starts or policy.unlock or policy.order)
    is_tied |= policy.swact == "by-estimate"
    if is_tied or len(topology.hosts) < fewest or len(seen) != len(observation.hosts):
        return whole
    kinds: dict[_Key, list[Host]] = {}
    for host in topology.hosts:
        if host.name not in seen:
            return whole
        kinds.setdefault(_key(host, seen[host.name]), []).append(host)
    if sum(map(len, kinds.values())) != len(seen):
        return whole
    named = {*policy.prefer_first, *policy.prefer_last}
    plain = _PlainHosts(catalog)
    firsts: dict[str, tuple[HostObservation, ...]] = {}
    left_out: set[str] = set()
    addresses: dict[str, str | None] = {}
    for hosts in kinds.values():
        chosen = [host.name for host in hosts if host.name not in named]
        if len(chosen) < fewest or not plain.has(hosts[0], seen[hosts[0].name]):
            continue
        firsts[chosen[0]] = tuple(seen[name] for name in chosen)
        left_out.update(chosen[1:])
        addresses.update((host.name, host.address) for host in hosts)
    return Folded(
        observation=replace(
            observation,
            hosts=tuple(
                _slowest(firsts[one.host]) if one.host in firsts else one
                for one in observation.hosts
                if one.host not in left_out
            ),
        ),
        topology=replace(
            topology, hosts=tuple(one for one in topology.hosts if one.name not in left_out)
        ),
        crowds=Crowds(
            kinds=firsts,
            addresses=addresses,
            counts={name: len(hosts) for name, hosts in firsts.items()},
        ),
    )


def spread(omitted: Sequence[Omission], crowds: Crowds) -> tuple[Omission, ...]:
    """The omissions, told of every host: what is left out on the first of a kind is so on all."""
    return tuple(one for omission in omitted for one in _spread(omission, crowds))


def _spread(omission: Omission, crowds: Crowds) -> Iterator[Omission]:
    yield omission
    for other in crowds.kinds.get(omission.host, ())[1:]:
        reason = f"as on {omission.host}: {omission.reason}"
        yield replace(omission, host=other.host, reason=reason)


def _key(host: Host, seen: HostObservation) -> _Key:
    return (
        host.personality,
        host.subfunctions,
        host.failure_domain,
        seen.role,
        seen.locked,
        seen.reachable,
        seen.conditions,
        tuple(
            [
                (*_facts_of(one), tuple([(sign.kind, sign.subject) for sign in one.evidence]))
                for one in seen.instances
            ]
        ),
    )


class _PlainHosts:
    """Whether hosts may be taken together at all."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._verdicts: dict[str, bool] = {}

    def has(self, host: Host, seen: HostObservation) -> bool:
        """Whether this host is one of them."""
        in_service = seen.reachable and not seen.locked and seen.role is None
        if not in_service or host.serves_as(Personality.CONTROLLER):
            return False
        return all(map(self._is_plain, seen.instances))

    def _is_plain(self, instance: Instance) -> bool:
        """Whether it runs, one of many that stand for themselves, and is no job."""
        if instance.state is not InstanceState.RUNNING or instance.manager is Manager.CRON:
            return False
        known = self._verdicts.get(instance.service)
        if known is None:
            known = self._verdicts[instance.service] = self._stands_alone(instance.service)
        return known

    def _stands_alone(self, service: str) -> bool:
        entry = self._catalog.entry_of(service)
        if entry is None:
            return True
        guarded = any(isinstance(rule, AtMostOneDown) for rule in entry.special_handling)
        alone = {Redundancy.PER_HOST, Redundancy.ACTIVE_ACTIVE}
        is_job = entry.managed_by is Manager.CRON or entry.action is Action.NEXT_RUN
        is_free = not (is_job or guarded or needs_lock(entry))
        return is_free and entry.redundancy_of(service) in alone


def _slowest(alike: tuple[HostObservation, ...]) -> HostObservation:
    """The first of them, each service starting as slowly as on the slowest."""
    first = alike[0]
    instances = tuple(
        replace(one, started_in_s=_longest_s(alike, place))
        for place, one in enumerate(first.instances)
    )
    return replace(first, instances=instances)


def _longest_s(alike: tuple[HostObservation, ...], place: int) -> float | None:
    """The longest measured start; unknown where one is, so that the careful guess counts."""
    times = [seen.instances[place].started_in_s for seen in alike]
    known = [one for one in times if one is not None]
    return max(known) if len(known) == len(times) else None

"""Whether lines are what they say: hosts that are alike, each once, and a turn that fits them."""

import operator
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from insvc.check.violation import Violation, broken, contradiction
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import EvidenceKind, InstanceState, Personality
from insvc.plan.plan import Line, LineHost, Plan
from insvc.plan.policy import Policy

_facts_of = operator.attrgetter("service", "manager", "state", "verdict")

Traits = tuple[object, ...]
"""All that the laws read of a host, but for its name and its processes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The hosts of a plan with lines.

    Attributes:
        hosts: the topology, by name; `seen`: what each looked like.
        told: what is left out on a host, by its name: service, entry, and whether with a reason.
    """

    hosts: Mapping[str, Host]
    seen: Mapping[str, HostObservation]
    told: Mapping[str, frozenset[tuple[str, str, bool]]]


def make_known(plan: Plan, observation: Observation, topology: Topology) -> Known:
    """Index the inputs."""
    told: dict[str, set[tuple[str, str, bool]]] = {}
    for one in plan.omitted:
        told.setdefault(one.host, set()).add((one.service, one.entry, bool(one.reason.strip())))
    return Known(
        hosts={host.name: host for host in topology.hosts},
        seen={one.host: one for one in observation.hosts},
        told={name: frozenset(services) for name, services in told.items()},
    )


def traits_of(known: Known, name: str) -> Traits:
    """What hosts must have in common to be alike."""
    host, seen = known.hosts[name], known.seen[name]
    return (
        host.personality,
        host.subfunctions,
        host.failure_domain,
        seen.role,
        seen.locked,
        seen.reachable,
        seen.conditions,
        known.told.get(name),
        tuple([(*_facts_of(one), _wish_of(one)) for one in seen.instances]),
    )


def _wish_of(instance: Instance) -> tuple[bool, bool]:
    """Whether there is any evidence, and whether it was asked for by name."""
    is_asked = any(one.kind is EvidenceKind.REQUESTED for one in instance.evidence)
    return bool(instance.evidence), is_asked


def is_plain(host: Host, seen: HostObservation) -> bool:
    """Whether it is in service, takes no turns, and all of its services run."""
    in_service = seen.reachable and not seen.locked and seen.role is None
    up = all(one.state is InstanceState.RUNNING for one in seen.instances)
    return in_service and up and not host.serves_as(Personality.CONTROLLER)


def check_lines(plan: Plan, policy: Policy, known: Known) -> Iterator[Violation]:
    """Everything that makes lines unfit to be judged by a few of their hosts."""
    if policy.windows or policy.max_starts is not None:
        why = "its lines say nothing of windows and start limits: write the plan out"
        yield contradiction("plan.structure", "the plan", why)
    malformed = tuple(check_form(plan))
    yield from malformed
    if not malformed:
        for line in plan.lines:
            yield from _check_hosts(line, known)
        yield from _check_apart(plan)
        yield from _check_waits(plan)


def check_form(plan: Plan) -> Iterator[Violation]:
    """What is wrong with lines in themselves; without it they can be written out."""
    names = Counter(line.id for line in plan.lines)
    for name, count in names.items():
        if count > 1:
            yield contradiction("plan.structure", name, f"occurs {count} times, once is expected")
    for line in plan.lines:
        yield from _check_form(line)


def _check_apart(plan: Plan) -> Iterator[Violation]:
    """Two lines share no host, or all and one waits for the other; all else is on other hosts."""
    last: dict[str, Line] = {}
    for line in plan.lines:
        hosts = dict.fromkeys(one.host for one in line.hosts)
        found = {former.id: former for former in map(last.get, hosts) if former is not None}
        for former in found.values():
            if {one.host for one in former.hosts} != hosts.keys():
                why = "shares some of its hosts with another line, and not all"
                yield contradiction("plan.structure", line.id, why)
            elif former.id not in line.after:
                why = f"is on the hosts of {former.id} and does not wait for it"
                yield contradiction("plan.structure", line.id, why)
        last.update(dict.fromkeys(hosts, line))
    for step in plan.steps:
        if step.host in last:
            why = f"{step.host} is in a line, and this is no part of it"
            yield contradiction("plan.structure", step.id, why)


def _check_waits(plan: Plan) -> Iterator[Violation]:
    """Nothing waits for a part of a line."""
    befores = [(one.id, one.after) for one in plan.steps]
    befores += [(one.id, one.after) for one in plan.lines]
    known = {name for name, _ in befores}
    for line in plan.lines:
        own = {step.id for step in line.turn}
        befores += [(one.id, tuple(set(one.after) - own)) for one in line.turn]
    for name, after in befores:
        for before in sorted(set(after)):
            if before not in known:
                why = f"waits for {before}, which is no line, and no step outside of lines"
                yield contradiction("plan.structure", name, why)


def _check_form(line: Line) -> Iterator[Violation]:
    if not line.hosts or not line.turn or line.at_once < 1 or line.pause_s < 0:
        why = "needs a host, a step, a lane, and no pause below 0"
        yield contradiction("plan.structure", line.id, why)
        return
    first = line.hosts[0].host
    if not line.id.startswith("line") or not line.id.endswith(f"@{first}"):
        yield contradiction(
            "plan.structure", line.id, f"is not named after {first}, its first host"
        )
    if not line.reason.strip():
        yield broken(10, line.id, "gives no reason (law 10)")
    yield from _check_turn(line)
    if len({one.host for one in line.hosts}) < len(line.hosts):
        yield contradiction("plan.structure", line.id, "has a host twice")


def _check_turn(line: Line) -> Iterator[Violation]:
    """Its steps are those of the first host in an order, and every host has its own for each."""
    first, count = line.hosts[0].host, len(line.turn)
    ids = {step.id for step in line.turn}
    known: set[str] = set()
    for step in line.turn:
        if step.host != first or not known.issuperset(ids.intersection(step.after)):
            why = f"is no step of a turn on {first} in an order in which they may start"
            yield contradiction("plan.structure", step.id, why)
        known.add(step.id)
    for one in line.hosts:
        if len(one.expects) != count or len(one.endpoints) != count:
            why = f"has {count} steps on each host, {one.host} is told otherwise"
            yield contradiction("plan.structure", line.id, why)


def _check_hosts(line: Line, known: Known) -> Iterator[Violation]:
    """Every host of the line is like the first, and the steps were made for its processes."""
    for one in line.hosts:
        if one.host not in known.seen or one.host not in known.hosts:
            why = f"{one.host} was not observed, or the topology does not have it"
            yield contradiction("plan.structure", line.id, why)
            return
    first = line.hosts[0].host
    if not is_plain(known.hosts[first], known.seen[first]):
        why = f"{first} takes turns, is out of service, or has something that does not run"
        yield contradiction("plan.structure", line.id, why)
    services = [one.service for one in known.seen[first].instances]
    absent = [step.id for step in line.turn if step.service not in services]
    yield from (broken(9, name, "no such service was seen there (law 9)") for name in absent)
    if not absent:
        yield from _check_alike(line, known, [services.index(step.service) for step in line.turn])


def _check_alike(line: Line, known: Known, places: list[int]) -> Iterator[Violation]:
    first = line.hosts[0].host
    traits = traits_of(known, first)
    for one in line.hosts:
        if traits_of(known, one.host) != traits:
            why = f"{one.host} differs from {first} in what the laws depend on"
            yield contradiction("plan.structure", line.id, why)
        elif not _is_meant(one, known.seen[one.host], places):
            why = f"was made for other processes than were seen on {one.host} (law 9)"
            yield broken(9, line.id, why)


def _is_meant(one: LineHost, seen: HostObservation, places: list[int]) -> bool:
    """Whether the steps expect the processes that were seen."""
    found = [seen.instances[place].processes for place in places]
    return all(map(operator.eq, one.expects, found))

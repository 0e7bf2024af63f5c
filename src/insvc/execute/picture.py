"""What is known of every host while a run goes on, kept so that one look changes one host's part.

A cloud may have ten thousand members of one service, and each step asks what the others do: the
answers are counted here as they come, and nothing looks through all hosts for a step.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from insvc.catalog.entry import Catalog
from insvc.model.observation import HostObservation, Observation
from insvc.model.topology import Topology
from insvc.model.words import InstanceState
from insvc.plan.budgets import Budget, budget_of, domain_budget_of, domain_of, missed
from insvc.plan.policy import Policy
from insvc.plan.view import Member, View, make_view

_AT_REST = {InstanceState.STOPPED, InstanceState.DISABLED, InstanceState.SCHEDULED}


class Picture:
    """The hosts as they were last seen, each host by itself, and what that adds up to.

    Args:
        base: the first look at all hosts.
        catalog: what is known of their processes.
        topology: all hosts.
    """

    def __init__(self, base: Observation, catalog: Catalog, topology: Topology) -> None:
        self._catalog = catalog
        self._hosts = {host.name: host for host in topology.hosts}
        self._seen: dict[str, HostObservation] = {}
        self._views: dict[str, View] = {}
        self._members: dict[str, OrderedDict[str, None]] = {}
        self._missed: dict[str, OrderedDict[str, Member]] = {}
        self._silent: OrderedDict[str, None] = OrderedDict()
        self._in_domain: Counter[tuple[str, str]] = Counter()
        for seen in base.hosts:
            self._put(seen)

    def note(self, now: HostObservation) -> None:
        """Take in a look at a host: of one that does not answer, what ran there is unknown."""
        base = self._seen[now.host]
        known = remember(now, base)
        if known == replace(base, taken_at=known.taken_at):
            self._put_last(now.host)
        else:
            self._drop(now.host)
            self._put(known)

    def knows(self, host: str) -> bool:
        """Whether it is one of the hosts."""
        return host in self._views

    def view(self, host: str, *others: str) -> View:
        """That host alone as a plan sees it, or together with others."""
        if not others:
            return self._views[host]
        names = dict.fromkeys((host, *others))
        seen = Observation(hosts=tuple(map(self._seen.__getitem__, names)))
        hosts = Topology(hosts=tuple(self._hosts[name] for name in names))
        return make_view(seen, self._catalog, hosts)

    def to_look_at(self, services: Iterable[str], most: int) -> tuple[str, ...]:
        """The hosts whose state decides about these services, those last who were seen last.

        A host that has not answered so far may have anything, so it is one of them. Of many, not
        all are named: the longest unseen of them, of those that are missed, and of the silent.

        Args:
            services: what may be taken down.
            most: how many are named of each kind.
        """
        names = dict.fromkeys(islice(self._silent, most))
        for service in services:
            names |= dict.fromkeys(islice(self._members.get(service, ()), most))
            names |= dict.fromkeys(islice(self._missed.get(service, ()), most))
        return tuple(names)

    def budgets(self, service: str, host: str, policy: Policy) -> Iterator[Budget]:
        """What the service can spare in all, and in the failure domain of that host."""
        down = tuple(self._missed.get(service, {}).values())
        total = len(self._members.get(service, ()))
        yield budget_of(self._views[host], service, policy, total, down)
        domain = self.domain(host)
        if domain is not None:
            near = tuple(one for one in down if self.domain(one.host) == domain)
            count = self._in_domain[service, domain]
            in_domain = domain_budget_of(service, policy, domain, count, near)
            if in_domain is not None:
                yield in_domain

    def domain(self, host: str) -> str | None:
        """What fails together with the host; nothing where it stands alone."""
        return domain_of(self._views[host], host)

    def _put(self, seen: HostObservation) -> None:
        host = self._hosts[seen.host]
        view = make_view(Observation(hosts=(seen,)), self._catalog, Topology(hosts=(host,)))
        self._seen[host.name], self._views[host.name] = seen, view
        if not seen.reachable:
            self._silent[host.name] = None
        for service, members in view.members.items():
            self._members.setdefault(service, OrderedDict())[host.name] = None
            for one in missed(view, service, members):
                self._missed.setdefault(service, OrderedDict())[host.name] = one
            if host.failure_domain is not None:
                self._in_domain[service, host.failure_domain] += 1

    def _put_last(self, name: str) -> None:
        """Nothing has changed but when it was seen."""
        if name in self._silent:
            self._silent.move_to_end(name)
        for service in self._views[name].members:
            for hosts in (self._members[service], self._missed.get(service, OrderedDict())):
                if name in hosts:
                    hosts.move_to_end(name)

    def _drop(self, name: str) -> None:
        self._silent.pop(name, None)
        domain = self.domain(name)
        for service in self._views[name].members:
            del self._members[service][name]
            self._missed.get(service, OrderedDict()).pop(name, None)
            if domain is not None:
                self._in_domain[service, domain] -= 1


def remember(now: HostObservation, base: HostObservation) -> HostObservation:
    """What is known of a host: of one that does not answer, what ran there is unknown now."""
    if now.reachable or not base.reachable:
        return now
    return replace(
        base,
        instances=tuple(
            one if one.state in _AT_REST else replace(one, state=InstanceState.UNKNOWN)
            for one in base.instances
        ),
    )

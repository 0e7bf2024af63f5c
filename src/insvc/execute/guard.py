"""The last look before an act: do the laws still allow it, given what the hosts show now?

A plan keeps the laws for the cloud that it was made for. Hosts leave and services fail while a run
goes on, so each step that takes something down is held against fresh observations once more.
"""

from collections.abc import Iterable
from dataclasses import replace

from insvc.catalog.entry import Catalog
from insvc.model.observation import HostObservation, Observation
from insvc.model.topology import Topology
from insvc.model.words import Action, InstanceState
from insvc.plan.budgets import Budget, domain_of, make_budget, make_domain_budget
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.precedence import dependants
from insvc.plan.takeover import find_unfit
from insvc.plan.view import View, make_view

_TAKES_NOTHING_DOWN = {Action.NONE, Action.NEXT_RUN, Action.UNLOCK, Action.SWACT}
_AT_REST = {InstanceState.STOPPED, InstanceState.DISABLED, InstanceState.SCHEDULED}


def find_hindrance(view: View, step: Step, policy: Policy, busy: Iterable[Step] = ()) -> str | None:
    """Why the step may not take its services down now, or nothing where it may (laws 2 and 5).

    On a locked host everything costs nothing. What does not run now is not taken down. A swact that
    is to cure needs a standby that has the installed code (law 4).

    Args:
        view: what was seen just now of every host that has one of the services.
        step: what is about to be done.
        policy: the plan's.
        busy: the run's other steps under way or lost: what they take down counts as down.
    """
    if view.seen[step.host].locked:
        return None
    if step.cures and step.to_host is not None and step.host in view.active:
        return find_unfit(view, step.host, step.to_host, step.cures)
    others = [one for one in busy if one.id != step.id and one.host in view.seen]
    down_by_us = {(one.host, name) for one in others for name in taken_down(view, one)}
    for service in taken_down(view, step):
        hosts = [host for host, name in down_by_us if name == service and host != step.host]
        if reason := _exceeds(view, service, step.host, policy, hosts):
            return reason
    return None


def taken_down(view: View, step: Step) -> tuple[str, ...]:
    """Services that run on the step's host now and that its act stops."""
    running = {
        one.service for one in view.seen[step.host].instances if one.state is InstanceState.RUNNING
    }
    if step.action in _TAKES_NOTHING_DOWN:
        return ()
    if step.action is Action.LOCK:
        return tuple(sorted(running))
    entry = view.entries.get(step.service)
    along = dependants(view, step.host, entry) if step.with_dependants and entry else ()
    return tuple(name for name in dict.fromkeys((step.service, *along)) if name in running)


def group_of(step: Step, base: Observation, catalog: Catalog, topology: Topology) -> Topology:
    """The hosts whose state decides about the step: those that have what it takes down.

    A host that has not answered so far may have anything, so it is one of them.

    Args:
        step: what is about to be done.
        base: what was seen earlier: it tells which host has which services.
        catalog: tells what depends on what.
        topology: all hosts.
    """
    services = {step.service, *taken_down(make_view(base, catalog, topology), step)}
    wanted = {step.host, step.to_host or step.host} | {
        seen.host for seen in base.hosts if not seen.reachable or any(map(seen.instance, services))
    }
    return Topology(hosts=tuple(host for host in topology.hosts if host.name in wanted))


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


def _exceeds(view: View, service: str, host: str, policy: Policy, by_us: list[str]) -> str | None:
    reason = _overrun(make_budget(view, service, policy), host, by_us)
    of_domain = make_domain_budget(view, service, host, policy)
    if reason is not None or of_domain is None:
        return reason
    near = [name for name in by_us if domain_of(view, name) == domain_of(view, host)]
    return _overrun(of_domain, host, near)


def _overrun(budget: Budget, host: str, by_us: list[str]) -> str | None:
    service = budget.service
    others = {member.host: member.state for member in budget.down if member.host != host}
    others |= {name: "taken down by this run" for name in by_us if name not in others}
    if len(others) < budget.limit:
        return None
    found = ", ".join(f"{service}@{name} is {state}" for name, state in sorted(others.items()))
    left = budget.total - len(others) - 1
    return (
        f"taking {service}@{host} down is not allowed now: {found or 'all others are up'}, so "
        f"{max(left, 0)} of {budget.total} would be left, but {budget.law} wants "
        f"{max(budget.total - budget.limit, 0)} or more up"
    )

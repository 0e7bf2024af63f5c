"""The last look before an act: do the laws still allow it, given what the hosts show now?

A plan keeps the laws for the cloud that it was made for. Hosts leave and services fail while a run
goes on, so each step that takes something down is held against fresh observations once more.
"""

from collections.abc import Iterable

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.model.observation import Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import Action, InstanceState
from insvc.plan.budgets import make_budget
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.precedence import dependants
from insvc.plan.view import View, make_view

_TAKES_NOTHING_DOWN = {Action.NONE, Action.NEXT_RUN, Action.UNLOCK, Action.SWACT}


def find_hindrance(view: View, step: Step, policy: Policy, busy: Iterable[Step] = ()) -> str | None:
    """Why the step may not take its services down now, or nothing where it may (laws 2 and 5).

    On a locked host everything costs nothing. What does not run now is not taken down.

    Args:
        view: what was seen just now of every host that has one of the services.
        step: what is about to be done.
        policy: the plan's.
        busy: the run's other steps under way or lost: what they take down counts as down.
    """
    if view.seen[step.host].locked:
        return None
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
        one.service
        for one in view.seen[step.host].instances
        if one.state is InstanceState.RUNNING
    }
    if step.action in _TAKES_NOTHING_DOWN:
        return ()
    if step.action is Action.LOCK:
        return tuple(sorted(running))
    entry = view.entries.get(step.service)
    along = dependants(view, step.host, entry) if step.with_dependants and entry else ()
    return tuple(name for name in dict.fromkeys((step.service, *along)) if name in running)


def group_of(step: Step, seen: Observation, catalog: Catalog, topology: Topology) -> Topology:
    """The hosts whose state decides about the step: those that have what it takes down.

    Args:
        step: what is about to be done.
        seen: what was seen when the run was begun: it tells which host has which services.
        catalog: tells the same of hosts that were not seen.
        topology: all hosts.
    """
    view = make_view(seen, catalog, topology)
    if step.action is Action.LOCK:
        return topology
    services = {step.service, *taken_down(view, step)}
    known = {host.host for host in seen.hosts for one in services if host.instance(one)}
    wanted = {step.host, step.to_host, *known}
    places = [place for entry in catalog.entries for place in _places(entry, services)]
    return Topology(
        hosts=tuple(
            host
            for host in topology.hosts
            if host.name in wanted
            or (not view.seen[host.name].reachable and _belongs(host, places))
        )
    )


def _places(entry: Entry, services: set[str]) -> list[tuple[Entry, Service]]:
    return [(entry, one) for one in entry.services if one.name in services]


def _belongs(host: Host, places: Iterable[tuple[Entry, Service]]) -> bool:
    return any(
        host.serves_as(one)
        for entry, service in places
        for one in service.runs_on or entry.runs_on
    )


def _exceeds(view: View, service: str, host: str, policy: Policy, by_us: list[str]) -> str | None:
    budget = make_budget(view, service, policy)
    others = {member.host: member.state for member in budget.down if member.host != host}
    others |= {name: "taken down by this run" for name in by_us if name not in others}
    if len(others) < budget.limit:
        return None
    found = ", ".join(f"{service}@{name} is {state}" for name, state in sorted(others.items()))
    left = budget.total - len(others) - 1
    return (
        f"taking {service}@{host} down is not allowed now: {found or 'no other member is up'}, so "
        f"{max(left, 0)} of {budget.total} would be left, but {budget.law} wants "
        f"{max(budget.total - budget.limit, 0)} or more up"
    )

"""The last look before an act: do the laws still allow it, given what the hosts show now?

A plan keeps the laws for the cloud that it was made for. Hosts leave and services fail while a run
goes on, so each step that takes something down is held against fresh observations once more.
"""

from collections.abc import Iterable

from insvc.execute.picture import Picture
from insvc.model.words import Action, InstanceState
from insvc.plan.budgets import Budget
from insvc.plan.leaving import why_not_now
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.precedence import dependants
from insvc.plan.takeover import find_unfit

_TAKES_NOTHING_DOWN = {Action.NONE, Action.NEXT_RUN, Action.UNLOCK, Action.SWACT}


def find_hindrance(
    picture: Picture, step: Step, policy: Policy, busy: Iterable[Step] = ()
) -> str | None:
    """Why the step may not take its services down now, or nothing where it may (laws 2 and 5).

    A condition under which it is never restarted (law 8) may have begun since it was planned. On a
    locked host everything costs nothing. What does not run now is not taken down. A swact that
    is to cure needs a standby that has the installed code (law 4).

    Args:
        picture: what was seen of the hosts, just now of those that `to_look_at` names.
        step: what is about to be done.
        policy: the plan's.
        busy: the run's other steps under way or lost: what they take down counts as down.
    """
    view = picture.view(step.host)
    entry = view.entries.get(step.service)
    if entry is not None and step.action not in _TAKES_NOTHING_DOWN:
        not_now = why_not_now(view.seen[step.host], entry)
        if not_now is not None:
            return f"{step.service} {not_now}"
    if view.seen[step.host].locked:
        return None
    if step.cures and step.to_host is not None:
        pair = picture.view(step.host, step.to_host)
        if step.host in pair.active:
            return find_unfit(pair, step.host, step.to_host, step.cures)
    others = [one for one in busy if one.id != step.id and picture.knows(one.host)]
    down_by_us = {(one.host, name) for one in others for name in taken_down(picture, one)}
    for service in taken_down(picture, step):
        hosts = [host for host, name in down_by_us if name == service and host != step.host]
        if reason := _exceeds(picture, service, step.host, policy, hosts):
            return reason
    return None


def taken_down(picture: Picture, step: Step) -> tuple[str, ...]:
    """Services that run on the step's host now and that its act stops."""
    view = picture.view(step.host)
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


def to_look_at(picture: Picture, step: Step, most: int) -> tuple[str, ...]:
    """The hosts whose state decides about the step: those that have what it takes down.

    Args:
        picture: what was seen so far: it tells which host has which services.
        step: what is about to be done.
        most: how many of a kind are looked at; of more, those that were not seen for longest.
    """
    services = dict.fromkeys((step.service, *taken_down(picture, step)))
    own = (step.host, step.to_host or step.host)
    return tuple(dict.fromkeys((*own, *picture.to_look_at(services, most))))


def _exceeds(
    picture: Picture, service: str, host: str, policy: Policy, by_us: list[str]
) -> str | None:
    near = [name for name in by_us if picture.domain(name) == picture.domain(host)]
    told = (
        _overrun(budget, host, ours)
        for budget, ours in zip(picture.budgets(service, host, policy), (by_us, near), strict=False)
    )
    return next(filter(None, told), None)


def _overrun(budget: Budget, host: str, by_us: list[str]) -> str | None:
    service = budget.service
    others = {member.host: member.state for member in budget.down}
    others |= dict.fromkeys(by_us, "taken down by this run")
    if len(others) < budget.limit:
        return None
    found = ", ".join(f"{service}@{name} is {state}" for name, state in sorted(others.items()))
    return (
        f"taking {service}@{host} down is not allowed now: {found or 'all others are up'}, so "
        f"{budget.total - len(others) - 1} of {budget.total} would be left, but {budget.law} wants "
        f"{budget.total - budget.limit} or more up"
    )

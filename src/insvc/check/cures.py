"""Swacts that cure: to a standby with the installed code, and where that costs less (law 4)."""

from collections.abc import Iterator

from insvc.catalog.entry import ClearSessions, Entry, ReapOrphans
from insvc.check.case import Case
from insvc.check.facts import is_lock_only
from insvc.check.holdings import moved_by_swact
from insvc.check.violation import Violation, broken
from insvc.model.words import Action, InstanceState, Redundancy
from insvc.plan.plan import Step

_ROUNDED_S = 0.002


def check_cures(case: Case) -> Iterator[Violation]:
    """Every swact that cures: by leave of the policy, with the installed code, for less."""
    for step in case.steps:
        if step.action is Action.SWACT and step.cures:
            yield from _check_leave(case, step)
            yield from _check_cost(case, step)
            for service in step.cures:
                yield from _check_cure(case, step, service)


def _check_leave(case: Case, swact: Step) -> Iterator[Violation]:
    if case.policy.swact != "by-estimate":
        why = "is chosen by estimate, but the policy has a swact for a lock alone (law 4)"
        yield broken(4, swact.id, why, swact.id)


def _check_cost(case: Case, swact: Step) -> Iterator[Violation]:
    """Law 4's comparison, and whether its figures can be true."""
    if swact.cost_s >= swact.instead_s:
        why = (
            f"costs {swact.cost_s} s and restarts in place {swact.instead_s} s, both added up: "
            "a swact is for where it costs less (law 4)"
        )
        yield broken(4, swact.id, why, swact.id)
    moved = len(moved_by_swact(case, swact.host))
    least_s, most_s = swact.expected_outage_s, moved * swact.expected_outage_s
    rounded_s = _ROUNDED_S * max(moved, 1)
    if not least_s - rounded_s <= swact.cost_s <= most_s + rounded_s:
        why = (
            f"moves {moved} services, each out for {swact.expected_outage_s} s at most, so that "
            f"{swact.cost_s} s cannot be the sum of their outages (law 4)"
        )
        yield broken(4, swact.id, why, swact.id)


def _check_cure(case: Case, swact: Step, service: str) -> Iterator[Violation]:
    entry = case.facts.entries.get(service)
    moves = case.facts.redundancy(service) is Redundancy.ACTIVE_STANDBY
    if entry is None or not moves or not case.facts.is_up(swact.host, service):
        why = f"does not move {service}: it does not run on the active controller alone (law 9)"
        yield broken(9, swact.id, why, swact.id)
        return
    if is_lock_only(entry):
        why = f"{entry.title} is not patchable in service, so a swact alone is not enough (law 1)"
        yield broken(1, swact.id, why, swact.id)
    if _wants_more(entry, service):
        why = f"a restart of {service} does more than a swact does: sessions or orphans (law 8)"
        yield broken(8, swact.id, why, swact.id)
    yield from _check_code(case, swact, service)


def _wants_more(entry: Entry, service: str) -> bool:
    """Whether its restart deletes sessions or ends orphans."""
    return any(
        isinstance(rule, ClearSessions) or (isinstance(rule, ReapOrphans) and rule.of == service)
        for rule in entry.special_handling
    )


def _check_code(case: Case, swact: Step, service: str) -> Iterator[Violation]:
    """The standby has it at rest, in the version that is installed on the active controller."""
    taker = swact.to_host or ""
    here, there = case.facts.instance(swact.host, service), case.facts.instance(taker, service)
    if there is None or there.state is not InstanceState.STOPPED:
        state = "is not there" if there is None else f"is {there.state}"
        why = f"{service}@{taker} {state}, so {taker} cannot take it over (law 4)"
        yield broken(4, swact.id, why, swact.id)
        return
    package = (here.package if here is not None else None) or ""
    wanted = case.facts.seen[swact.host].packages.get(package)
    found = case.facts.seen[taker].packages.get(package)
    if wanted is None or wanted != found:
        why = (
            f"starts {service} on {taker} with version {found or 'unknown'} of its package, but "
            f"{wanted or 'an unknown one'} is installed on {swact.host}: that cures nothing (law 9)"
        )
        yield broken(9, swact.id, why, swact.id)

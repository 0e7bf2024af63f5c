"""Contradictions in the tables of sm, each with a stable code."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from insvc.supervise.sm_tables import DomainMember, Tables, membership

CODES: Final[dict[str, str]] = {
    "SM001": "services need one another in a circle: none of them could be the first",
    "SM002": "a row names something that no other row describes",
    "SM003": "a service belongs to no group",
    "SM004": "a service belongs to two groups",
    "SM005": "an action may take no time at all",
    "SM006": "a service needs one of a group that may be active on another node",
    "SM007": "two rows of one table have the same name",
    "SM008": "a budget that no failure can use up, or that nothing forgives",
    "SM009": "a redundancy model and its numbers do not fit",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SmFinding:
    """One contradiction: a key of `CODES`, what it is about, and what was found there."""

    code: str
    subject: str
    found: str


def lint(tables: Tables) -> tuple[SmFinding, ...]:
    """Every contradiction, by code and subject."""
    found = [
        SmFinding(code=code, subject=subject, found=text)
        for code, check in _CHECKS.items()
        for subject, text in check(tables)
    ]
    return tuple(sorted(found, key=lambda one: (one.code, one.subject, one.found)))


Told = Iterator[tuple[str, str]]


def _circles(tables: Tables) -> Told:
    needs: dict[str, set[str]] = {}
    for one in tables.dependencies:
        needs.setdefault(one.service, set()).add(one.needs)
    yield from circles(needs)


def circles(needs: Mapping[str, Iterable[str]]) -> Told:
    """Each circle once: the first of its names, and the way it goes.

    Args:
        needs: which services each of them needs.
    """
    left = {name: set(others) for name, others in needs.items()}
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as fault:
            # The sorter tells a circle from who is needed to who needs it.
            names = list(reversed(fault.args[1][1:]))
            first = names.index(min(names))
            turned = [*names[first:], *names[:first]]
            yield turned[0], " needs ".join([*turned, turned[0]])
            left[turned[0]].discard(turned[1 % len(turned)])
        else:
            return


def _unknown(tables: Tables) -> Told:
    known = {
        "domain": {one.name for one in tables.domains},
        "group": {one.name for one in tables.groups},
        "service": {one.name for one in tables.services},
        "kind of times": {one.name for one in tables.times},
    }
    for subject, kind, name in (*_of_groups(tables), *_of_services(tables)):
        if name not in known[kind]:
            yield subject, f"no row describes the {kind} {name}"


Named = Iterator[tuple[str, str, str]]
"""Who names what: the subject, the kind of what it names, and its name."""


def _of_groups(tables: Tables) -> Named:
    for interface in tables.interfaces:
        yield interface.interface, "domain", interface.domain
    for member in tables.domain_members:
        yield member.group, "domain", member.domain
        yield member.group, "group", member.group
        if member.active_only_if_active:
            yield member.group, "group", member.active_only_if_active


def _of_services(tables: Tables) -> Named:
    for member in tables.group_members:
        yield member.service, "group", member.group
        yield member.service, "service", member.service
    for need in tables.dependencies:
        yield need.service, "service", need.service
        yield need.service, "service", need.needs
    for one in tables.services:
        if one.times is not None:
            yield one.name, "kind of times", one.times


def _without_group(tables: Tables) -> Told:
    there = {one.service for one in tables.group_members}
    for one in tables.services:
        if one.name not in there:
            yield one.name, "is a member of no group"


def _in_two_groups(tables: Tables) -> Told:
    groups: dict[str, list[str]] = {}
    for one in tables.group_members:
        groups.setdefault(one.service, []).append(one.group)
    for service, names in groups.items():
        if len(names) > 1:
            yield service, f"is a member of {', '.join(sorted(names))}"


def _without_time(tables: Tables) -> Told:
    for one in tables.times:
        for word in ("enable_s", "disable_s", "audit_s", "audit_every_s"):
            value = getattr(one, word)
            if value is not None and value <= 0:
                yield one.name, f"{word} is {value:g}"


def _apart(tables: Tables) -> Told:
    by_group = {one.group: one for one in tables.domain_members}
    for one in tables.dependencies:
        ends = [membership(tables, name) for name in (one.service, one.needs)]
        groups = [by_group.get(end.group) if end else None for end in ends]
        if groups[0] is None or groups[1] is None or _move_together(groups[0], groups[1]):
            continue
        yield one.service, f"needs {one.needs} of {groups[1].group}"


def _move_together(own: DomainMember, needed: DomainMember) -> bool:
    """Whether what is needed is active wherever the other group is."""
    if own.group == needed.group or needed.is_everywhere:
        return True
    if own.active_only_if_active == needed.group:
        return True
    return bool(own.aggregate) and own.aggregate == needed.aggregate


def _twice(tables: Tables) -> Told:
    for kind, names in (
        ("domain", [one.name for one in tables.domains]),
        ("group", [one.name for one in tables.groups]),
        ("service", [one.name for one in tables.services]),
        ("kind of times", [one.name for one in tables.times]),
    ):
        yield from _repeated(kind, names)


def _repeated(kind: str, names: Sequence[str]) -> Told:
    for name, count in Counter(names).items():
        if count > 1:
            yield name, f"{count} rows describe this {kind}"


def _budgets(tables: Tables) -> Told:
    for one in tables.services:
        budget = one.budget
        if budget is None:
            continue
        limits = (budget.deaths, budget.failed_actions, budget.failed_transitions)
        if min(limits) < 1 or budget.forgiven < 1 or budget.forgiven_each_s <= 0:
            yield one.name, f"found {budget}, expected every number above 0"


def _models(tables: Tables) -> Told:
    for one in tables.domain_members:
        stands_by = one.m_standby > 0
        if one.n_active < 1 or stands_by == (one.redundancy in {"N", "none"}):
            yield one.group, f"{one.redundancy} with {one.n_active} active, {one.m_standby} standby"


_CHECKS: Final[dict[str, Callable[[Tables], Told]]] = {
    "SM001": _circles,
    "SM002": _unknown,
    "SM003": _without_group,
    "SM004": _in_two_groups,
    "SM005": _without_time,
    "SM006": _apart,
    "SM007": _twice,
    "SM008": _budgets,
    "SM009": _models,
}

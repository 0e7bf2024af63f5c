"""What must have ended before what starts: laws 3, 4 and 7, for every order of ends."""

from collections.abc import Iterator
from dataclasses import dataclass

from insvc.catalog.entry import AvoidTogether, Before, Entry
from insvc.check.case import Case, named
from insvc.check.facts import HOST_ACTIONS, named_entry
from insvc.check.violation import Violation, broken
from insvc.model.words import Action, Role
from insvc.plan.plan import Step

_ALL = "*"
_OTHERS = ("", "others")
Key = tuple[str, str]
"""A name, and which of its steps: all of them, those on one host, or those in one state."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """Every step of one group must have ended before any step of the other starts."""

    first: Key
    then: Key
    law: int
    why: str


def check_precedence(case: Case) -> Iterator[Violation]:
    """Every gate that a rule of the catalog or a law puts between two groups of steps."""
    groups = _groups(case)
    gates = [gate for gate in _gates(case, groups) if gate.first in groups and gate.then in groups]
    tails = _tails(case, groups, {gate.first for gate in gates})
    names: list[str] = []
    masks: dict[Key, int] = {}
    for key, steps in tails.items():
        masks[key] = ((1 << len(steps)) - 1) << len(names)
        names += [step.id for step in steps]
    marks: dict[int, int] = {}
    for at, name in enumerate(names):
        marks[case.order.place[name]] = marks.get(case.order.place[name], 0) | 1 << at
    ended = case.order.ancestors(marks) if gates else []
    for gate in gates:
        mask = masks[gate.first]

        def missing(step: Step, mask: int = mask) -> int:
            node = case.node(step)
            return mask & ~ended[node] & ~marks.get(node, 0)

        early = [step for step in groups[gate.then] if missing(step)]
        if early:
            lowest = missing(early[0])
            yield _too_early(gate, early, names[(lowest & -lowest).bit_length() - 1])


def check_company(case: Case) -> Iterator[Violation]:
    """What carries the traffic goes alone (law 7); what must not meet does not (law 3)."""
    yield from _check_alone(case)
    yield from _check_avoided(case)


def _too_early(gate: Gate, early: list[Step], first: str) -> Violation:
    more = f" (so may {len(early) - 1} more)" if len(early) > 1 else ""
    return broken(
        gate.law,
        early[0].id,
        f"may start before {first} has ended{more}, but {gate.why}",
        first,
        early[0].id,
    )


def _groups(case: Case) -> dict[Key, list[Step]]:
    """Steps in service by entry, by entry and active host, by service and state."""
    groups: dict[Key, list[Step]] = {}
    for step in case.acts():
        if not case.in_lock(step):
            for key in _keys(case, step):
                groups.setdefault(key, []).append(step)
    for swact in _curing(case):
        for key in dict.fromkeys(_cured_keys(case, swact)):
            groups.setdefault(key, []).append(swact)
    return groups


def _keys(case: Case, step: Step) -> Iterator[Key]:
    entry = case.facts.entries.get(step.service)
    if entry is None:
        return
    yield from ((entry.name, _ALL), (step.service, _state(case, step)))
    if case.may_be_active(step):
        yield entry.name, step.host
    if entry.name not in case.carriers:
        yield _OTHERS


def _curing(case: Case) -> list[Step]:
    """Swacts that start stale services afresh: for those they are what a restart would be."""
    return [one for one in case.steps if one.action is Action.SWACT and one.cures]


def _cured_keys(case: Case, swact: Step) -> Iterator[Key]:
    """What carries the traffic is no reason for a swact to be last: it moves that in any case."""
    for service in swact.cures:
        entry = case.facts.entries.get(service)
        if entry is not None and entry.name not in case.carriers:
            yield from ((entry.name, _ALL), (service, f"#{Role.ACTIVE}"))
            yield from ((entry.name, swact.host), _OTHERS)


def _state(case: Case, step: Step) -> str:
    """What its member was: down, or up on a host of some role."""
    if not case.facts.is_up(step.host, step.service):
        standby = case.facts.seen[step.host].role is Role.STANDBY
        return "#down-standby" if standby else "#down"
    return f"#{case.facts.seen[step.host].role or 'none'}"


def _gates(case: Case, groups: dict[Key, list[Step]]) -> Iterator[Gate]:
    for name, entry in case.facts.named.items():
        if (name, _ALL) in groups:
            yield from _entry_gates(case, entry, groups)
    services = dict.fromkeys(name for name, kind in groups if kind.startswith("#"))
    for service in services:
        yield from _turn_gates(service)


def _entry_gates(case: Case, entry: Entry, groups: dict[Key, list[Step]]) -> Iterator[Gate]:
    everything = (entry.name, _ALL)
    carries = entry.name in case.carriers
    if carries:
        why = f"{entry.name} carries the traffic and goes last (law 7)"
        yield Gate(first=_OTHERS, then=everything, law=7, why=why)
    for name in sorted(case.facts.needs[entry.name]):
        if carries or name not in case.carriers:
            why = f"{entry.name} depends on {name} (law 3)"
            yield Gate(first=(name, _ALL), then=everything, law=3, why=why)
    for rule in entry.special_handling:
        if isinstance(rule, Before):
            for other in _others(case, entry, rule.entries):
                yield from _before_gates(case, entry, other, rule, groups)


def _before_gates(
    case: Case, entry: Entry, other: Entry, rule: Before, groups: dict[Key, list[Step]]
) -> Iterator[Gate]:
    if rule.where == "everywhere":
        why = f"{entry.name} goes before {other.name} (law 3)"
        yield Gate(first=(entry.name, _ALL), then=(other.name, _ALL), law=3, why=why)
        return
    for name, host in list(groups):
        if name == entry.name and host in case.facts.hosts:
            why = f"{entry.name} goes before {other.name} on the active controller (law 3)"
            yield Gate(first=(name, host), then=(other.name, host), law=3, why=why)


def _turn_gates(service: str) -> Iterator[Gate]:
    """Between the members of one service: what is down comes back first, standby before active."""
    standby_first = f"{service} is restarted on the standby before the active host (law 4)"
    for first in ("#standby", "#down-standby"):
        yield Gate(first=(service, first), then=(service, "#active"), law=4, why=standby_first)
    down_first = f"{service} must be up again where it was down before others go down (law 2)"
    for first in ("#down", "#down-standby"):
        for then in ("#active", "#standby", "#none"):
            yield Gate(first=(service, first), then=(service, then), law=2, why=down_first)


def _tails(case: Case, groups: dict[Key, list[Step]], wanted: set[Key]) -> dict[Key, list[Step]]:
    """Those of each group that no other of it waits for: to wait for them is to wait for all."""
    keys = [key for key in groups if key in wanted]
    marks: dict[int, int] = {}
    for at, key in enumerate(keys):
        for step in groups[key]:
            marks[case.node(step)] = marks.get(case.node(step), 0) | 1 << at
    followed = case.order.descendants(marks) if keys else []
    return {
        key: [step for step in groups[key] if not followed[case.node(step)] >> at & 1]
        for at, key in enumerate(keys)
    }


def _others(case: Case, entry: Entry, names: tuple[str, ...]) -> list[Entry]:
    found = (named_entry(case.facts.catalog, name) for name in names)
    return [one for one in found if one is not None and one.name != entry.name]


def _check_alone(case: Case) -> Iterator[Violation]:
    carriers = [step for step in case.acts() if case.carries(step)]
    others = [
        step
        for step in case.steps
        if step.action in HOST_ACTIONS or case.in_lock(step) or case.carries(step)
    ]
    for step, beside in _meetings(case, carriers, others):
        yield broken(
            7,
            step.id,
            f"carries the traffic and may be under way together with {named(beside)}: neither "
            "waits for the other, but it goes alone, one side at a time (law 7)",
            step.id,
            *beside,
        )


def _check_avoided(case: Case) -> Iterator[Violation]:
    acts = [*case.acts(), *_curing(case)]
    for entry in case.facts.catalog.entries:
        for rule in entry.special_handling:
            if not isinstance(rule, AvoidTogether):
                continue
            names = {one.name for one in _others(case, entry, rule.entries)}
            own = [step for step in acts if _is_of(case, step, {entry.name})]
            on_active = [
                step for step in acts if _is_of(case, step, names) and case.may_be_active(step)
            ]
            for step, beside in _meetings(case, own, on_active):
                yield broken(
                    3,
                    step.id,
                    f"may be under way together with {named(beside)} on the active controller: "
                    f"neither waits for the other, but {entry.name} avoids them (law 3)",
                    step.id,
                    *beside,
                )


def _is_of(case: Case, step: Step, names: set[str]) -> bool:
    services = step.cures or (step.service,)
    entries = (case.facts.entries.get(service) for service in services)
    return any(entry is not None and entry.name in names for entry in entries)


def _meetings(
    case: Case, steps: list[Step], others: list[Step]
) -> Iterator[tuple[Step, list[str]]]:
    """Each step that may be under way together with others, and with which."""
    if not steps or not others:
        return
    marks = {case.node(one): 1 << at for at, one in enumerate(others)}
    before, after = case.order.ancestors(marks), case.order.descendants(marks)
    for step in steps:
        node = case.node(step)
        ordered = before[node] | after[node] | marks.get(node, 0)
        beside = [one.id for at, one in enumerate(others) if not ordered >> at & 1]
        if beside:
            yield step, beside

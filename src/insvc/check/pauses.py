"""Pauses, for every order of ends: what was worked on keeps its place for a while (law 11).

A pause is guaranteed by order alone: a step starts no sooner than its `soak_s` after the last end
that it waits for, so pauses along a chain of waits add up, and how long steps take is no matter.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from insvc.check.capacity import too_many
from insvc.check.case import Case, named
from insvc.check.crowd import Undecided
from insvc.check.holdings import Holding, busy_by_host, holdings_by_service
from insvc.check.loads import is_taken_in_turns, without_handed_on
from insvc.check.pools import allowed, make_pools
from insvc.check.violation import Violation, broken, undecided
from insvc.model.words import Action, Personality

_ROUNDED_S = 0.002


@dataclass(frozen=True, kw_only=True, slots=True)
class Resting:
    """Places that rest after they were used.

    Attributes:
        subject: a service or a personality.
        held: what the steps hold, those that begin first before the others.
        room: how many hosts may hold a place at once, resting ones included.
        pause_s: how long a place rests between two hosts.
        why: by which rule there are no more places.
        of_hosts: they are slots of hosts, which pass them on; else members of a service.
    """

    subject: str
    held: tuple[Holding, ...]
    room: int
    pause_s: float
    why: str
    of_hosts: bool = False


def check_pauses(case: Case) -> Iterator[Violation]:
    """Law 11: no place is used again before its pause is over, whenever steps end."""
    told: set[tuple[str, str]] = set()
    for resting in find_resting(case):
        if (resting.subject, resting.why) in told or _is_passed_on(case, resting):
            continue
        try:
            at_once = _too_soon(case, resting)
        except Undecided:
            rule = f"{resting.why}, and a place rests for {resting.pause_s:g} s (law 11)"
            yield undecided(11, resting.subject, rule)
            continue
        if at_once:
            told.add((resting.subject, resting.why))
            yield tell_hurry(resting, at_once)
    yield from _check_turns(case)


def _too_soon(case: Case, resting: Resting) -> list[Holding]:
    """Holdings on more hosts than have places, less than a pause apart."""
    if resting.of_hosts:
        held = without_handed_on(case, resting.held, _soaks_s(case))
        resting = replace(resting, held=tuple(held))
    with suppress(Undecided):
        if not too_many(resting.held, _quick_rows(case, resting), resting.room):
            return []
    return too_many(resting.held, _exact_rows(case, resting), resting.room)


def find_resting(case: Case) -> Iterator[Resting]:
    """Every kind of place for which the policy wants pauses."""
    policy = case.policy
    if policy.soak_s or policy.soak_s_of:
        held = {
            service: holdings
            for service, holdings in holdings_by_service(case).items()
            if policy.soak_s_of.get(service, policy.soak_s) > 0
        }
        for pool in make_pools(case, held):
            pause_s = policy.soak_s_of.get(pool.service, policy.soak_s)
            yield Resting(
                subject=pool.service,
                held=pool.held,
                room=pool.room,
                pause_s=pause_s,
                why=pool.why,
            )
    for kind, limit in policy.parallel_hosts.items():
        pause_s = policy.soak_s_of.get(kind, 0.0)
        if pause_s > 0:
            personality, absent = Personality(kind), case.facts.absent
            alike = [one for one in case.facts.hosts.values() if one.serves_as(personality)]
            names = {one.name for one in alike}
            busy = (held for host, held in busy_by_host(case).items() if host in names)
            held_by = sorted((one for held in busy for one in held), key=_begin)
            most = allowed(limit, len(alike) + absent.hosts(personality))
            for load in absent.busy(personality):
                yield Resting(
                    subject=kind,
                    held=tuple(one for one in held_by if one.step not in load.apart),
                    room=most - load.busy,
                    pause_s=pause_s,
                    why=f"the policy allows {most} {kind} hosts at once",
                    of_hosts=True,
                )


def tell_hurry(resting: Resting, at_once: Sequence[Holding]) -> Violation:
    """More places are used within one pause than there are."""
    names = [f"{one.step} on {one.host}" for one in at_once]
    why = (
        f"{named(names)} may be less than {resting.pause_s:g} s apart: no pause that long lies "
        f"between them, but {resting.why}, and a place rests for {resting.pause_s:g} s (law 11)"
    )
    return broken(11, resting.subject, why, *(one.step for one in at_once))


def _check_turns(case: Case) -> Iterator[Violation]:
    """Between two locked hosts of one personality of which one waits for the other."""
    for kind in Personality:
        pause_s = case.policy.soak_s_of.get(kind, 0.0)
        turns = list(_turns(case, kind)) if pause_s > 0 else []
        soaks_s = _soaks_s(case) if turns else []
        for first in turns:
            pauses_s = case.order.pauses_s(first.last or 0, soaks_s)
            for then in turns:
                found_s = pauses_s.get(then.first or 0)
                if then is not first and found_s is not None and found_s + _ROUNDED_S < pause_s:
                    why = (
                        f"may start {found_s:g} s after {first.host} is unlocked, but between two "
                        f"locked {kind} hosts the policy wants {pause_s:g} s (law 11)"
                    )
                    yield broken(11, then.step, why, first.step, then.step)


def _turns(case: Case, kind: Personality) -> Iterator[Holding]:
    for (action, host), lock in case.host_steps.items():
        unlock = case.host_step(Action.UNLOCK, host)
        if action is Action.LOCK and unlock and case.facts.hosts[host].serves_as(kind):
            yield Holding(step=lock.id, host=host, first=case.node(lock), last=case.node(unlock))


def _soaks_s(case: Case) -> list[float]:
    by_id = {one.id: one.soak_s for one in case.steps}
    return [by_id.get(name, 0.0) for name in case.order.ids]


def _is_passed_on(case: Case, resting: Resting) -> bool:
    """Whether places are seen at a glance to rest between their users; no proves nothing."""
    soaks_s = _soaks_s(case)
    if resting.of_hosts:
        rests = [one + _ROUNDED_S >= resting.pause_s for one in soaks_s]

        def precedes(first: int, then: int) -> bool:
            return case.order.precedes_with_rest(first, then, rests)

        return is_taken_in_turns(case, resting.held, resting.room, precedes)
    ends: list[int | None] = []
    for holding in resting.held:
        near = (
            frozenset() if holding.first is None else _near(case, holding.first, soaks_s, resting)
        )
        lane = next((at for at, end in enumerate(ends) if end in near), None)
        if lane is not None:
            ends[lane] = holding.last
        elif len(ends) < resting.room:
            ends.append(holding.last)
        else:
            return False
    return True


def _near(case: Case, node: int, soaks_s: Sequence[float], resting: Resting) -> frozenset[int]:
    if soaks_s[node] + _ROUNDED_S >= resting.pause_s:
        return case.order.near(node)
    rested = [one for one in case.order.after[node] if soaks_s[one] + _ROUNDED_S >= resting.pause_s]
    return frozenset(before for one in rested for before in case.order.after[one])


def _quick_rows(case: Case, resting: Resting) -> list[int]:
    """Who has ended so long before whom, where one step of the chain rests long enough alone."""
    marks: dict[int, int] = {}
    for at, holding in enumerate(resting.held):
        if holding.last is not None:
            marks[holding.last] = marks.get(holding.last, 0) | 1 << at
    rests = [one + _ROUNDED_S >= resting.pause_s for one in _soaks_s(case)]
    strict, rested = case.order.rested(marks, rests)
    beside = _beside(resting)
    return [
        0 if one.first is None else rested[one.first] | strict[one.first] & beside[one.host]
        for one in resting.held
    ]


def _exact_rows(case: Case, resting: Resting) -> list[int]:
    """The same with all pauses of a chain added up."""
    soaks_s = _soaks_s(case)
    rows = [0] * len(resting.held)
    for at, first in enumerate(resting.held):
        if first.last is None:
            continue
        pauses_s = case.order.pauses_s(first.last, soaks_s)
        del pauses_s[first.last]
        for other, then in enumerate(resting.held):
            found_s = None if then.first is None else pauses_s.get(then.first)
            same = then.host == first.host
            if found_s is not None and (same or found_s + _ROUNDED_S >= resting.pause_s):
                rows[other] |= 1 << at
    return rows


def _beside(resting: Resting) -> dict[str, int]:
    """What is held on the same host: it needs no pause."""
    found: dict[str, int] = {}
    for at, holding in enumerate(resting.held):
        found[holding.host] = found.get(holding.host, 0) | 1 << at
    return found


def _begin(holding: Holding) -> int:
    return -1 if holding.first is None else holding.first

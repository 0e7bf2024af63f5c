"""How much goes on at once: on one host, and on hosts of one kind (laws 5 and 11)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from insvc.check.absent import Load, beside
from insvc.check.antichain import widest
from insvc.check.capacity import is_chained, too_many
from insvc.check.case import Case, named
from insvc.check.crowd import Undecided
from insvc.check.holdings import Holding, busy_by_host, relate
from insvc.check.pools import allowed
from insvc.check.violation import Violation, broken, undecided
from insvc.model.words import Personality


def check_hosts(case: Case) -> Iterator[Violation]:
    """Law 11: no more steps at once on one host than the policy allows."""
    room = case.policy.parallel_services
    busy = busy_by_host(case)
    groups = {host: held for host, held in busy.items() if not is_chained(case, held, room)}
    for host, rows in zip(groups, relate(case, list(groups.values())), strict=True):
        steps = [groups[host][at].step for at in widest(rows, room)]
        if steps:
            why = (
                f"{named(steps)} may be under way together: neither waits for the other, but the "
                f"policy allows {room} at once on one host (law 11)"
            )
            yield broken(11, host, why, *steps)


def check_kinds(case: Case) -> Iterator[Violation]:
    """Law 5: no more hosts of one personality at once than the policy allows."""
    for kind, limit in case.policy.parallel_hosts.items():
        personality, absent = Personality(kind), case.facts.absent
        alike = [one for one in case.facts.hosts.values() if one.serves_as(personality)]
        most = allowed(limit, len(alike) + absent.hosts(personality))
        busy = sorted(_busy_of(case, kind), key=lambda one: one.first or 0)
        told = (_too_busy(case, kind, busy, most, load) for load in absent.busy(personality))
        yield from islice(filter(None, told), 1)


def _too_busy(
    case: Case, kind: str, busy: Sequence[Holding], most: int, load: Load
) -> Violation | None:
    """More hosts of the kind that may be worked on together than so many, if there are."""
    held = [one for one in busy if one.step not in load.apart]
    room = most - load.busy
    if is_taken_in_turns(case, held, room, case.order.precedes):
        return None
    held = without_handed_on(case, held)
    allows = f"the policy allows {most} {kind} hosts at once{beside(load.busy)} (law 5)"
    try:
        at_once = too_many(held, next(relate(case, [held])), room)
    except Undecided:
        return undecided(5, kind, allows)
    if not at_once:
        return None
    hosts = [one.host for one in at_once]
    why = f"{named(hosts)} may be worked on together: neither waits for the other, but {allows}"
    return broken(5, kind, why, *(one.step for one in at_once))


def without_handed_on(
    case: Case, busy: Sequence[Holding], soaks_s: Sequence[float] = ()
) -> list[Holding]:
    """Steps without those that a step of the same host follows which waits for nothing else.

    Whatever may come together with the one may come together with the follower: a host counts once.

    Args:
        case: what is judged.
        busy: steps as holdings of their hosts.
        soaks_s: for each node the pause before it, if pauses count: then only one without follows.
    """
    hosts = {one.first: one.host for one in busy}
    handed_on: set[int] = set()
    for node, host in hosts.items():
        befores = () if node is None else case.order.after[node]
        is_paused = bool(soaks_s) and node is not None and soaks_s[node] > 0
        if len(befores) == 1 and hosts.get(befores[0]) == host and not is_paused:
            handed_on.add(befores[0])
    return [one for one in busy if one.first not in handed_on]


@dataclass(slots=True)
class _Slot:
    """The right to work on one host: who has it, its last steps, and those of the host before."""

    host: str
    ends: list[int]
    former: list[int] = field(default_factory=list)


def _busy_of(case: Case, kind: str) -> Iterator[Holding]:
    personality = Personality(kind)
    for host, held in busy_by_host(case).items():
        if case.facts.hosts[host].serves_as(personality):
            yield from held


def is_taken_in_turns(
    case: Case, busy: Sequence[Holding], room: int, precedes: Callable[[int, int], bool]
) -> bool:
    """Whether hosts pass so many slots on from one to the next; to answer no proves nothing.

    Args:
        case: what is judged.
        busy: the steps of all hosts, those that begin first before the others.
        room: how many slots there are.
        precedes: whether a slot may pass on after one node, to another.
    """
    slots: list[_Slot] = []
    for holding in busy:
        node = holding.first or 0
        slot = _slot_for(case, slots, holding.host, node, precedes)
        if slot is not None:
            near = case.order.near(node)
            slot.ends = [*(end for end in slot.ends if end not in near), node]
        elif len(slots) < room:
            slots.append(_Slot(host=holding.host, ends=[node]))
        else:
            return False
    return True


def _slot_for(
    case: Case, slots: list[_Slot], host: str, node: int, precedes: Callable[[int, int], bool]
) -> _Slot | None:
    """The slot that the host has, or one that it may take over."""

    def waits(befores: list[int]) -> bool:
        return all(precedes(one, node) for one in befores)

    own = (one for one in slots if one.host == host and waits(one.former))
    found = next(own, None)
    if found is not None:
        return found
    direct = set(case.order.after[node])
    by_name = sorted(slots, key=lambda one: not direct.issuperset(one.ends))
    for slot in by_name:
        if waits(slot.ends):
            slot.former, slot.ends, slot.host = slot.ends, [], host
            return slot
    return None

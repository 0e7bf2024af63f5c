"""What is done before a swact and what after it, so that every gate between entries is kept.

A swact starts what it cures afresh: gates lead to it and from it. What belongs to the standby comes
before, what is left on the host that gives activity up and what carries the traffic after.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from insvc.model.words import Action
from insvc.plan.needs import Need
from insvc.plan.precedence import Gate, Precedence, Scope, order_entries
from insvc.plan.view import View


class _Part(StrEnum):
    """Needs of one entry that share a fate."""

    CURED = "cured"
    TAKER = "taker"
    GIVER = "giver"
    REVIVED = "revived"
    OTHERS = "others"


_Node = tuple[str, _Part]
"""An entry's name, and which of its needs."""

_ON_ACTIVE = frozenset({_Part.CURED, _Part.GIVER, _Part.REVIVED})
_FROM_ACTIVE = frozenset({Scope.FROM_ACTIVE, Scope.SAME_HOST})
_ONTO_ACTIVE = frozenset({Scope.ONTO_ACTIVE, Scope.SAME_HOST})


@dataclass(frozen=True, kw_only=True, slots=True)
class Halves:
    """The needs before a swact, and those after it."""

    first: tuple[Need, ...]
    then: tuple[Need, ...]


def halve(
    view: View,
    needs: Sequence[Need],
    cured: Collection[str],
    host: str,
    to_host: str,
    carriers: Collection[str],
    locked: Collection[str],
) -> Halves | str:
    """Divide the needs, or tell the entry whose place allows no swact between them.

    Args:
        view: what was seen.
        needs: all of them.
        cured: ids of those that the swact cures.
        host: gives activity up.
        to_host: takes it over.
        carriers: what carries insvc's own traffic, beside what has a rule.
        locked: hosts that are locked at the end: their needs come after everything.
    """
    acts = [one for one in needs if one.action is not Action.NEXT_RUN and one.host not in locked]
    node_of = {one.id: (one.entry.name, _part(one, cured, host, to_host)) for one in acts}
    nodes = set(node_of.values())
    precedence = order_entries(view, acts, carriers)
    follows = _edges(nodes, precedence)
    precedes = _turned(follows)
    taker = {node for node in nodes if node[1] is _Part.TAKER}
    moved = {node for node in nodes if node[1] is _Part.CURED}
    last = {node for node in nodes if node[0] in precedence.last} - moved
    before = _reach(taker | moved, precedes) - moved
    after = _reach(moved | last, follows) - moved
    if before & after:
        return min(before & after)[0]
    left = {node for node in nodes if node[1] is _Part.GIVER} - before
    after |= _reach(left, follows) - moved
    first: list[Need] = []
    then: list[Need] = []
    for one in needs:
        if one.id not in cured:
            (then if _is_late(one, node_of, after, locked) else first).append(one)
    return Halves(first=tuple(first), then=tuple(then))


def _is_late(
    need: Need, node_of: dict[str, _Node], after: Collection[_Node], locked: Collection[str]
) -> bool:
    return need.action is not Action.NEXT_RUN and (need.host in locked or node_of[need.id] in after)


def _part(need: Need, cured: Collection[str], host: str, to_host: str) -> _Part:
    if need.id in cured:
        return _Part.CURED
    if need.host == to_host:
        return _Part.TAKER
    if need.revives:
        return _Part.REVIVED
    return _Part.GIVER if need.host == host else _Part.OTHERS


def _edges(nodes: Collection[_Node], precedence: Precedence) -> dict[_Node, set[_Node]]:
    by_entry: dict[str, list[_Node]] = {}
    for node in nodes:
        by_entry.setdefault(node[0], []).append(node)
    follows: dict[_Node, set[_Node]] = {node: set() for node in nodes}
    for gate in precedence.gates:
        thens = set(_at(by_entry.get(gate.then, ()), gate, _ONTO_ACTIVE))
        for node in _at(by_entry.get(gate.first, ()), gate, _FROM_ACTIVE):
            follows[node] |= thens
    for entry, its in by_entry.items():
        # What is down comes back before any other member goes down (law 2).
        if (entry, _Part.REVIVED) in follows:
            follows[entry, _Part.REVIVED] |= set(its) - {(entry, _Part.REVIVED)}
    return follows


def _at(nodes: Iterable[_Node], gate: Gate, narrow: Collection[Scope]) -> Iterator[_Node]:
    for node in nodes:
        if gate.scope not in narrow or node[1] in _ON_ACTIVE:
            yield node


def _turned(follows: dict[_Node, set[_Node]]) -> dict[_Node, set[_Node]]:
    turned: dict[_Node, set[_Node]] = {node: set() for node in follows}
    for node, others in follows.items():
        for other in others:
            turned[other].add(node)
    return turned


def _reach(start: Iterable[_Node], edges: dict[_Node, set[_Node]]) -> set[_Node]:
    """The nodes and everything that edges lead to from them."""
    found: set[_Node] = set()
    waiting = list(start)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += edges[node] - found
    return found

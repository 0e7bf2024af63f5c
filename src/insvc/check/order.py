"""Which steps precede which, from `after` alone: times are estimates and prove nothing.

Nodes are numbered so that whatever precedes a node has a smaller number. Sets of nodes are the bits
of an integer, so that one pass over the edges answers a question for thousands of nodes at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A partial order of steps.

    Attributes:
        ids: the step of each node; empty for a node that is no step.
        place: the node of each step, by id.
        after: the nodes that each node waits for directly.
    """

    ids: tuple[str, ...]
    place: dict[str, int]
    after: tuple[tuple[int, ...], ...]

    def ancestors(self, marks: Mapping[int, int]) -> list[int]:
        """For each node, the marks of all nodes that precede it, joined."""
        strict: list[int] = []
        whole: list[int] = []
        for node, befores in enumerate(self.after):
            found = 0
            for before in befores:
                found |= whole[before]
            strict.append(found)
            whole.append(found | marks.get(node, 0))
        return strict

    def descendants(self, marks: Mapping[int, int]) -> list[int]:
        """For each node, the marks of all nodes that it precedes, joined."""
        strict = [0] * len(self.after)
        for node in range(len(self.after) - 1, -1, -1):
            whole = strict[node] | marks.get(node, 0)
            if whole:
                for before in self.after[node]:
                    strict[before] |= whole
        return strict

    def rested(
        self, marks: Mapping[int, int], rests: Sequence[bool]
    ) -> tuple[list[int], list[int]]:
        """For each node, the marks of all that precede it, and of those a rest away from it.

        Args:
            marks: by node.
            rests: for each node, whether it rests between the last end it waits for and its start.
        """
        strict = self.ancestors(marks)
        rested: list[int] = []
        for node, befores in enumerate(self.after):
            found = strict[node]
            if not rests[node]:
                found = 0
                for before in befores:
                    found |= rested[before]
            rested.append(found)
        return strict, rested

    def pauses_s(self, start: int, soaks_s: Sequence[float]) -> dict[int, float]:
        """How long after the end of a node each one that follows it starts, at the least.

        Args:
            start: the node; every step may end as soon as it starts.
            soaks_s: for each node, its pause after the last of those it waits for.
        """
        pauses_s = {start: 0.0}
        for node in range(start + 1, len(self.after)):
            known = [pauses_s[one] for one in self.after[node] if one in pauses_s]
            if known:
                pauses_s[node] = max(known) + soaks_s[node]
        return pauses_s

    def near(self, node: int) -> frozenset[int]:
        """Nodes that it waits for directly or through one other: enough for most proofs."""
        direct = self.after[node]
        found = set(direct)
        if len(direct) <= _FEW:
            for before in direct:
                found.update(self.after[before])
        return frozenset(found)

    def precedes(self, first: int, then: int) -> bool:
        """Whether one node must have ended before the other starts."""
        waiting, known = [then], {then}
        while waiting:
            for before in self.after[waiting.pop()]:
                if before == first:
                    return True
                if before > first and before not in known:
                    known.add(before)
                    waiting.append(before)
        return False

    def precedes_with_rest(self, first: int, then: int, rests: Sequence[bool]) -> bool:
        """Whether one node ends before the other starts, and a node on the way rests.

        Args:
            first: a node.
            then: another.
            rests: for each node, whether it rests between the last end it waits for and its start.
        """
        waiting = [(then, rests[then])]
        known = set(waiting)
        while waiting:
            node, rested = waiting.pop()
            for before in self.after[node]:
                if before == first and rested:
                    return True
                state = (before, rested or rests[before])
                if before > first and state not in known:
                    known.add(state)
                    waiting.append(state)
        return False


_FEW = 16


def make_order(after: Mapping[str, Sequence[str]]) -> tuple[Order | None, tuple[str, ...]]:
    """The order in which each step waits for the steps named.

    Args:
        after: by step id, the ids of the steps it waits for; all of them must be keys.

    Returns:
        the order; or nothing, and the ids of the steps that wait for one another for ever.
    """
    left = {name: len(set(befores)) for name, befores in after.items()}
    followers: dict[str, list[str]] = {name: [] for name in after}
    for name, befores in after.items():
        for before in set(befores):
            followers[before].append(name)
    ready = [name for name, count in left.items() if count == 0]
    for name in ready:
        for follower in followers[name]:
            left[follower] -= 1
            if left[follower] == 0:
                ready.append(follower)
    if len(ready) < len(left):
        return None, tuple(sorted(name for name, count in left.items() if count))
    place = {name: node for node, name in enumerate(ready)}
    nodes = tuple(tuple({place[before] for before in after[name]}) for name in ready)
    return Order(ids=tuple(ready), place=place, after=nodes), ()

"""How many members of a partial order may be under way at once: its largest antichain, exactly.

By Dilworth's theorem that is the least number of chains that cover it; the chains come from a
largest matching between members and their successors, the antichain from König's theorem.
"""

from collections.abc import Iterator, Sequence


def widest(rows: Sequence[int], limit: int) -> tuple[int, ...]:
    """Members of which no two are ordered, if there are more than `limit` of them.

    Args:
        rows: for each member, as bits, the members that precede it; those have smaller numbers.
        limit: how many may be under way at once.

    Returns:
        a largest such set, or nothing where none is larger than the limit.
    """
    chains = _Chains(rows)
    return chains.antichain() if chains.shrink_to(limit) > limit else ()


class _Chains:
    """A cover by chains: who follows whom."""

    def __init__(self, rows: Sequence[int]) -> None:
        self._rows = rows
        self._next: list[int | None] = [None] * len(rows)
        self._previous: list[int | None] = [None] * len(rows)
        ends = 0
        for member, row in enumerate(rows):
            free = row & ends
            if free:
                latest = free.bit_length() - 1
                self._link(latest, member)
                ends ^= 1 << latest
            ends |= 1 << member

    def shrink_to(self, limit: int) -> int:
        """Join chains until there are at most so many, or no fewer are possible."""
        heads = [member for member, before in enumerate(self._previous) if before is None]
        count = len(heads)
        for head in heads:
            if count <= limit:
                break
            count -= self._augment(head)
        return count

    def antichain(self) -> tuple[int, ...]:
        """One member of each chain, none of which precedes another; the cover must be least."""
        heads = [member for member, before in enumerate(self._previous) if before is None]
        later, earlier = set(heads), 0
        for member in heads:
            waiting = [member]
            while waiting:
                row = self._rows[waiting.pop()] & ~earlier
                earlier |= row
                fresh = [one for one in map(self._next.__getitem__, _bits(row)) if one is not None]
                later.update(fresh)
                waiting += fresh
        return tuple(one for one in sorted(later) if not earlier >> one & 1)

    def _augment(self, head: int) -> bool:
        """Find another chain whose end, after exchanges, may precede this head."""
        found_by: dict[int, int] = {}
        seen = 0
        waiting = [head]
        for member in waiting:
            for before in _bits(self._rows[member] & ~seen):
                seen |= 1 << before
                found_by[before] = member
                after = self._next[before]
                if after is None:
                    self._exchange(before, found_by)
                    return True
                waiting.append(after)
        return False

    def _exchange(self, end: int, found_by: dict[int, int]) -> None:
        before: int | None = end
        while before is not None:
            member = found_by[before]
            former = self._previous[member]
            self._link(before, member)
            before = former

    def _link(self, before: int, member: int) -> None:
        self._next[before] = member
        self._previous[member] = before


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low

"""How many members of a partial order may be under way at once: its largest antichain, exactly.

By Dilworth's theorem that is the least number of chains that cover it; the chains come from a
largest matching between members and their successors, the antichain from König's theorem.
"""

from collections.abc import Iterator, Sequence


def widest(rows: Sequence[int], limit: int, among: int = -1) -> tuple[int, ...]:
    """Members of which no two are ordered, if there are more than `limit` of them.

    Args:
        rows: for each member, as bits, the members that precede it; those have smaller numbers.
        limit: how many may be under way at once.
        among: the members that count, as bits; all of them by default.

    Returns:
        a largest such set, or nothing where none is larger than the limit.
    """
    chains = _Chains(rows, among)
    return chains.antichain() if chains.shrink_to(limit) > limit else ()


class _Chains:
    """A cover by chains: who follows whom."""

    def __init__(self, rows: Sequence[int], among: int) -> None:
        chosen = among & ((1 << len(rows)) - 1)
        self._rows = rows if among < 0 else [row & chosen for row in rows]
        self._members = range(len(rows)) if among < 0 else list(bits(chosen))
        self._next: list[int | None] = [None] * len(rows)
        self._previous: list[int | None] = [None] * len(rows)
        ends = 0
        for member in self._members:
            free = self._rows[member] & ends
            if free:
                latest = free.bit_length() - 1
                self._link(latest, member)
                ends ^= 1 << latest
            ends |= 1 << member

    def shrink_to(self, limit: int) -> int:
        """Join chains until there are at most so many, or no fewer are possible."""
        heads = self._heads()
        count = len(heads)
        barren = 0
        for head in heads:
            if count <= limit:
                break
            tried = self._augment(head, barren)
            if tried is None:
                count -= 1
            else:
                # What led to no end once never will: later exchanges do not touch it.
                barren = tried
        return count

    def antichain(self) -> tuple[int, ...]:
        """One member of each chain, none of which precedes another; the cover must be least."""
        heads = self._heads()
        later, earlier = set(heads), 0
        for member in heads:
            waiting = [member]
            while waiting:
                row = self._rows[waiting.pop()] & ~earlier
                earlier |= row
                fresh = [one for one in map(self._next.__getitem__, bits(row)) if one is not None]
                later.update(fresh)
                waiting += fresh
        return tuple(one for one in sorted(later) if not earlier >> one & 1)

    def _heads(self) -> list[int]:
        return [member for member in self._members if self._previous[member] is None]

    def _augment(self, head: int, barren: int) -> int | None:
        """Find another chain whose end, after exchanges, may precede this head.

        Returns:
            nothing where there is one; else what was tried in vain, as bits, `barren` included.
        """
        found_by: dict[int, int] = {}
        seen = barren
        waiting = [head]
        for member in waiting:
            for before in bits(self._rows[member] & ~seen):
                seen |= 1 << before
                found_by[before] = member
                after = self._next[before]
                if after is None:
                    self._exchange(before, found_by)
                    return None
                waiting.append(after)
        return seen

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


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def transpose(rows: Sequence[int]) -> list[int]:
    """For each member, as bits, those in whose rows it is: a square is turned, half by half."""
    size = 1 << max(0, len(rows) - 1).bit_length()
    turned = [*rows, *[0] * (size - len(rows))]
    width = size // 2
    while width:
        mask = ((1 << width) - 1) * (((1 << size) - 1) // ((1 << 2 * width) - 1))
        for at in range(size):
            if at & width:
                continue
            swapped = (turned[at] >> width ^ turned[at | width]) & mask
            turned[at] ^= swapped << width
            turned[at | width] ^= swapped
        width //= 2
    return turned[: len(rows)]

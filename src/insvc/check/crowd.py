"""On how many hosts holdings may come together: of those on one host no more than one counts.

To find the largest such set is as hard as satisfiability (three holdings a host are enough), so the
search has a budget of work. Two proofs need no search and settle what plans look like:

* A holding is needless if another of its host may come with whatever it may come with. Where hosts
  hand their places on as a whole, one holding of each host is left.
* Holdings of a host that are not in a row are joined: one join precedes another if all of the one
  precede all of the other. No set is larger than the largest one of joins.
"""

from collections.abc import Iterator, Sequence

from insvc.check.antichain import bits, transpose, widest

WORK = 100_000
"""How many holdings the search for one answer may look at before it gives up."""
LOOKS = 20
"""How often it may look at each of them, where that is more."""


class Undecided(Exception):
    """The work allowed did not suffice; nothing is known then."""


class Crowd:
    """Holdings of hosts, in a partial order, and what is left of the work allowed.

    Its method `meet` raises `Undecided` when no work is left.
    """

    def __init__(self, hosts: Sequence[str], rows: Sequence[int], work: int | None = None) -> None:
        """The host of each holding, and as bits those that have ended before it begins.

        The work allowed is counted in holdings looked at; None stands for what suffices for plans.
        """
        self._rows = rows
        self._hosts = hosts
        self._work = max(WORK, LOOKS * len(rows)) if work is None else work
        self._mates: dict[str, int] = {}
        for at, host in enumerate(hosts):
            self._mates[host] = self._mates.get(host, 0) | 1 << at
        self._followers = transpose(rows)

    @property
    def everybody(self) -> int:
        """All holdings, as bits."""
        return (1 << len(self._rows)) - 1

    def beside(self, at: int) -> int:
        """Holdings of other hosts that may come together with this one, as bits."""
        apart = self._rows[at] | self._followers[at] | self._mates[self._hosts[at]]
        return self.everybody & ~apart

    def meet(self, among: int, room: int) -> list[int]:
        """Holdings of more than `room` hosts that may come together; empty where there are none.

        Args:
            among: the holdings that may be chosen, as bits.
            room: how many hosts may be held at once.

        Raises:
            Undecided: no work is left.
        """
        waiting: list[tuple[int, tuple[int, ...]]] = [(among, ())]
        while waiting:
            left, chosen = waiting.pop()
            found, doubtful = self._look(left, room - len(chosen))
            if found:
                return [*chosen, *found]
            if doubtful is not None:
                # Tried with it first, so that what may come together is found soon.
                waiting.append((left & ~(1 << doubtful), chosen))
                waiting.append((left & self.beside(doubtful), (*chosen, doubtful)))
        return []

    def _look(self, among: int, room: int) -> tuple[list[int], int | None]:
        """Enough holdings; or else one to try with and without; or else there are not enough."""
        among = self._reduce(among)
        self._spend(among.bit_count())
        together = widest(self._rows, room, among)
        apart = {self._hosts[at]: at for at in together}
        if len(apart) > room or not together:
            return list(apart.values()), None
        return self._join(among, room)

    def _join(self, among: int, room: int) -> tuple[list[int], int | None]:
        joins = dict(self._joins(among))
        rows = list(self._rows)
        several = {first: mask for first, mask in joins.items() if mask & (mask - 1)}
        for first, mask in several.items():
            for at in bits(mask):
                rows[first] &= self._rows[at]
        heads = sum(1 << first for first in joins)
        for first in joins:
            for other, mask in several.items():
                if mask & ~rows[first]:
                    rows[first] &= ~(1 << other)
        met = widest(rows, room, heads)
        return self._pick([joins[one] for one in met], room)

    def _pick(self, joins: Sequence[int], room: int) -> tuple[list[int], int | None]:
        """One holding out of each join, as far as they may come together."""
        chosen: list[int] = []
        free = self.everybody
        doubtful: int | None = None
        for mask in sorted(joins, key=int.bit_count):
            at = next(bits(mask & free), None)
            if at is None or (doubtful is None and mask & (mask - 1)):
                doubtful = next(bits(mask))
            if at is not None:
                chosen.append(at)
                free &= self.beside(at)
        return (chosen, None) if len(chosen) > room else ([], doubtful)

    def _joins(self, among: int) -> Iterator[tuple[int, int]]:
        """By their first one, holdings of one host of which none precedes all others, as bits."""
        for mates in self._mates.values():
            found: list[int] = []
            for at in bits(mates & among):
                join = 1 << at
                while found and found[-1] & ~self._rows[at]:
                    join |= found.pop()
                found.append(join)
            for join in found:
                yield next(bits(join)), join

    def _reduce(self, among: int) -> int:
        """Without holdings that are needless, as another one of their host is left."""
        crowded = [mates for mates in self._mates.values() if (mates & among).bit_count() > 1]
        while crowded:
            before = among
            for mates in crowded:
                among &= ~self._needless(mates, among)
            crowded = [mates for mates in crowded if (mates & among).bit_count() > 1]
            if among == before:
                break
        return among

    def _needless(self, mates: int, among: int) -> int:
        others = among & ~mates
        kept: list[int] = []
        gone = 0
        for at in bits(mates & among):
            self._spend(1)
            apart = (self._rows[at] | self._followers[at]) & others
            if any(not one & ~apart for one in kept):
                gone |= 1 << at
            else:
                kept.append(apart)
        return gone

    def _spend(self, work: int) -> None:
        self._work -= work
        if self._work < 0:
            raise Undecided

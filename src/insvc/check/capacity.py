"""How many members may be down at once: quorum and budget (laws 2 and 5), exactly."""

from collections.abc import Iterator, Sequence

from insvc.check.absent import beside
from insvc.check.antichain import widest
from insvc.check.case import Case, named
from insvc.check.crowd import Crowd, Undecided
from insvc.check.holdings import Holding, holdings_by_service, relate
from insvc.check.pools import Pool, make_pools
from insvc.check.violation import Violation, broken, undecided


def check_members(case: Case) -> Iterator[Violation]:
    """Never more members of a service down than its laws allow, counting what was seen down."""
    pools = [
        pool
        for pool in make_pools(case, holdings_by_service(case))
        if not is_chained(case, pool.held, pool.room)
    ]
    told: set[tuple[str, str]] = set()
    for pool, rows in zip(pools, relate(case, [one.held for one in pools]), strict=True):
        try:
            at_once = too_many(pool.held, rows, pool.room)
        except Undecided:
            yield undecided(pool.law, pool.service, f"{pool.why} (law {pool.law})")
            continue
        if at_once and (pool.service, pool.where) not in told:
            told.add((pool.service, pool.where))
            yield _counter_example(pool, at_once)


def is_chained(case: Case, group: Sequence[Holding], room: int) -> bool:
    """Whether waits that can be seen at a glance prove that no more than `room` are held at once.

    To answer no proves nothing.
    """
    if len(group) <= room:
        return True
    ends: list[int | None] = []
    for holding in group:
        near = frozenset() if holding.first is None else case.order.near(holding.first)
        lane = next((at for at, end in enumerate(ends) if end in near), None)
        if lane is not None:
            ends[lane] = holding.last
        elif len(ends) < room:
            ends.append(holding.last)
        else:
            return False
    return True


def too_many(group: Sequence[Holding], rows: Sequence[int], room: int) -> list[Holding]:
    """Holdings on more than `room` hosts, one of them a taking, that may come together.

    Args:
        group: those that begin first before the others; what comes back is down from the beginning.
        rows: for each of them, as bits, those that have ended before it begins.
        room: how many hosts may be held at once.

    Raises:
        Undecided: the work allowed did not suffice.
    """
    met = {group[at].host: group[at] for at in widest(rows, room)}
    if not met:
        return []
    if len(met) > room and any(one.takes for one in met.values()):
        return list(met.values())
    crowd = Crowd([one.host for one in group], rows)
    at_once = crowd.meet(crowd.everybody, room)
    if at_once and not any(group[at].takes for at in at_once):
        # More are coming back than the limit: that breaks nothing unless one is taken meanwhile.
        at_once = _beside_returns(group, crowd, rows, room)
    return [group[at] for at in at_once]


def _beside_returns(
    group: Sequence[Holding], crowd: Crowd, rows: Sequence[int], room: int
) -> list[int]:
    """A taking, and what may come together with it, some of it still coming back."""
    returns = sum(1 << at for at, one in enumerate(group) if not one.takes)
    waits: dict[int, int] = {}
    for at, one in enumerate(group):
        if one.takes:
            waits.setdefault(rows[at] & returns, at)
    looked: list[int] = []
    for back, first in sorted(waits.items(), key=lambda wait: wait[0].bit_count()):
        if any(not one & ~back for one in looked):
            continue
        looked.append(back)
        # Whatever comes together with a taking that waits for these does without them.
        met = crowd.meet(crowd.everybody & ~back, room)
        if met and not any(group[at].takes for at in met):
            met = [first, *(at for at in met if group[at].host != group[first].host)]
        if met:
            return met
    return []


def _counter_example(pool: Pool, at_once: list[Holding]) -> Violation:
    takes = [one for one in at_once if one.takes]
    gone = [*(one.host for one in at_once if not one.takes), *pool.down]
    names = [f"{pool.service}@{one.host}" for one in takes]
    told = [f"{named(names)} may be down together: neither waits for the other"]
    if len(names) == 1:
        told = [f"{names[0]} goes down by {takes[0].step}"]
    if gone:
        verb = "is" if len(gone) == 1 else "are"
        told.append(f"{named([f'{pool.service}@{host}' for host in gone])} {verb} down already")
    left = pool.total - len(takes) - len(gone) - pool.busy
    doing = "vote" if pool.votes else "be up"
    kept = f"{left} of {pool.total} would {doing}{beside(pool.busy)}"
    told.append(f"{kept}, but {pool.why} (law {pool.law})")
    return broken(pool.law, pool.service, "; ".join(told), *(one.step for one in at_once))

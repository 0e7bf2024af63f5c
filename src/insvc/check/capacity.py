"""How many members may be down at once: quorum and budget (laws 2 and 5), exactly."""

from collections.abc import Iterator, Sequence

from insvc.check.antichain import widest
from insvc.check.case import Case, named
from insvc.check.holdings import Holding, holdings_by_service, relate
from insvc.check.pools import Pool, make_pools
from insvc.check.violation import Violation, broken


def check_members(case: Case) -> Iterator[Violation]:
    """Never more members of a service down than its laws allow, counting what was seen down."""
    pools = [
        pool
        for pool in make_pools(case, holdings_by_service(case))
        if not is_chained(case, pool.held, pool.room)
    ]
    for pool, rows in zip(pools, relate(case, [one.held for one in pools]), strict=True):
        at_once = too_many(pool.held, rows, pool.room)
        if at_once:
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
    """Holdings on more than `room` hosts, one of them a taking, that may come together."""
    at_once = _distinct(group, list(range(len(group))), rows, room)
    if not at_once or any(group[at].takes for at in at_once):
        return [group[at] for at in at_once]
    # More are coming back than the limit: that breaks nothing unless another is taken meanwhile.
    takings = [at for at, one in enumerate(group) if one.takes]
    return next(filter(None, (_beside(group, at, rows, room) for at in takings)), [])


def _beside(group: Sequence[Holding], at: int, rows: Sequence[int], room: int) -> list[Holding]:
    """That taking with as many others as may come together with it, if they are too many."""
    others = [
        other
        for other, one in enumerate(group)
        if not (rows[at] >> other | rows[other] >> at) & 1 and one.host != group[at].host
    ]
    rest = _distinct(group, others, rows, room - 1)
    return [group[one] for one in (at, *rest)] if rest or room < 1 else []


def _distinct(
    group: Sequence[Holding], chosen: list[int], rows: Sequence[int], room: int
) -> list[int]:
    """More than `room` of the chosen, on as many hosts, that may come together."""
    found = [chosen[at] for at in widest(_restrict(chosen, rows), room)]
    by_host: dict[str, list[int]] = {}
    for at in found:
        by_host.setdefault(group[at].host, []).append(at)
    if len(by_host) > room or not found:
        return [held[0] for held in by_host.values()]
    # A member is down once, whoever holds it: of two on one host no more than one counts.
    pair = next(held for held in by_host.values() if len(held) > 1)
    for left_out in pair[:2]:
        rest = _distinct(group, [at for at in chosen if at != left_out], rows, room)
        if rest:
            return rest
    return []


def _restrict(chosen: Sequence[int], rows: Sequence[int]) -> list[int]:
    if len(chosen) == len(rows):
        return list(rows)
    return [
        sum(1 << place for place, before in enumerate(chosen) if rows[one] >> before & 1)
        for one in chosen
    ]


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
    total = len(pool.hosts)
    left = total - len(takes) - len(gone)
    doing = "vote" if pool.votes else "be up"
    told.append(f"{left} of {total} would {doing}, but {pool.why} (law {pool.law})")
    return broken(pool.law, pool.service, "; ".join(told), *(one.step for one in at_once))

"""How long jobs must take on resources with room for so many at once, in whole milliseconds.

Each bound holds for every order in which no job is interrupted. Four arguments carry them all:

* *Work.* A resource with n lanes does n milliseconds of work in one.
* *Whole jobs.* Lay a grid of points `scale` apart over the time available. Wherever it is laid, a
  job covers `length // scale` of its points or more, and each point has room for so many jobs. So
  n jobs that take `scale` each need ceil(n / lanes) x `scale`: no lane does a part of one.
* *Measure.* In a schedule in which nothing can start earlier, each moment is a sum of lengths: what
  divides all of them divides the end too.
* *Heads and tails.* What must come before a job and what must come after it leave the time
  between: the jobs with at least this head and that tail take what they take alone, and on top
  the head and the tail.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import floor, gcd

_PER_S = 1000
_ROUNDING = 1e-6
_CHOSEN = 8
_FEW = 33

Lengths = Mapping[int, int]
"""How many jobs there are of each length, in milliseconds."""


@dataclass(frozen=True, order=True, slots=True)
class Job:
    """Something that is done without interruption, in milliseconds.

    Attributes:
        length: how long it takes.
        head: no sooner than this after the beginning can it start.
        tail: no later than this before the end can it end.
    """

    length: int
    head: int = 0
    tail: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """The jobs that a host has, each with how many there are of it, and how many such hosts."""

    jobs: tuple[tuple[Job, int], ...]
    hosts: int = 1


def whole_ms(seconds: float) -> int:
    """Seconds as whole milliseconds, never more than they are."""
    return floor(seconds * _PER_S + _ROUNDING)


def lanes_ms(lengths: Lengths, lanes: int) -> int:
    """The least time in which so many lanes can do these jobs."""
    present = {length: count for length, count in lengths.items() if length > 0 and count > 0}
    if not present:
        return 0
    measure = gcd(*present)
    work = measure * _up(_points(present, measure), lanes)
    whole = max(scale * _up(_points(present, scale), lanes) for scale in _some(present))
    return max(work, whole, *_shared_ms(present, lanes))


def jobs_ms(jobs: Mapping[Job, int], lanes: int) -> int:
    """The least time in which so many lanes can do them, and what comes before and after them."""
    found = 0
    for head, tail in _corners(jobs):
        if lengths := _lengths(jobs.items(), head, tail):
            found = max(found, head + lanes_ms(lengths, lanes) + tail)
    return found


def turns_ms(loads: Iterable[Load], lanes: int, slots: int) -> int:
    """The least time in which hosts can do their jobs when only so many are worked on at once.

    A host that waits between two of its jobs may leave its slot to another meanwhile: that each
    host has its whole turn without a break is not assumed.

    Args:
        loads: what the hosts have to do.
        lanes: jobs that one host does at once.
        slots: hosts that are worked on at once.
    """
    chosen = tuple(loads)
    found = 0
    for head, tail in _corners(job for load in chosen for job, _ in load.jobs):
        alike: Counter[frozenset[tuple[int, int]]] = Counter()
        for load in chosen:
            lengths = _lengths(load.jobs, head, tail)
            alike[frozenset(lengths.items())] += load.hosts
        if by_host := [(dict(key), hosts) for key, hosts in alike.items() if key]:
            found = max(found, head + _hosts_ms(by_host, lanes, slots) + tail)
    return found


def _hosts_ms(by_host: list[tuple[dict[int, int], int]], lanes: int, slots: int) -> int:
    least = [(lanes_ms(lengths, lanes), hosts) for lengths, hosts in by_host]
    busy = sum(one * hosts for one, hosts in least)
    different = {length for lengths, _ in by_host for length in lengths}
    measure = gcd(*different)
    found = max([measure * _up(_up(busy, measure), slots), *(one for one, _ in least)])
    for scale in _some(different):
        points = sum(_host_points(lengths, scale, lanes) * hosts for lengths, hosts in by_host)
        found = max(found, scale * _up(points, slots))
    return found


def _host_points(lengths: Lengths, scale: int, lanes: int) -> int:
    """At how many points of the grid the host is worked on, at least."""
    return max(_up(_points(lengths, scale), lanes), max(lengths) // scale)


def _points(lengths: Lengths, scale: int) -> int:
    return sum(length // scale * count for length, count in lengths.items())


def _shared_ms(lengths: Lengths, lanes: int) -> Iterator[int]:
    """Among the n x lanes + 1 longest jobs, n + 1 share a lane: as long as the shortest of them."""
    falling = sorted(lengths, reverse=True)
    counts = [0, *accumulate(lengths[length] for length in falling)]
    totals = [0, *accumulate(length * lengths[length] for length in falling)]

    def longest_ms(number: int) -> int:
        at = min(bisect_right(counts, number), len(falling)) - 1
        return totals[at] + (number - counts[at]) * falling[at]

    most = (counts[-1] - 1) // lanes
    for others in {*range(min(most, _FEW)), most}:
        number = others * lanes + 1
        yield longest_ms(number) - longest_ms(number - others - 1)


def _some(found: Iterable[int]) -> list[int]:
    """All of them, or some spread among them where there are many."""
    ordered = sorted(found)
    last = len(ordered) - 1
    if last < _CHOSEN:
        return ordered
    return [ordered[last * place // (_CHOSEN - 1)] for place in range(_CHOSEN)]


def _lengths(jobs: Iterable[tuple[Job, int]], head: int, tail: int) -> Counter[int]:
    """The jobs that have at least this head and this tail."""
    found: Counter[int] = Counter()
    for job, count in jobs:
        if job.head >= head and job.tail >= tail and job.length > 0:
            found[job.length] += count
    return found


def _corners(jobs: Iterable[Job]) -> list[tuple[int, int]]:
    """Heads and tails worth a try: any would do."""
    chosen = set(jobs)
    heads, tails = {job.head for job in chosen}, {job.tail for job in chosen}
    return [(head, tail) for head in _some(heads) for tail in _some(tails)]


def _up(number: int, parts: int) -> int:
    return -(-number // parts)

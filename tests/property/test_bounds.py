"""No order of a few jobs beats the bounds on them: every order is tried."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.plan.energy import Job, Load, jobs_ms, lanes_ms, turns_ms

QUICK = settings(max_examples=80, deadline=None, derandomize=True)
LENGTHS = st.integers(1, 6)
JOBS = st.builds(Job, LENGTHS, st.sampled_from((0, 0, 2, 5)), st.sampled_from((0, 0, 1, 4)))

Span = tuple[str, int, int]
"""A host, and from when to when one of its jobs is under way."""


def best_end(jobs: Sequence[tuple[str, Job]], lanes: int, slots: int) -> int:
    """The earliest end of all orders: each job starts as early as those placed before it allow.

    Of the orders that place every job so, one is as good as any schedule there is.
    """
    return min(_end(order, lanes, slots) for order in permutations(jobs))


def _end(order: Iterable[tuple[str, Job]], lanes: int, slots: int) -> int:
    placed: list[Span] = []
    ends = [0]
    for host, job in order:
        start = job.head
        while not _fits([*placed, (host, start, start + job.length)], lanes, slots):
            start += 1
        placed.append((host, start, start + job.length))
        ends.append(start + job.length + job.tail)
    return max(ends)


def _fits(spans: Sequence[Span], lanes: int, slots: int) -> bool:
    _, start, end = spans[-1]
    for now in range(start, end):
        busy = Counter(host for host, begin, until in spans if begin <= now < until)
        if len(busy) > slots or max(busy.values()) > lanes:
            return False
    return True


@QUICK
@given(lengths=st.lists(LENGTHS, max_size=5), lanes=st.integers(1, 3))
def test_no_order_of_jobs_on_lanes_beats_the_bound(lengths: list[int], lanes: int) -> None:
    best = best_end([("host", Job(one)) for one in lengths], lanes, 1)
    assert lanes_ms(Counter(lengths), lanes) <= best


@QUICK
@given(jobs=st.lists(JOBS, max_size=5), lanes=st.integers(1, 3))
def test_no_order_of_jobs_with_heads_and_tails_beats_the_bound(jobs: list[Job], lanes: int) -> None:
    assert jobs_ms(Counter(jobs), lanes) <= best_end([("host", one) for one in jobs], lanes, 1)


@QUICK
@given(
    jobs=st.lists(st.tuples(st.sampled_from("abcd"), JOBS), max_size=5),
    lanes=st.integers(1, 2),
    slots=st.integers(1, 3),
)
def test_no_order_of_hosts_and_their_jobs_beats_the_bound(
    jobs: list[tuple[str, Job]], lanes: int, slots: int
) -> None:
    by_host: dict[str, Counter[Job]] = {}
    for host, job in jobs:
        by_host.setdefault(host, Counter())[job] += 1
    loads = [Load(tuple(found.items())) for found in by_host.values()]
    assert turns_ms(loads, lanes, slots) <= best_end(jobs, lanes, slots)


@QUICK
@given(jobs=st.lists(st.tuples(st.sampled_from("ab"), JOBS), max_size=5), lanes=st.integers(1, 2))
def test_alike_hosts_are_counted_like_single_ones(jobs: list[tuple[str, Job]], lanes: int) -> None:
    found = Counter(job for _, job in jobs)
    one_by_one = [Load(tuple(found.items()))] * 3
    assert turns_ms(one_by_one, lanes, 2) == turns_ms([Load(tuple(found.items()), 3)], lanes, 2)

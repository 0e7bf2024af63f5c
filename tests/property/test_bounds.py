"""No order of a few jobs beats the bounds on them: every order is tried."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from insvc.catalog.entry import AvoidTogether, Before, Rule
from insvc.errors import PlanRefused
from insvc.model.words import Action
from insvc.plan.bounds import lower_bound_s
from insvc.plan.energy import Job, Load, jobs_ms, lanes_ms, turns_ms
from insvc.plan.host_steps import make_host_steps
from insvc.plan.locking import plan_locking
from insvc.plan.needs import find_needs
from insvc.plan.pacing import Pace
from insvc.plan.policy import Policy
from insvc.plan.precedence import order_entries
from insvc.plan.puzzle import Puzzle, make_puzzle
from insvc.plan.schedule import Schedule
from insvc.plan.shares import make_shares
from insvc.plan.steps import make_step
from insvc.plan.tasks import make_rooms, make_tasks
from insvc.plan.view import View, make_view
from tests.fakes.solver import end_of, solve_by_trying
from tests.property.plan_clouds import Case, cases
from tests.unit.plan.sample import Cloud, entry, failed, stale

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


@dataclass(frozen=True)
class Arranged:
    """A schedule of everything that a cloud needs, with its bound as it was found."""

    bound_s: float
    makespan_s: float
    puzzle: Puzzle


def arrange(view: View, policy: Policy) -> Arranged | None:
    """What the planner does without a swact of choice; the bound is not cut to the makespan.

    Nothing where a service has no room.
    """
    needs, _ = find_needs(view, policy)
    locking = plan_locking(view, needs, policy)
    acts = [need for need in locking.in_service if need.action is not Action.NEXT_RUN]
    precedence = order_entries(view, acts)
    tasks = make_tasks(view, locking.in_service, policy)
    rooms, obstacles = make_rooms(view, tasks, policy)
    if obstacles:
        return None
    pace = Pace(policy)
    shares = make_shares(view, tasks, rooms, policy)
    schedule = Schedule(view, pace, precedence, shares)
    before = [task for task in tasks if task.need.entry.name not in precedence.last]
    schedule.place(before, is_last=False)
    least_s = schedule.least_end_s
    schedule.place((task for task in tasks if task not in before), is_last=True)
    placed = schedule.placed.values()
    ends_s = max((one.end_s for one in placed), default=0.0)
    host_steps = make_host_steps(view, locking.turns, pace, schedule.tails(), ends_s)
    bound_s = lower_bound_s(placed, view, policy, precedence, rooms, least_s, host_steps)
    steps = {one.task.need.id: make_step(view, one, policy, "") for one in placed}
    there = [steps[task.need.id] for task in before]
    return Arranged(
        bound_s=bound_s,
        makespan_s=max((one.end_s for one in (*steps.values(), *host_steps)), default=0.0),
        puzzle=make_puzzle(view, before, rooms, precedence.gates, policy, there),
    )


@settings(QUICK, max_examples=200)
@given(case=cases())
def test_no_bound_is_above_the_makespan_of_the_plan_that_it_bounds(case: Case) -> None:
    view = make_view(case.observation, case.catalog, case.topology)
    try:
        found = arrange(view, case.policy)
    except PlanRefused:
        found = None
    if found is None:
        event("refused")
        return
    event("reached" if found.bound_s >= found.makespan_s - 0.001 else "not reached")
    assert found.bound_s <= found.makespan_s + 0.002


@st.composite
def tiny_clouds(draw: st.DrawFn) -> tuple[Cloud, Policy]:
    """At most six restarts on two or three hosts, with gates of every kind among them."""
    names = "abcd"[: draw(st.integers(2, 4))]
    chosen = []
    for name in names:
        others = names[: names.index(name)]
        rules: list[Rule] = []
        for other in others:
            kind = draw(st.integers(0, 9))
            if kind == 0:
                rules.append(AvoidTogether(entries=(other,)))
            elif kind == 1:
                rules.append(Before(entries=(other,), where="active-controller"))
        depends = tuple(other for other in others if draw(st.integers(0, 4)) == 0)
        chosen.append(entry(name, depends_on=depends, special_handling=tuple(rules)))
    cloud = Cloud(*chosen)
    left = 6
    for host in ("controller-0", "controller-1", "compute-0")[: draw(st.integers(2, 3))]:
        here = draw(st.lists(st.sampled_from(names), max_size=min(left, 3), unique=True))
        left -= len(here)
        lengths = st.sampled_from((0.2, 1.0, 2.0, 5.0))
        found = [stale(name, started_in_s=draw(lengths)) for name in sorted(here)]
        if found and draw(st.integers(0, 9)) == 0:
            found[0] = failed(found[0].service)
        cloud.host(host, *found)
    policy = Policy(
        max_unavailable=draw(st.integers(1, 2)),
        parallel_services=draw(st.integers(1, 2)),
        revive_failed=True,
    )
    return cloud, policy


@settings(QUICK, max_examples=60)
@given(tiny=tiny_clouds())
def test_no_order_of_the_steps_of_a_plan_beats_its_bound(tiny: tuple[Cloud, Policy]) -> None:
    cloud, policy = tiny
    try:
        found = arrange(cloud.view(), policy)
    except PlanRefused:
        found = None
    if found is None:
        event("refused")
        return
    best_s = end_of(found.puzzle, solve_by_trying(found.puzzle).starts) / 1000
    event("reached" if found.bound_s >= best_s - 0.001 else "not reached")
    assert found.bound_s <= best_s + 0.001

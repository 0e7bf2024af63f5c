"""A plan's order as a puzzle for a solver: what takes how long, and what must not overlap.

What is left out (pauses, windows, start limits) only ever delays a step: whoever solves the puzzle
answers with an order, and the planner places the steps in it, with everything that is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from insvc.model.words import Action, Personality
from insvc.plan.energy import whole_ms
from insvc.plan.plan import Step
from insvc.plan.policy import Policy, allowed
from insvc.plan.precedence import Gate, Scope
from insvc.plan.task import Room, Task
from insvc.plan.tasks import preference
from insvc.plan.view import View

Places = tuple[int, ...]
"""Jobs of a puzzle, each by its place among them."""

_K = TypeVar("_K", bound=Hashable)

_ONTO_ACTIVE = {Scope.SAME_HOST, Scope.ONTO_ACTIVE}
_FROM_ACTIVE = {Scope.SAME_HOST, Scope.FROM_ACTIVE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """No more than `room` of these are under way at once; each of them is one job, or several.

    Several that belong together take room from the begin of the first to the end of the last.
    """

    room: int
    members: tuple[Places, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Puzzle:
    """Jobs to be put in order so that the last one ends as early as possible, in milliseconds.

    Attributes:
        ids: of their steps.
        lengths: how long each takes.
        starts: when each starts in the plan that there is.
        limits: what must not be under way together.
        chains: all of the first end before any of the second starts.
        wishes: each of the first starts no later than any of the second.
        is_loose: every lawful order solves it, so what no solution beats, no lawful order beats.
        least: no solution that ends then needs to be improved.
    """

    ids: tuple[str, ...]
    lengths: tuple[int, ...]
    starts: tuple[int, ...]
    limits: tuple[Limit, ...]
    chains: tuple[tuple[Places, Places], ...]
    wishes: tuple[tuple[Places, Places], ...]
    is_loose: bool
    least: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Solution:
    """What a solver has found.

    Attributes:
        by: name and version of the solver.
        starts: when each job starts, in milliseconds, in the puzzle's order.
        bound: no solution ends before this, in milliseconds.
    """

    by: str
    starts: tuple[int, ...]
    bound: int


Solve = Callable[[Puzzle], Solution]
"""Answers with a solution that ends no later than the puzzle's own `starts`; equal every time."""


def make_puzzle(
    view: View,
    tasks: Sequence[Task],
    rooms: Mapping[str, Room],
    gates: Iterable[Gate],
    policy: Policy,
    steps: Sequence[Step],
) -> Puzzle:
    """Describe the order of these tasks.

    Args:
        view: what was seen.
        tasks: those whose order is looked for.
        rooms: how many members of each service may be worked on at once.
        gates: what goes before what.
        policy: how much may be done at once, and what is preferred.
        steps: those of the tasks in the plan that there is, in the tasks' order.
    """
    slots = tuple(_slots(view, steps, policy))
    wishes = tuple(_wishes(tasks, policy))
    begins_s = min((step.start_s for step in steps), default=0.0)
    return Puzzle(
        ids=tuple(task.need.id for task in tasks),
        lengths=tuple(whole_ms(task.estimate.duration_s) for task in tasks),
        starts=tuple(whole_ms(step.start_s - begins_s) for step in steps),
        limits=(*_hosts(tasks, policy), *_services(tasks, rooms), *slots),
        chains=(*_gated(view, tasks, gates), *_segments(tasks)),
        wishes=wishes,
        is_loose=not slots and not wishes,
    )


def _by(keys: Iterable[tuple[_K, int]]) -> dict[_K, Places]:
    found: defaultdict[_K, list[int]] = defaultdict(list)
    for key, place in keys:
        found[key].append(place)
    return {key: tuple(places) for key, places in found.items()}


def _hosts(tasks: Sequence[Task], policy: Policy) -> Iterator[Limit]:
    room = policy.parallel_services
    for places in _by((task.need.host, at) for at, task in enumerate(tasks)).values():
        if len(places) > room:
            yield Limit(room=room, members=tuple((place,) for place in places))


def _services(tasks: Sequence[Task], rooms: Mapping[str, Room]) -> Iterator[Limit]:
    taken = _by((key, at) for at, task in enumerate(tasks) for key in task.occupies)
    for key, places in taken.items():
        if len(places) > rooms[key].room:
            yield Limit(room=rooms[key].room, members=tuple((place,) for place in places))


def _slots(view: View, steps: Sequence[Step], policy: Policy) -> Iterator[Limit]:
    """Hosts that take turns, each in the pieces that it has in the plan that there is."""
    by_host = _by((step.host, at) for at, step in enumerate(steps))
    for name, limit in policy.parallel_hosts.items():
        hosts = [one.name for one in view.topology.hosts if one.serves_as(Personality(name))]
        room = allowed(limit, len(hosts))
        busy = [by_host[host] for host in hosts if host in by_host]
        if len(busy) > room:
            pieces = (piece for places in busy for piece in _pieces(steps, places))
            yield Limit(room=room, members=tuple(pieces))


def _pieces(steps: Sequence[Step], places: Places) -> Iterator[Places]:
    """Jobs of one host that hang together: between two pieces the host rests."""
    piece: list[int] = []
    end_s = 0.0
    for place in sorted(places, key=lambda at: (steps[at].start_s, at)):
        if piece and steps[place].start_s >= end_s:
            yield tuple(piece)
            piece = []
        piece.append(place)
        end_s = max(end_s, steps[place].end_s)
    yield tuple(piece)


def _gated(
    view: View, tasks: Sequence[Task], gates: Iterable[Gate]
) -> Iterator[tuple[Places, Places]]:
    acts = [at for at, task in enumerate(tasks) if task.need.action is not Action.NEXT_RUN]
    by_entry = _by((tasks[at].need.entry.name, at) for at in acts)
    active = {at for at in acts if tasks[at].need.host in view.active}
    for gate in gates:
        firsts, thens = by_entry.get(gate.first, ()), by_entry.get(gate.then, ())
        if gate.scope in _ONTO_ACTIVE:
            thens = tuple(at for at in thens if at in active)
        if gate.scope in _FROM_ACTIVE:
            firsts = tuple(at for at in firsts if at in active)
        if gate.scope is not Scope.SAME_HOST:
            yield from _chain(firsts, thens)
            continue
        for host, there in _by((tasks[at].need.host, at) for at in thens).items():
            yield from _chain(tuple(at for at in firsts if tasks[at].need.host == host), there)


def _segments(tasks: Sequence[Task]) -> Iterator[tuple[Places, Places]]:
    """The tasks of one service run segment after segment; that is their order already."""
    by_service = _by((task.need.service, at) for at, task in enumerate(tasks))
    for places in by_service.values():
        turns = _by((tasks[at].segment, at) for at in places)
        for first, then in pairwise(turns):
            yield turns[first], turns[then]


def _wishes(tasks: Sequence[Task], policy: Policy) -> Iterator[tuple[Places, Places]]:
    """Within a segment of a service, hosts that are to go first do not start after others."""
    by_turn = _by(((task.need.service, task.segment), at) for at, task in enumerate(tasks))
    for places in by_turn.values():
        wishes = _by((preference(policy, tasks[at].need.host), at) for at in places)
        for first, then in pairwise(sorted(wishes)):
            yield wishes[first], wishes[then]


def _chain(firsts: Places, thens: Places) -> Iterator[tuple[Places, Places]]:
    if firsts and thens:
        yield firsts, thens

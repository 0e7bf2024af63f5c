"""What must come before a step and what must come after it, at least, in whole milliseconds."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from insvc.model.words import Action
from insvc.plan.energy import Job, jobs_ms, whole_ms
from insvc.plan.precedence import Gate, Precedence, Scope
from insvc.plan.task import Room, Task

_ALL = "*"
_ACTIVE = "@active"
_MIRRORED = {Scope.ONTO_ACTIVE: Scope.FROM_ACTIVE, Scope.FROM_ACTIVE: Scope.ONTO_ACTIVE}
_Turn = tuple[int, int, int]
_Place = tuple[str, str]
"""An entry's name, and `*`, `@active` or the name of an active host: steps that a gate leads to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Margins:
    """By step id, how long from the begin of everything to its start, and from its end on.

    A look at a job waits for nothing and nothing waits for it: it has neither.
    """

    heads: Mapping[str, int]
    tails: Mapping[str, int]

    def job(self, task: Task) -> Job:
        """The task as a job between its margins."""
        step = task.need.id
        length = whole_ms(task.estimate.duration_s)
        return Job(length, head=self.heads.get(step, 0), tail=self.tails.get(step, 0))


def make_margins(
    tasks: Sequence[Task],
    precedence: Precedence,
    active: Collection[str],
    rooms: Mapping[str, Room],
    lanes: int,
    counts: Mapping[str, int],
) -> Margins:
    """The margins that gates, turns within services, rooms and hosts leave to each task.

    Args:
        tasks: all that is done before the traffic.
        precedence: what goes before what.
        active: the active hosts.
        rooms: how many members of each service may be worked on at once.
        lanes: steps that a host takes at once.
        counts: for how many hosts a host stands, itself included, by its name.
    """

    def least_ms(chosen: Iterable[Task], tails: Mapping[str, int]) -> int:
        """From the begin of these to the end of everything that must come after them."""
        return max(_least_ms(chosen, tails, rooms, lanes, counts), default=0)

    forwards = [(one, one.segment) for one in tasks if one.need.action is not Action.NEXT_RUN]
    mirrored = [(one, (-turn[0], -turn[1], -turn[2])) for one, turn in forwards]
    heads = _Tails(map(_mirror, precedence.gates), active, least_ms)
    tails = _Tails(precedence.gates, active, least_ms)
    names = sorted({one.need.entry.name for one, _ in forwards}, key=precedence.rank.__getitem__)
    heads.enter(names, mirrored)
    tails.enter(names[::-1], forwards)
    return Margins(heads=heads.found, tails=tails.found)


class _Tails:
    """How long it takes from each task's end to the end of everything, entry by entry.

    Attributes:
        found: in milliseconds, by step id.
    """

    def __init__(
        self,
        gates: Iterable[Gate],
        active: Collection[str],
        least_ms: Callable[[Iterable[Task], Mapping[str, int]], int],
    ) -> None:
        self.found: dict[str, int] = {}
        self._active = active
        self._least_ms = least_ms
        self._after: dict[_Place, int] = {}
        self._gates: defaultdict[str, list[Gate]] = defaultdict(list)
        for gate in gates:
            self._gates[gate.first].append(gate)

    def enter(self, names: Iterable[str], tasks: Iterable[tuple[Task, _Turn]]) -> None:
        """Look at every entry, those first that others wait for last.

        Args:
            names: the entries in that order.
            tasks: each with its turn: of one service, all of one turn come before all of the next.
        """
        by_entry: defaultdict[str, list[tuple[Task, _Turn]]] = defaultdict(list)
        for task, turn in tasks:
            by_entry[task.need.entry.name].append((task, turn))
        for name in names:
            self._take_turns(by_entry[name])
            for place, chosen in self._places(name, by_entry[name]).items():
                self._after[place] = self._least_ms(chosen, self.found)

    def _take_turns(self, tasks: Iterable[tuple[Task, _Turn]]) -> None:
        turns: defaultdict[tuple[str, _Turn], list[Task]] = defaultdict(list)
        for task, turn in tasks:
            turns[task.need.service, turn].append(task)
        later: dict[str, int] = {}
        for service, turn in sorted(turns, reverse=True):
            members = turns[service, turn]
            for task in members:
                self.found[task.need.id] = max(later.get(service, 0), *self._gated_ms(task))
            later[service] = self._least_ms(members, self.found)

    def _gated_ms(self, task: Task) -> Iterator[int]:
        yield 0
        host = task.need.host
        for gate in self._gates[task.need.entry.name]:
            if host in self._active or gate.scope in {Scope.EVERYWHERE, Scope.ONTO_ACTIVE}:
                where = {Scope.SAME_HOST: host, Scope.ONTO_ACTIVE: _ACTIVE}.get(gate.scope, _ALL)
                yield self._after.get((gate.then, where), 0)

    def _places(self, name: str, tasks: Iterable[tuple[Task, _Turn]]) -> dict[_Place, list[Task]]:
        found: defaultdict[_Place, list[Task]] = defaultdict(list)
        for task, _ in tasks:
            found[name, _ALL].append(task)
            if task.need.host in self._active:
                found[name, _ACTIVE].append(task)
                found[name, task.need.host].append(task)
        return found


def _mirror(gate: Gate) -> Gate:
    """The same gate, seen from the end."""
    scope = _MIRRORED.get(gate.scope, gate.scope)
    return replace(gate, first=gate.then, then=gate.first, scope=scope)


def services_ms(
    jobs: Iterable[tuple[Task, Job]], rooms: Mapping[str, Room], counts: Mapping[str, int]
) -> Iterator[int]:
    """How long each service needs that has room for so many at once, with its pauses."""
    by_key: defaultdict[tuple[str, int], Counter[Job]] = defaultdict(Counter)
    for task, job in jobs:
        count = counts.get(task.need.host, 1)
        for key in task.occupies:
            # A place of a service rests after a step of its own; what stops along may be back.
            pause = whole_ms(rooms[key].soak_s) if key == task.need.service else 0
            by_key[key, 0][job] += count
            if pause:
                by_key[key, pause][replace(job, length=job.length + pause)] += count
    for (key, pause), found in by_key.items():
        yield jobs_ms(found, rooms[key].room) - pause


def _least_ms(
    tasks: Iterable[Task],
    tails: Mapping[str, int],
    rooms: Mapping[str, Room],
    lanes: int,
    counts: Mapping[str, int],
) -> Iterator[int]:
    jobs = [(one, Margins(heads={}, tails=tails).job(one)) for one in tasks]
    by_host: defaultdict[str, Counter[Job]] = defaultdict(Counter)
    for task, job in jobs:
        by_host[task.need.host][job] += 1
    yield from services_ms(jobs, rooms, counts)
    alike = {frozenset(found.items()) for found in by_host.values()}
    yield from (jobs_ms(dict(found), lanes) for found in alike)

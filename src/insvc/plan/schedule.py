"""Greedy list scheduling: what can start earliest starts next, and waits by name for the rest."""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from insvc.model.words import Action
from insvc.plan.groups import Groups
from insvc.plan.lanes import HostSlots, Lanes
from insvc.plan.policy import Policy
from insvc.plan.precedence import Precedence, Scope
from insvc.plan.task import Placed, Room, Task
from insvc.plan.view import View

_Key = tuple[float, bool, int, int, str]
"""When a service's first task could start, whether its host must wait for its turn, its place."""

_WHOLE_ENTRY = {Scope.EVERYWHERE, Scope.FROM_ACTIVE}


@dataclass(slots=True)
class _Queue:
    """The tasks of one service, in the order they will start; `tails` and `barrier` hold ids."""

    tasks: deque[Task] = field(default_factory=deque)
    segment: tuple[int, int, int] | None = None
    tails: dict[str, None] = field(default_factory=dict)
    barrier: tuple[str, ...] = ()


def join(why: str | None, other: str) -> str:
    """Both reasons for one wait."""
    return other if why in {None, other} else f"{why}, {other}"


class Schedule:
    """The steps placed so far, stage after stage.

    Attributes:
        placed: every placed task by the id of its step, in the order in which they were placed.
        least_end_s: no order that the laws allow could end the last stage sooner after its begin.
    """

    def __init__(
        self,
        view: View,
        policy: Policy,
        precedence: Precedence,
        rooms: Mapping[str, Room],
    ) -> None:
        self.placed: dict[str, Placed] = {}
        self.least_end_s = 0.0
        self._view = view
        self._policy = policy
        self._precedence = precedence
        self._services = {name: Lanes(one.room, one.why) for name, one in rooms.items()}
        self._hosts: dict[str, Lanes] = {}
        self._slots = {
            name: HostSlots(
                room=room, why=f"{name} hosts worked on at once: at most {room} (law 5)"
            )
            for name, room in policy.parallel_hosts.items()
        }
        self._single = Lanes(1, "what carries the traffic goes one at a time (law 7)")
        self._rooms = rooms
        self._groups = Groups((), precedence, view.active, rooms)
        self._queues: dict[str, _Queue] = {}
        self._floor: tuple[str, ...] = ()
        self._is_last = False
        self._tails: dict[str, None] = {}

    def place(self, tasks: Iterable[Task], *, is_last: bool) -> None:
        """Place a stage: all of its tasks start after everything placed before.

        Args:
            tasks: of each service, in the order in which they are to start.
            is_last: they carry the traffic: one at a time.
        """
        chosen = tuple(tasks)
        self._is_last = is_last
        self._floor = tuple(self._tails)
        self._groups = Groups(chosen, self._precedence, self._view.active, self._rooms)
        self._queues = {}
        for task in chosen:
            self._queues.setdefault(task.need.service, _Queue()).tasks.append(task)
        waiting, heap = self._offer(list(self._queues), [])
        while heap:
            key = heapq.heappop(heap)
            task = self._queues[key[-1]].tasks[0]
            now = self._key(task)
            if now > key:
                heapq.heappush(heap, now)
                continue
            completed = self._groups.enter(self._settle(task))
            self._queues[key[-1]].tasks.popleft()
            waiting.append(key[-1])
            services = waiting if completed else waiting[-1:]
            kept = [] if completed else waiting[:-1]
            blocked, heap = self._offer(services, heap)
            waiting = [*kept, *blocked]
        self.least_end_s = self._groups.least_end_s()

    def tails(self) -> tuple[str, ...]:
        """Ids of the steps that no other waits for."""
        return tuple(self._tails)

    def _offer(self, services: list[str], heap: list[_Key]) -> tuple[list[str], list[_Key]]:
        """Put the first task of each service on the heap; answer with those that must wait."""
        blocked = []
        for name in services:
            tasks = self._queues[name].tasks
            if tasks and self._groups.is_open(tasks[0]):
                heapq.heappush(heap, self._key(tasks[0]))
            elif tasks:
                blocked.append(name)
        return blocked, heap

    def _key(self, task: Task) -> _Key:
        start_s = max(self._waits(task))
        away = any(not slots.has(task.need.host) for slots in self._slots_of(task.need.host))
        entry = task.need.entry
        rank = self._precedence.rank.get(entry.name, 0)
        place = [one.name for one in entry.services].index(task.need.service)
        return start_s, away, rank, place, task.need.service

    def _settle(self, task: Task) -> Placed:
        start_s = self._key(task)[0]
        need = task.need
        end_s = start_s + task.estimate.duration_s
        least_start_s = self._least_start_s(task)
        after = {step: why for _, step, why in self._chains(task)}
        for slots in self._slots_of(need.host):
            slots.take(need.host, self._hosts)
        for lanes in self._lanes(task):
            earlier = lanes.take(need.id, end_s)
            if earlier is not None:
                after[earlier] = join(after.get(earlier), lanes.why)
        placed = Placed(
            task=task,
            start_s=start_s,
            end_s=end_s,
            least_start_s=least_start_s,
            least_end_s=least_start_s + task.estimate.duration_s,
            after=self._with_gates(task, after),
        )
        self._note(placed)
        return placed

    def _with_gates(self, task: Task, chained: dict[str, str]) -> dict[str, str]:
        """Add what the gates ask for, and leave out chains that are implied by other waits.

        A step that waits for another of its entry is behind that entry's gates already.
        """
        entry = task.need.entry
        peers = (self.placed[step].task.need for step in chained)
        is_behind = any(
            peer.entry.name == entry.name and peer.action is not Action.NEXT_RUN for peer in peers
        )
        gated: dict[str, str] = {}
        for group, gate in self._groups.gates(task):
            for step in () if is_behind and gate.scope in _WHOLE_ENTRY else group.tails:
                gated[step] = join(gated.get(step), gate.why)
        implied = {step for other in {**chained, **gated} for step in self.placed[other].after}
        return gated | {
            step: why for step, why in chained.items() if step not in gated and step not in implied
        }

    def _note(self, placed: Placed) -> None:
        need = placed.task.need
        queue = self._queues[need.service]
        if queue.segment != placed.task.segment:
            queue.barrier = tuple(queue.tails)
            queue.segment = placed.task.segment
        for earlier in placed.after:
            queue.tails.pop(earlier, None)
            self._tails.pop(earlier, None)
        queue.tails[need.id] = None
        self._tails[need.id] = None
        self.placed[need.id] = placed

    def _waits(self, task: Task) -> Iterator[float]:
        """The end of each step that must come before it."""
        for group, _ in self._groups.gates(task):
            yield group.end_s
        for end_s, _, _ in self._chains(task):
            yield end_s
        for lanes in self._lanes(task):
            yield lanes.free_s()

    def _chains(self, task: Task) -> Iterator[tuple[float, str, str]]:
        """(end, id, why) of each step that it follows because of its turn; lanes come on top."""
        for step in self._barrier(task):
            yield self.placed[step].end_s, step, task.segment_why
        for slots in self._slots_of(task.need.host):
            for end_s, step in slots.waits_for(task.need.host, self._hosts):
                yield end_s, step, slots.why
        for step in self._floor if self._is_last and not self._single.tails() else ():
            yield self.placed[step].end_s, step, "what carries the traffic goes last (law 7)"

    def _barrier(self, task: Task) -> Iterable[str]:
        queue = self._queues[task.need.service]
        return queue.barrier if queue.segment in {None, task.segment} else tuple(queue.tails)

    def _least_start_s(self, task: Task) -> float:
        ends = [group.least_end_s for group, _ in self._groups.gates(task)]
        ends += [self.placed[step].least_end_s for step in self._barrier(task)]
        return max(ends, default=0.0)

    def _lanes(self, task: Task) -> Iterator[Lanes]:
        if self._is_last:
            yield self._single
        for service in task.occupies:
            yield self._services[service]
        host = task.need.host
        if host not in self._hosts:
            room = self._policy.parallel_services
            self._hosts[host] = Lanes(room, f"at most {room} steps at once on {host} (law 11)")
        yield self._hosts[host]

    def _slots_of(self, host: str) -> Iterator[HostSlots]:
        of_host = self._view.topology.hosts[self._view.rank[host]]
        for name, slots in self._slots.items():
            if any(name == one.value for one in (of_host.personality, *of_host.subfunctions)):
                yield slots

"""Greedy list scheduling: what can start earliest starts next, and waits by name for the rest."""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from insvc.model.words import Action
from insvc.plan.groups import Groups
from insvc.plan.lanes import HostSlots, Lanes
from insvc.plan.pacing import Pace, soak_of
from insvc.plan.precedence import Precedence, Scope
from insvc.plan.shares import Shares
from insvc.plan.task import Placed, Task
from insvc.plan.tasks import preference
from insvc.plan.view import View
from insvc.plan.waits import Wait, Waits, join

_Key = tuple[int, float, bool, int, int, int, int, str]
"""A service's first task: its place in the policy's order, when it could start, whether its host
must wait, preferences, the service's place."""

_WHOLE_ENTRY = {Scope.EVERYWHERE, Scope.FROM_ACTIVE}


@dataclass(slots=True)
class _Queue:
    """The tasks of one service, in the order they will start; `tails` and `barrier` hold ids."""

    tasks: deque[Task] = field(default_factory=deque)
    segment: tuple[int, int, int] | None = None
    tails: dict[str, None] = field(default_factory=dict)
    barrier: tuple[str, ...] = ()


class Schedule:
    """The steps placed so far, stage after stage.

    Attributes:
        placed: every placed task by the id of its step, in the order in which they were placed.
    """

    def __init__(
        self,
        view: View,
        pace: Pace,
        precedence: Precedence,
        shares: Shares,
    ) -> None:
        self.placed: dict[str, Placed] = {}
        self._view = view
        self._pace = pace
        self._policy = pace.policy
        self._precedence = precedence
        self._services = {
            name: Lanes(one.room, one.why, one.soak_s) for name, one in shares.rooms.items()
        }
        self._shares = shares
        self._began_s: dict[str, float] = {}
        self._hosts: dict[str, Lanes] = {}
        self._slots = {
            name: HostSlots(room=one.room, why=one.why, soak_s=one.soak_s)
            for name, one in shares.slots.items()
        }
        self._slots_by_host: dict[str, list[HostSlots]] = {}
        self._single = Lanes(1, "what carries the traffic goes one at a time (law 7)")
        self._order = {step: place for place, step in enumerate(pace.policy.order)}
        self._groups = Groups((), precedence, view.active, shares.whole, view.counts)
        self._queues: dict[str, _Queue] = {}
        self._places = {
            one.name: place
            for entry in view.catalog.entries
            for place, one in enumerate(entry.services)
        }
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
        self._floor = tuple(self._tails) if is_last else ()
        self._groups = Groups(
            chosen, self._precedence, self._view.active, self._shares.whole, self._view.counts
        )
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
            placed = self._settle(task)
            completed = self._groups.enter(placed, self._until_s(placed))
            self._queues[key[-1]].tasks.popleft()
            waiting.append(key[-1])
            services = waiting if completed else waiting[-1:]
            kept = [] if completed else waiting[:-1]
            blocked, heap = self._offer(services, heap)
            waiting = [*kept, *blocked]

    @property
    def least_end_s(self) -> float:
        """No order that the laws allow could end the last stage sooner after its begin."""
        return self._groups.least_end_s()

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
        need, entry = task.need, task.need.entry
        start_s = self._pace.fit_s(need, max(self._ready(task)), task.estimate.duration_s)
        away = any(not slots.has(need.host) for slots in self._slots_of(need.host))
        wish = preference(self._policy, entry.name, need.service)
        wish_host = preference(self._policy, need.host)
        rank = self._precedence.rank.get(entry.name, 0)
        place = self._places[need.service]
        order = self._order.get(need.id, len(self._order))
        return order, start_s, away, wish, wish_host, rank, place, need.service

    def _settle(self, task: Task) -> Placed:
        need = task.need
        least_start_s = self._least_start_s(task)
        waits = self._waits(task)
        soak_s = max(task.soak_s, waits.soak_s())
        ends_s = (self._ended_s(step, need.host) for step in waits.why)
        ready_s = max(ends_s, default=0.0) + soak_s
        start_s = self._pace.fit_s(need, ready_s, task.estimate.duration_s)
        end_s = start_s + task.estimate.duration_s
        for slots in self._slots_of(need.host):
            slots.take(need.host, self._hosts)
        self._pace.note(need, start_s)
        placed = Placed(
            task=task,
            start_s=start_s,
            end_s=end_s,
            least_start_s=least_start_s,
            least_end_s=least_start_s + task.estimate.duration_s,
            after=waits.why,
            soak_s=soak_s,
        )
        for lanes in self._lanes(task):
            is_own = lanes is self._hosts.get(need.host)
            lanes.take(need.id, end_s if is_own else self._until_s(placed))
        self._note(placed)
        return placed

    def _waits(self, task: Task) -> Waits:
        """What it waits for, by name; chains that other waits imply are left out.

        A step that waits for another of its entry is behind that entry's gates already.
        """
        waits = Waits()
        for wait in self._chains(task):
            waits.add(wait)
        for lanes in self._lanes(task):
            earlier = lanes.first_free()
            if earlier is not None:
                ended_s = self._ended_s(earlier, task.need.host)
                waits.add(Wait(step=earlier, end_s=ended_s, why=lanes.why, soak_s=lanes.soak_s))
        peers = (self.placed[step].task.need for step in waits.why)
        is_behind = any(
            peer.entry.name == task.need.entry.name and peer.action is not Action.NEXT_RUN
            for peer in peers
        )
        gated: dict[str, str] = {}
        for group, gate in self._groups.gates(task):
            for step in () if is_behind and gate.scope in _WHOLE_ENTRY else group.tails:
                gated[step] = join(gated.get(step), gate.why)
        waits.leave_out_implied(gated, self.placed)
        return waits

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

    def _ready(self, task: Task) -> Iterator[float]:
        """From when on each thing that it waits for lets it start."""
        yield task.soak_s
        for group, _ in self._groups.gates(task):
            yield group.end_s + task.soak_s
        for wait in self._chains(task):
            yield wait.end_s + max(wait.soak_s, task.soak_s)
        for lanes in self._lanes(task):
            yield lanes.free_s(task.soak_s)

    def _chains(self, task: Task) -> Iterator[Wait]:
        """Each step that it follows because of its turn; lanes come on top."""
        need = task.need
        for step in self._barrier(task):
            soak_s = soak_of(self._policy, need.service)
            ended_s = self._ended_s(step, need.host)
            yield Wait(step=step, end_s=ended_s, why=task.segment_why, soak_s=soak_s)
        yield from self._turns(need.host)
        for step in () if self._single.tails() else self._floor:
            why = "what carries the traffic goes last (law 7)"
            yield Wait(step=step, end_s=self._ended_s(step, need.host), why=why)

    def _turns(self, host: str) -> Iterator[Wait]:
        """The last steps of the host before it, unless a step here that it follows does so."""
        lanes = self._hosts.get(host)
        earlier = lanes.first_free() if lanes else None
        began_s = self.placed[earlier].start_s if earlier else -inf
        for slots in self._slots_of(host):
            waits = slots.waits_for(host, self._hosts)
            if waits and began_s < waits[-1][0]:
                for _, step in waits:
                    ended_s = self._ended_s(step, host)
                    yield Wait(step=step, end_s=ended_s, why=slots.why, soak_s=slots.soak_s)

    def _until_s(self, placed: Placed) -> float:
        """When a step has about ended on all hosts that its host stands for."""
        host = placed.task.need.host
        span_s = self._shares.spans_s.get(host)
        if span_s is None:
            return placed.end_s
        return max(placed.end_s, self._began_s.setdefault(host, placed.start_s) + span_s)

    def _ended_s(self, step: str, host: str) -> float:
        """When a step has ended for what waits for it on that host."""
        one = self.placed[step]
        return one.end_s if one.task.need.host == host else self._until_s(one)

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
            steps = "1 step" if room == 1 else f"{room} steps"
            self._hosts[host] = Lanes(room, f"at most {steps} at once on {host} (law 11)")
        yield self._hosts[host]

    def _slots_of(self, host: str) -> Sequence[HostSlots]:
        found = self._slots_by_host.get(host)
        if found is None:
            of_host = self._view.topology.hosts[self._view.rank[host]]
            found = [slots for name, slots in self._slots.items() if of_host.serves_as(name)]
            self._slots_by_host[host] = found
        return found

"""Groups of steps that others wait for as a whole: what is left of them, and their last steps."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from insvc.model.words import Action
from insvc.plan.precedence import Gate, Precedence, Scope
from insvc.plan.task import Placed, Room, Task

_ALL = "*"
_ACTIVE = "@active"

Key = tuple[str, str]
"""An entry's name with `*`, with `@active`, or with the name of an active host."""


@dataclass(slots=True)
class Group:
    """Steps of one entry that belong together.

    Attributes:
        left: how many have no place yet.
        end_s: when the last one ends, on all hosts.
        least_start_s: before this none of them can start; `least_end_s`: nor the last one end.
        work_s: how long each service would be worked on, if each of its rooms were always used.
        tails: those that no other step of the group waits for: to wait for them is to wait for all.
    """

    left: int = 0
    end_s: float = 0.0
    least_start_s: float = inf
    least_end_s: float = 0.0
    work_s: dict[str, float] = field(default_factory=dict)
    tails: dict[str, None] = field(default_factory=dict)

    def enter(self, placed: Placed, room: float, count: int, until_s: float) -> None:
        """Count a task of the group that has its place now, and those that it stands for."""
        service = placed.task.need.service
        self.left -= 1
        self.end_s = max(self.end_s, until_s)
        self.least_start_s = min(self.least_start_s, placed.least_start_s)
        work_s = placed.task.estimate.duration_s * count / room
        worked_s = self.work_s.get(service, 0.0) + work_s
        self.work_s[service] = worked_s
        ends_s = (self.least_end_s, placed.least_end_s, self.least_start_s + worked_s)
        self.least_end_s = max(ends_s)
        for earlier in placed.after:
            self.tails.pop(earlier, None)
        self.tails[placed.task.need.id] = None


class Groups:
    """Every group of a stage, and the gates between them."""

    def __init__(
        self,
        tasks: Iterable[Task],
        precedence: Precedence,
        active: frozenset[str],
        rooms: Mapping[str, Room],
        counts: Mapping[str, int],
    ) -> None:
        self._active = active
        self._counts = counts
        self._rooms = rooms
        self._gates: dict[str, list[Gate]] = {}
        for gate in precedence.gates:
            self._gates.setdefault(gate.then, []).append(gate)
        self._groups: dict[Key, Group] = {}
        for task in tasks:
            for key in self._keys(task):
                self._groups.setdefault(key, Group()).left += 1

    def gates(self, task: Task) -> Iterator[tuple[Group, Gate]]:
        """The groups that must have ended before the task may start."""
        if task.need.action is Action.NEXT_RUN:
            return
        on_active = task.need.host in self._active
        for gate in self._gates.get(task.need.entry.name, ()):
            if not on_active and gate.scope in {Scope.SAME_HOST, Scope.ONTO_ACTIVE}:
                continue
            place = {Scope.SAME_HOST: task.need.host, Scope.FROM_ACTIVE: _ACTIVE}
            group = self._groups.get((gate.first, place.get(gate.scope, _ALL)))
            if group is not None:
                yield group, gate

    def is_open(self, task: Task) -> bool:
        """Whether everything that it must wait for has a place."""
        return all(group.left == 0 for group, _ in self.gates(task))

    def enter(self, placed: Placed, until_s: float) -> bool:
        """Note that a task has its place; answer whether a group is complete by it.

        Args:
            placed: the task.
            until_s: when it has ended on all hosts that its host stands for.
        """
        need = placed.task.need
        # What is down already needs no room: any number may be revived at once.
        room = self._rooms[need.service].room if need.disrupts else inf
        groups = [self._groups[key] for key in self._keys(placed.task)]
        for group in groups:
            group.enter(placed, room, self._counts.get(need.host, 1), until_s)
        return any(group.left == 0 for group in groups)

    def least_end_s(self) -> float:
        """Before this not all of them can have ended, in any order that the gates allow."""
        return max((group.least_end_s for group in self._groups.values()), default=0.0)

    def _keys(self, task: Task) -> Iterator[Key]:
        name = task.need.entry.name
        if task.need.action is Action.NEXT_RUN:
            return
        yield name, _ALL
        if task.need.host in self._active:
            yield name, task.need.host
            yield name, _ACTIVE

"""Groups of steps that others wait for as a whole: what is left of them, and their last steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from insvc.model.words import Action
from insvc.plan.precedence import Gate, Precedence, Scope
from insvc.plan.task import Placed, Task

_ALL = "*"
_ACTIVE = "@active"

Key = tuple[str, str]
"""An entry's name with `*`, with `@active`, or with the name of an active host."""


@dataclass(slots=True)
class Group:
    """Steps of one entry that belong together.

    Attributes:
        left: how many have no place yet.
        end_s: when the last one ends; `least_end_s`: the same by precedence alone.
        tails: those that no other step of the group waits for: to wait for them is to wait for all.
    """

    left: int = 0
    end_s: float = 0.0
    least_end_s: float = 0.0
    tails: dict[str, None] = field(default_factory=dict)


class Groups:
    """Every group of a stage, and the gates between them."""

    def __init__(
        self, tasks: Iterable[Task], precedence: Precedence, active: frozenset[str]
    ) -> None:
        self._active = active
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

    def enter(self, placed: Placed) -> bool:
        """Note that a task has its place; answer whether a group is complete by it."""
        completed = False
        for key in self._keys(placed.task):
            group = self._groups[key]
            group.left -= 1
            group.end_s = max(group.end_s, placed.end_s)
            group.least_end_s = max(group.least_end_s, placed.least_end_s)
            for earlier in placed.after:
                group.tails.pop(earlier, None)
            group.tails[placed.task.need.id] = None
            completed = completed or group.left == 0
        return completed

    def _keys(self, task: Task) -> Iterator[Key]:
        name = task.need.entry.name
        if task.need.action is Action.NEXT_RUN:
            return
        yield name, _ALL
        if task.need.host in self._active:
            yield name, task.need.host
            yield name, _ACTIVE

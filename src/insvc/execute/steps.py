"""How far every step of a run has come, and at any moment which of them is due.

A run may have a hundred thousand steps, and a record changes a few of them: nothing here looks at
all of them but where the run begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from insvc.execute.transitions import StepState
from insvc.execute.tree import Tree
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Plan, Step

DUE = 1
"""It waits, and everything it waits for has succeeded."""
BARRED = 2
"""It waits for something that has ended without success."""
BLOCKED = 4
"""It waits for something that may still succeed."""
UNDER_WAY = 8
LOST = 16
SUCCEEDED = 32
FAILED = 64
"""It ended without success and was not skipped."""
SKIPPED = 128
WAITING = DUE | BARRED | BLOCKED

_KINDS = {
    StepState.UNDER_WAY: UNDER_WAY,
    StepState.LOST: LOST,
    StepState.SUCCEEDED: SUCCEEDED,
    StepState.FAILED: FAILED,
    StepState.UNKNOWN: FAILED,
    StepState.SKIPPED: SKIPPED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRun:
    """How far one step has come.

    Attributes:
        state: where it is.
        attempt: the last try that was started; 0 before the first.
        starts: how often its intent was written; more than `attempt` where no agent saw it.
        outcome: how it ended; absent while it has not.
        why: what decided the outcome, or why it is lost.
        lost_at: since when (seconds since the epoch) nobody knows what became of the act; absent
            where that is known.
        before: its processes when the last attempt was started; none once it has ended.
        ran: services that ran on its host then; none once it has ended.
    """

    state: StepState = StepState.WAITING
    attempt: int = 0
    starts: int = 0
    outcome: Outcome | None = None
    why: str = ""
    lost_at: float | None = None
    before: tuple[ProcessIdentity, ...] = ()
    ran: tuple[str, ...] = ()


class _Place(NamedTuple):
    """One step, how many it still waits for, and whether one of those can never succeed."""

    told: StepRun
    unmet: int
    is_barred: bool

    @property
    def kind(self) -> int:
        if self.told.state is not StepState.WAITING:
            return _KINDS[self.told.state]
        if self.is_barred:
            return BARRED
        return BLOCKED if self.unmet else DUE


class _Shape:
    """What never changes in a run: its steps, their places, and who waits for whom."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps = {step.id: step for step in plan.steps}
        self.names = tuple(self.steps)
        self.place = {name: at for at, name in enumerate(self.names)}
        self.followers: dict[str, list[int]] = {}
        self.of_host: dict[str, list[Step]] = {}
        for at, step in enumerate(self.steps.values()):
            self.of_host.setdefault(step.host, []).append(step)
            for name in set(step.after):
                self.followers.setdefault(name, []).append(at)


class Steps(Mapping[str, StepRun]):
    """The steps of one run by id, in the plan's order. It never changes; `moved` makes the next."""

    __slots__ = ("_shape", "_tree")

    def __init__(self, shape: _Shape, tree: Tree[_Place]) -> None:
        self._shape = shape
        self._tree = tree

    @classmethod
    def of(cls, plan: Plan, told: Mapping[str, StepRun] | None = None) -> "Steps":
        """The steps of a plan.

        Args:
            plan: what is carried out.
            told: how far its steps have come; those that are not named wait.
        """
        if isinstance(told, Steps) and told._shape.plan is plan:
            return told
        return cls._made(_Shape(plan), told or {})

    @classmethod
    def _made(cls, shape: _Shape, known: Mapping[str, StepRun]) -> "Steps":
        good = {name for name, one in known.items() if one.state is StepState.SUCCEEDED}
        bad = {name for name, one in known.items() if one.state.is_over} - good
        places = [
            _Place(
                told=known.get(step.id, _WAITS),
                unmet=len(set(step.after) - good),
                is_barred=not bad.isdisjoint(step.after),
            )
            for step in shape.steps.values()
        ]
        return cls(shape, Tree.of((one.kind, one) for one in places))

    def __getitem__(self, name: str) -> StepRun:
        return self._tree.look(self._shape.place[name])[1].told

    def __iter__(self) -> Iterator[str]:
        return iter(self._shape.names)

    def __len__(self) -> int:
        return len(self._shape.names)

    def planned(self, name: str) -> Step:
        """What the plan says of a step.

        Raises:
            KeyError: the plan has no such step.
        """
        return self._shape.steps[name]

    def on_host(self, host: str) -> Sequence[Step]:
        """The steps of one host."""
        return self._shape.of_host.get(host, ())

    def has(self, kinds: int) -> bool:
        """Whether any step is of one of these kinds."""
        return bool(self._tree.kinds & kinds)

    def having(self, kinds: int) -> Iterator[str]:
        """Ids of the steps of these kinds, in the plan's order."""
        return (self._shape.names[at] for at in self._tree.find(kinds))

    def is_of(self, name: str, kinds: int) -> bool:
        """Whether that step is of one of these kinds."""
        return bool(self._tree.look(self._shape.place[name])[0] & kinds)

    def moved(self, name: str, told: StepRun) -> "Steps":
        """The same with one step changed, and with what that means to those that wait for it."""
        at = self._shape.place[name]
        old = self._tree.look(at)[1]
        tree = _put(self._tree, at, old._replace(told=told))
        if told.state.is_over and not old.told.state.is_over:
            is_good = told.state is StepState.SUCCEEDED
            for follower in self._shape.followers.get(name, ()):
                place = tree.look(follower)[1]
                changed = (
                    place._replace(unmet=place.unmet - 1)
                    if is_good
                    else place._replace(is_barred=True)
                )
                tree = _put(tree, follower, changed)
        return Steps(self._shape, tree)

    def moved_all(self, told: Mapping[str, StepRun]) -> "Steps":
        """The same with all of these changed: one after the other, or where they are many anew."""
        if len(told) * _MANY >= len(self):
            return Steps._made(self._shape, {**self, **told})
        steps = self
        for name, one in told.items():
            steps = steps.moved(name, one)
        return steps


_WAITS = StepRun()
_MANY = 16
"""To make all places anew costs about as much as to change every sixteenth."""


def _put(tree: Tree[_Place], at: int, place: _Place) -> Tree[_Place]:
    return tree.put(at, place.kind, place)

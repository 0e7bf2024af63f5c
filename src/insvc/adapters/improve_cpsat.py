"""OR-Tools CP-SAT as the solver of puzzles: an extra, so `bootstrap` alone may import this."""

from collections.abc import Iterable
from importlib.metadata import version
from math import gcd

from ortools.sat.python import cp_model

from insvc.plan.puzzle import Limit, Places, Puzzle, Solution

_SEED = 1
_BY = f"OR-Tools CP-SAT {version('ortools')}"


def solve(puzzle: Puzzle, within: float) -> Solution:
    """The best solution that is found with so much work.

    Equal puzzles get equal solutions: one worker with a fixed seed searches, and work is counted in
    CP-SAT's deterministic time, the same on a fast machine and on a slow one.

    Args:
        puzzle: its own starts are where the search begins.
        within: deterministic seconds, each of which may take several seconds by the clock.
    """
    model = _Model(puzzle)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.interleave_search = True  # all strategies in turn, still one worker
    solver.parameters.random_seed = _SEED
    solver.parameters.max_deterministic_time = within
    status = solver.solve(model.model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Solution(by=_BY, starts=puzzle.starts, bound=0)
    starts = tuple(solver.value(start) * model.measure for start in model.starts)
    bound = round(solver.best_objective_bound) * model.measure
    return Solution(by=_BY, starts=starts, bound=bound)


class _Model:
    """A puzzle in CP-SAT's words.

    Attributes:
        measure: what its numbers count, in milliseconds. What divides all lengths divides every
            moment of a schedule in which nothing can start earlier, so nothing is lost.
        starts: the start of every job.
    """

    def __init__(self, puzzle: Puzzle) -> None:
        self.model = cp_model.CpModel()
        self.measure = gcd(*puzzle.lengths)
        lengths = [length // self.measure for length in puzzle.lengths]
        hints = [start // self.measure for start in puzzle.starts]
        self._horizon = max(hint + length for hint, length in zip(hints, lengths, strict=True))
        self.starts = [self.model.new_int_var(0, self._horizon - length, "") for length in lengths]
        self._ends = [start + length for start, length in zip(self.starts, lengths, strict=True)]
        self._jobs = [
            self.model.new_fixed_size_interval_var(start, length, "")
            for start, length in zip(self.starts, lengths, strict=True)
        ]
        for limit in puzzle.limits:
            self._add_limit(limit)
        for firsts, thens in puzzle.chains:
            self._add_order([self._ends[at] for at in firsts], thens)
        for firsts, thens in puzzle.wishes:
            self._add_order([self.starts[at] for at in firsts], thens)
        least = min(-(-puzzle.least // self.measure), self._horizon)
        end = self.model.new_int_var(least, self._horizon, "")
        for one in self._ends:
            self.model.add(one <= end)
        self.model.minimize(end)
        for start, hint in zip(self.starts, hints, strict=True):
            self.model.add_hint(start, hint)

    def _add_limit(self, limit: Limit) -> None:
        intervals = [
            self._jobs[member[0]] if len(member) == 1 else self._span(member)
            for member in limit.members
        ]
        if limit.room == 1:
            self.model.add_no_overlap(intervals)
        else:
            self.model.add_cumulative(intervals, [1] * len(intervals), limit.room)

    def _span(self, member: Places) -> cp_model.IntervalVar:
        """From the begin of its first job to the end of its last."""
        begin, size, end = (self.model.new_int_var(0, self._horizon, "") for _ in range(3))
        for at in member:
            self.model.add(begin <= self.starts[at])
            self.model.add(self._ends[at] <= end)
        return self.model.new_interval_var(begin, size, end, "")

    def _add_order(self, earlier: Iterable[cp_model.LinearExprT], thens: Places) -> None:
        """Not one of these starts before the latest of those moments."""
        border = self.model.new_int_var(0, self._horizon, "")
        for moment in earlier:
            self.model.add(moment <= border)
        for at in thens:
            self.model.add(border <= self.starts[at])

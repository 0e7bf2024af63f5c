"""A solver that tries every order: for a few jobs only."""

from collections.abc import Sequence
from itertools import permutations

from insvc.plan.puzzle import Limit, Places, Puzzle, Solution

BY = "every order, tried"
_MOST = 7


def solve_by_trying(puzzle: Puzzle) -> Solution:
    """The first of the best solutions; its end is the bound."""
    assert len(puzzle.ids) <= _MOST, "too many jobs to try every order"
    best: tuple[int, ...] = puzzle.starts
    for order in permutations(range(len(puzzle.ids))):
        starts = _place(puzzle, order)
        if starts is not None and end_of(puzzle, starts) < end_of(puzzle, best):
            best = starts
    return Solution(by=BY, starts=best, bound=end_of(puzzle, best))


def end_of(puzzle: Puzzle, starts: Sequence[int]) -> int:
    """When the last job ends."""
    ends = (start + length for start, length in zip(starts, puzzle.lengths, strict=True))
    return max(ends, default=0)


def faults(puzzle: Puzzle, starts: Sequence[int]) -> list[str]:
    """Every rule of the puzzle that is broken."""
    spans = {at: (one, one + puzzle.lengths[at]) for at, one in enumerate(starts)}
    found = [f"{limit} is passed" for limit in puzzle.limits if _is_passed(limit, spans)]
    for firsts, thens in puzzle.chains:
        if max(spans[at][1] for at in firsts) > min(spans[at][0] for at in thens):
            found.append(f"{firsts} are not before {thens}")
    for firsts, thens in puzzle.wishes:
        if max(spans[at][0] for at in firsts) > min(spans[at][0] for at in thens):
            found.append(f"{firsts} start after {thens}")
    return found


def _place(puzzle: Puzzle, order: Sequence[int]) -> tuple[int, ...] | None:
    """Each job as early as those before it allow; nothing where the order breaks a chain."""
    spans: dict[int, tuple[int, int]] = {}
    for at in order:
        start = _earliest(puzzle, at, spans)
        if start is None:
            return None
        spans[at] = (start, start + puzzle.lengths[at])
    return tuple(spans[at][0] for at in range(len(puzzle.ids)))


def _earliest(puzzle: Puzzle, at: int, spans: dict[int, tuple[int, int]]) -> int | None:
    ready = 0
    for rules, edge in ((puzzle.chains, 1), (puzzle.wishes, 0)):
        for firsts, thens in rules:
            if at in firsts and not spans.keys().isdisjoint(thens):
                return None
            if at in thens and not spans.keys() >= set(firsts):
                return None
            if at in thens:
                ready = max(ready, *(spans[first][edge] for first in firsts))
    moments = sorted({ready, *(end for _, end in spans.values() if end > ready)})
    for start in moments:
        tried = {**spans, at: (start, start + puzzle.lengths[at])}
        if not any(_is_passed(limit, tried) for limit in puzzle.limits):
            return start
    return moments[-1]


def _is_passed(limit: Limit, spans: dict[int, tuple[int, int]]) -> bool:
    taken = [_span(member, spans) for member in limit.members]
    present = [span for span in taken if span is not None]
    return any(sum(begin <= now < end for begin, end in present) > limit.room for now, _ in present)


def _span(member: Places, spans: dict[int, tuple[int, int]]) -> tuple[int, int] | None:
    placed = [spans[at] for at in member if at in spans]
    if not placed:
        return None
    return min(begin for begin, _ in placed), max(end for _, end in placed)

"""The moments of a service's small world within a number of events, and the way on from each."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

_LONGEST = 60


class Keyed(Protocol):
    """A moment; two with one key are the same."""

    @property
    def key(self) -> object:
        """By which it is known."""


M = TypeVar("M", bound=Keyed)


def reached(begin: M, depth: int, moves: Callable[[M], Iterator[tuple[Any, M]]]) -> dict[object, M]:
    """Every moment within so many events of the first; a law that breaks on the way is raised."""
    found = {begin.key: begin}
    edge = [begin]
    for _ in range(depth):
        fresh = []
        for now in edge:
            for _, then in moves(now):
                if then.key not in found:
                    found[then.key] = then
                    fresh.append(then)
        edge = fresh
    return found


def gets_there(
    now: M, known: set[object], is_there: Callable[[M], bool], go_on: Callable[[M], M]
) -> bool:
    """Whether it comes to that by going on so; moments of which that is known are added."""
    way: list[object] = []
    for _ in range(_LONGEST):
        if now.key in known or is_there(now):
            known.update(way)
            return True
        way.append(now.key)
        now = go_on(now)
    return False

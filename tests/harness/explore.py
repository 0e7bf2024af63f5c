"""Every moment that a small world can reach, each looked at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.harness.small_controller import controller_moves
from tests.harness.small_world import Moment, world_moves

Law = Callable[[Moment, Moment], str | None]
"""What is wrong with the step from one moment to the next, in words."""

Moves = Callable[[Moment], Iterator[tuple[str, Moment]]]


@dataclass
class Explored:
    """What a search has found.

    Attributes:
        states: how many moments there are; events: how many ways from one to another.
        broken: a way on which a law broke, event by event, and the law's words; empty where none.
        trapped: a way to a moment from which no end can be reached; empty where there is none.
        ends: the outcomes that runs can have.
    """

    states: int = 0
    events: int = 0
    broken: tuple[str, ...] = ()
    trapped: tuple[str, ...] = ()
    ends: set[str] = field(default_factory=set)


def all_moves(now: Moment) -> Iterator[tuple[str, Moment]]:
    """What the hosts and what the controller may do next."""
    yield from world_moves(now)
    yield from controller_moves(now)


def explore(first: Moment, law: Law, *, most: int, moves: Moves = all_moves) -> Explored:
    """Search from the first moment until nothing new is found or a law breaks.

    Raises:
        AssertionError: the world is larger than `most` moments.
    """
    search = _Search(first)
    for key, now in search:
        for event, then in moves(now):
            search.found.events += 1
            reached = search.reach(key, event, then)
            if (fault := law(now, then)) is not None:
                search.found.broken = (*search.way_to(key), event, fault)
                return search.found
            search.back.setdefault(reached, []).append(key)
        assert len(search.came) <= most, f"more than {most} states"
    search.look_for_traps()
    search.found.states = len(search.came)
    return search.found


class _Search:
    def __init__(self, first: Moment) -> None:
        self.found = Explored()
        self.came: dict[object, tuple[object, str]] = {first.key: (None, "")}
        self.back: dict[object, list[object]] = {}
        self._over: list[object] = []
        self._next = [(first.key, first)]

    def __iter__(self) -> Iterator[tuple[object, Moment]]:
        while self._next:
            key, now = self._next.pop()
            if now.run.state.is_over and not now.going:
                self.found.ends.add(str(now.run.outcome))
                self._over.append(key)
            yield key, now

    def reach(self, origin: object, event: str, then: Moment) -> object:
        key = then.key
        if key not in self.came:
            self.came[key] = (origin, event)
            self._next.append((key, then))
        return key

    def way_to(self, key: object) -> tuple[str, ...]:
        """The events that led there, in order."""
        way: list[str] = []
        while key is not None:
            key, event = self.came[key]
            way.append(event)
        return tuple(reversed(way))[1:]

    def look_for_traps(self) -> None:
        """Walk back from every end; what is not met can never end."""
        can_end = set(self._over)
        edge = list(self._over)
        while edge:
            for key in self.back.get(edge.pop(), ()):
                if key not in can_end:
                    can_end.add(key)
                    edge.append(key)
        stuck = next((key for key in self.came if key not in can_end), None)
        if stuck is not None:
            self.found.trapped = (*self.way_to(stuck), "no end can be reached from here")

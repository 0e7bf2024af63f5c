"""Resources with room for so many at once, held by chains: who comes later waits by name.

A lane is a chain of steps, each after the one before it. A resource with n lanes is never used by
more than n steps at once, however long each of them really takes.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf


class Lanes:
    """One resource: at most `room` users at once.

    Attributes:
        why: the law behind it.
        soak_s: how long a lane rests between two users.
    """

    def __init__(self, room: int, why: str, soak_s: float = 0.0) -> None:
        self.why = why
        self.soak_s = soak_s
        self._room = room
        self._used: list[tuple[float, str]] = []

    def free_s(self, pause_s: float) -> float:
        """When the next user may start, one that needs so long a pause after what it waits for."""
        if len(self._used) < self._room:
            return 0.0
        return self._used[0][0] + max(self.soak_s, pause_s)

    def first_free(self) -> str | None:
        """The step that the next user waits for, if any."""
        return None if len(self._used) < self._room else self._used[0][1]

    def take(self, step: str, end_s: float) -> None:
        """Enter the lane that is free first."""
        if len(self._used) < self._room:
            heapq.heappush(self._used, (end_s, step))
        else:
            heapq.heapreplace(self._used, (end_s, step))

    def tails(self) -> tuple[tuple[float, str], ...]:
        """(end, id) of the last step of each lane, in the order of their ends."""
        return tuple(sorted(self._used))


@dataclass(slots=True)
class HostSlots:
    """At most `room` hosts worked on at once, each by any number of steps.

    A slot passes from one host to another only when every step of the former has ended, and every
    step of the latter waits for those by name.

    Attributes:
        room: how many hosts.
        why: the law behind it.
        soak_s: how long a slot rests between two hosts.
    """

    room: int
    why: str
    soak_s: float
    _waits: dict[str, tuple[tuple[float, str], ...]] = field(default_factory=dict)
    _ends: list[tuple[float, int, str]] = field(default_factory=list)
    _turns: Iterator[int] = field(default_factory=count)

    def has(self, host: str) -> bool:
        """Whether the host is being worked on."""
        return host in self._waits or len(self._waits) < self.room

    def waits_for(self, host: str, lanes: dict[str, Lanes]) -> tuple[tuple[float, str], ...]:
        """(end, id) of what a step on the host has to wait for, if it were started next."""
        if host in self._waits:
            return self._waits[host]
        if len(self._waits) < self.room:
            return ()
        return lanes[self._first_free(lanes)].tails()

    def take(self, host: str, lanes: dict[str, Lanes]) -> None:
        """Begin to work on the host, or go on with it."""
        if host in self._waits:
            return
        waits: tuple[tuple[float, str], ...] = ()
        if len(self._waits) >= self.room:
            former = self._first_free(lanes)
            waits = lanes[former].tails()
            heapq.heappop(self._ends)
            del self._waits[former]
        self._waits[host] = waits
        heapq.heappush(self._ends, (-inf, next(self._turns), host))

    def _first_free(self, lanes: dict[str, Lanes]) -> str:
        """The host whose steps end first; ends only grow, so a noted end is never too late."""
        while True:
            noted_s, turn, host = self._ends[0]
            end_s = lanes[host].tails()[-1][0]
            if end_s <= noted_s:
                return host
            heapq.heapreplace(self._ends, (end_s, turn, host))

"""Resources with room for so many at once, held by chains: who comes later waits by name.

A lane is a chain of steps, each after the one before it. A resource with n lanes is never used by
more than n steps at once, however long each of them really takes.
"""

import heapq
from dataclasses import dataclass, field


class Lanes:
    """One resource: at most `room` users at once."""

    def __init__(self, room: int, why: str) -> None:
        self.why = why
        self._room = room
        self._used: list[tuple[float, str]] = []

    def free_s(self) -> float:
        """When the next user may start."""
        return 0.0 if len(self._used) < self._room else self._used[0][0]

    def take(self, step: str, end_s: float) -> str | None:
        """Enter the lane that is free first; answer with the step to wait for, if any."""
        if len(self._used) < self._room:
            heapq.heappush(self._used, (end_s, step))
            return None
        return heapq.heapreplace(self._used, (end_s, step))[1]

    def tails(self) -> tuple[tuple[float, str], ...]:
        """(end, id) of the last step of each lane, in the order of their ends."""
        return tuple(sorted(self._used))


@dataclass(slots=True)
class _Slot:
    """One host at a time; `waits` are the last steps of the host before it."""

    host: str
    waits: tuple[tuple[float, str], ...] = ()


@dataclass(slots=True)
class HostSlots:
    """At most `room` hosts worked on at once, each by any number of steps.

    A slot passes from one host to another only when every step of the former has ended, and every
    step of the latter waits for those by name.
    """

    room: int
    why: str
    _slots: list[_Slot] = field(default_factory=list)

    def has(self, host: str) -> bool:
        """Whether the host is being worked on."""
        return any(slot.host == host for slot in self._slots) or len(self._slots) < self.room

    def waits_for(self, host: str, lanes: dict[str, Lanes]) -> tuple[tuple[float, str], ...]:
        """(end, id) of what a step on the host has to wait for, if it were started next."""
        for slot in self._slots:
            if slot.host == host:
                return slot.waits
        if len(self._slots) < self.room:
            return ()
        return lanes[self._first_free(lanes).host].tails()

    def take(self, host: str, lanes: dict[str, Lanes]) -> None:
        """Begin to work on the host, or go on with it."""
        if any(slot.host == host for slot in self._slots):
            return
        if len(self._slots) < self.room:
            self._slots.append(_Slot(host=host))
            return
        slot = self._first_free(lanes)
        slot.waits = lanes[slot.host].tails()
        slot.host = host

    def _first_free(self, lanes: dict[str, Lanes]) -> _Slot:
        return min(self._slots, key=lambda slot: lanes[slot.host].tails()[-1][0])

"""The services of one manager: what is known of each, whose turn comes when, and what has changed.

A host may have a thousand services. Whatever follows from one event must cost as much as that
event and no more, so nothing here, nor what uses it, walks through all of them for each.
"""

import heapq
from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from insvc.supervise.unit import Event, Unit

_ROUTINE = frozenset({Event.LOOK_DUE, Event.AUDIT_DUE})
"""When a service is looked at next is nobody's concern but the calendar's."""


class Roster(dict[str, Unit]):
    """Units by name. Putting one in its place notes all that has to follow from it.

    Attributes:
        undecided: names whose change nobody has acted on; `unsaved`: not yet written down;
            `untold`: not yet told to those who wait for a change.
    """

    def __init__(self, units: Iterable[Unit] = ()) -> None:
        super().__init__()
        self.undecided: set[str] = set()
        self.unsaved: set[str] = set()
        self.untold: set[str] = set()
        self._calendar: list[tuple[float, int, str, Event]] = []
        self._number = count()
        for unit in units:
            self[unit.definition.name] = unit

    def __setitem__(self, name: str, unit: Unit) -> None:
        was = self.get(name)
        if was is unit:
            return
        super().__setitem__(name, unit)
        known = () if was is None else was.due
        for event, at in unit.due:
            if (event, at) not in known:
                heapq.heappush(self._calendar, (at, next(self._number), name, event))
        if was is None or not is_routine(was, unit):
            self._note(name)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._note(name)

    def next_at(self) -> float | None:
        """When the next event falls due, on the manager's clock; nothing where none does."""
        while self._calendar and not self._stands(*self._calendar[0]):
            heapq.heappop(self._calendar)
        return self._calendar[0][0] if self._calendar else None

    def take_due(self, now: float) -> list[tuple[str, Event]]:
        """What is due, in the order in which it fell due. Each is told once."""
        due = []
        while self._calendar and self._calendar[0][0] <= now:
            at, number, name, event = heapq.heappop(self._calendar)
            if self._stands(at, number, name, event):
                due.append((name, event))
        return due

    def _stands(self, at: float, _number: int, name: str, event: Event) -> bool:
        """Whether that entry has not been cancelled since it was made."""
        unit = self.get(name)
        return unit is not None and (event, at) in unit.due

    def _note(self, name: str) -> None:
        self.undecided.add(name)
        self.unsaved.add(name)
        self.untold.add(name)


def is_routine(was: Unit, unit: Unit) -> bool:
    """Whether nothing but the time of the next look tells the two apart."""
    return replace(unit, due=was.due) == was and _notable(was) == _notable(unit)


def _notable(unit: Unit) -> tuple[tuple[Event, float], ...]:
    return tuple(one for one in unit.due if one[0] not in _ROUTINE)

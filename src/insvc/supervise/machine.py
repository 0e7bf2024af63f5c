"""How pmon and sm walk their tables: which event it is, what follows, what is on the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from insvc.supervise import hand_over, script_control
from insvc.supervise.unit import (
    OF_THE_UNIT,
    Do,
    Event,
    Unit,
    apply_to_unit,
    ended,
    is_last_failure,
    is_last_miss,
    retry_pause_s,
)

_ENDS = frozenset({Event.EXITED, Event.EXHAUSTED, Event.ENDED, Event.PARTED})
_FORCED = frozenset({Event.OVERDUE, Event.ACT_GIVEN_UP, Event.LEFT})
LOOK_PAUSE_S = 0.03
_LONGEST_LOOK_PAUSE_S = 1.0
_PART_OF_ITS_START = 0.1

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine(Generic[S]):
    """A table and the parts its states play in it.

    Attributes:
        states: the words of the table.
        table: what follows from an event in a state, and what is asked for.
        starting: launched and looked at until it is ready.
        up: it serves.
        stopping: asked to end.
        ending: being ended by force: its start took too long, or it hangs.
        failed: its failures used up its budget.
        handing: it serves, and its successor gets ready.
        relieving: its successor serves, and it finishes what it has begun.
    """

    states: type[S]
    table: Mapping[tuple[S, Event], tuple[S, tuple[Do, ...]]]
    starting: S
    up: S
    stopping: S
    ending: S
    failed: S
    handing: S
    relieving: S

    def advance(self, unit: Unit, event: Event, now: float) -> tuple[Unit, tuple[Do, ...]]:
        """The unit after the event, and what the world is to be asked for, in that order.

        An event that the table does not know in this state changes nothing.
        """
        was = self.states(unit.state)
        named = self._name(unit, was, event, now)
        if (was, named) not in self.table:
            return unit, ()
        state, actions = self.table[was, named]
        actions = script_control.actions_for(unit, actions, is_other_state=state != was)
        after = apply_to_unit(ended(unit, now) if named in _ENDS else unit, actions)
        after = hand_over.changed(after, named, actions, now)
        if state != was:
            after = replace(after, tries=0)
        if named is Event.READY:
            after = replace(after, ready_at=now)
        if state == self.starting and was != self.starting:
            after = replace(after, ready_at=None)
        after = self._draining(replace(after, state=state), was, named)
        after = replace(after, due=self._due(after, was, state, named, now))
        return after, tuple(one for one in actions if one not in OF_THE_UNIT)

    @property
    def _downwards(self) -> tuple[S, S]:
        return self.stopping, self.ending

    def _name(self, unit: Unit, was: S, event: Event, now: float) -> Event:
        """The event by its full name.

        Was a death or a silence one too many, or the end of what had refused to stop or is not
        managed? May an overdue stop be forced?
        """
        if unit.definition.script is not None and was in {self.starting, *self._downwards}:
            event = script_control.named(
                unit,
                event,
                is_starting=was == self.starting,
                is_stopping=was == self.stopping,
            )
        if event is Event.EXITED and was == self.up and (unit.refused or not unit.managed):
            return Event.ENDED
        if event is Event.SILENT and was == self.up and is_last_miss(unit):
            return Event.HUNG
        counts = was in {self.starting, self.up, self.ending, self.relieving}
        if event is Event.EXITED and counts and is_last_failure(unit, now):
            return Event.EXHAUSTED
        may_force = unit.drain_rule.on_timeout != "leave" or unit.definition.script is not None
        is_left = was in {self.stopping, self.relieving} and not may_force
        return Event.LEFT if event is Event.OVERDUE and is_left else event

    def _draining(self, unit: Unit, was: S, event: Event) -> Unit:
        """What is known of its stop: by itself, by force, or not at all."""
        if unit.state == self.stopping and was != self.stopping:
            return replace(unit, drained=was != self.ending, refused=False)
        if event is Event.ENDED:
            return replace(unit, drain=None, refused=False)
        if self.relieving in {was, unit.state} or was == self.handing:
            is_entered = unit.state == self.relieving and was != self.relieving
            is_left = unit.state not in {self.relieving, self.stopping}
            return hand_over.draining(unit, event, is_entered=is_entered, is_left=is_left)
        if unit.state == self.starting:
            return replace(unit, drain=None)
        if was == self.stopping:
            drained = False if event in _FORCED else unit.drained
            rule = unit.drain if unit.state == self.stopping else None
            return replace(unit, drained=drained, drain=rule)
        return unit

    def _due(
        self, unit: Unit, was: S, state: S, event: Event, now: float
    ) -> tuple[tuple[Event, float], ...]:
        """The calendar: kept within a state, cancelled and set anew between two."""
        if was == state:
            return self._due_within(unit, state, event, now)
        has_script = unit.definition.script is not None
        if has_script and state in {self.starting, *self._downwards}:
            is_starting = state == self.starting
            return script_control.calendar(unit, Event.ACT_DUE, now, is_starting=is_starting)
        if state == self.starting:
            look = now + unit.definition.startup_s
            over = look + unit.definition.ready_timeout_s
            return ((Event.LOOK_DUE, look), (Event.OVERDUE, over))
        if state == self.up:
            return ((Event.SETTLED, now + unit.definition.debounce_s), *_audit(unit, now))
        limits_s = {
            self.handing: unit.definition.startup_s + unit.definition.ready_timeout_s,
            self.relieving: unit.drain_rule.timeout_s,
            self.stopping: unit.drain_rule.timeout_s,
        }
        if state in limits_s:
            return ((Event.OVERDUE, now + limits_s[state]),)
        was_tried = was in {self.starting, self.ending} and state != self.ending
        is_paced = state == self.failed or was_tried
        pause = retry_pause_s(unit) if is_paced and unit.failures else None
        return () if pause is None else ((Event.RETRY_DUE, now + pause),)

    def _due_within(
        self, unit: Unit, state: S, event: Event, now: float
    ) -> tuple[tuple[Event, float], ...]:
        """The calendar after an event that has left the state as it was."""
        if event in script_control.OF_ITS_ACTS:
            is_starting = state == self.starting
            return script_control.calendar(unit, event, now, is_starting=is_starting)
        kept = tuple(one for one in unit.due if one[0] is not event)
        if event is Event.NOT_READY:
            return (*kept, (Event.LOOK_DUE, now + _look_pause_s(unit, now)))
        return (*kept, *_audit(unit, now)) if event is Event.AUDIT_DUE else kept


def _look_pause_s(unit: Unit, now: float) -> float:
    """How long to wait before the next look at one that is not ready yet.

    A tenth of what its start has taken so far: a thousand services that start slowly at once do
    not keep their host, and their own starts, busy with looks.
    """
    is_slow = unit.definition.script is not None
    least_s = script_control.LOOK_PAUSE_S if is_slow else LOOK_PAUSE_S
    taken_s = 0.0 if unit.started_at is None else now - unit.started_at
    return max(least_s, min(_LONGEST_LOOK_PAUSE_S, taken_s * _PART_OF_ITS_START))


def _audit(unit: Unit, now: float) -> tuple[tuple[Event, float], ...]:
    """When it is asked next. That stands before the answer does: a lost answer ends no watch."""
    due_s = unit.definition.audit_s
    return ((Event.AUDIT_DUE, now + due_s),) if due_s > 0 else ()

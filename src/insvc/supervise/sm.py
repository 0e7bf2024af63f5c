"""sm: brings the services of a controller to their desired state, in the order they need.

A service counts as restarted only when it is enabled-active again after it has left that state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from insvc.supervise.budget import (
    Condition,
    Spent,
    after_good_change,
    after_proof,
    after_request,
)
from insvc.supervise.hand_over import with_hand_over
from insvc.supervise.machine import Machine
from insvc.supervise.script_control import rows_of_scripts
from insvc.supervise.unit import Do, Duty, Event, Unit, spent_by_failure

ENABLING_AT_ONCE = 8
"""How many services are on their way up at a time; what is up already does not count."""


WAY_LIMIT_S = 300.0
"""How long a service may be on its way up, or down, with all tries."""


class State(StrEnum):
    """What sm does with a service."""

    DISABLED = "disabled"
    THROTTLED = "enabling-throttle"
    ENABLING = "enabling"
    ENABLED_ACTIVE = "enabled-active"
    DISABLING = "disabling"
    ENDING = "ending"
    FAILED = "failed"
    HANDING_OVER = "handing-over"
    RELIEVING = "relieving"


_STOP = (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.SIGNAL)
_FORCE = (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.KILL)
_GONE = (Do.SWEEP, Do.DELETE_PIDFILE)
_FAILURE = (Do.COUNT, *_GONE)

_OWN: Mapping[tuple[State, Event], tuple[State, tuple[Do, ...]]] = MappingProxyType(
    {
        (State.DISABLED, Event.START): (State.THROTTLED, ()),
        (State.DISABLED, Event.STRAY): (State.DISABLING, _STOP),
        (State.THROTTLED, Event.ADMIT): (State.ENABLING, (Do.DELETE_PIDFILE, Do.LAUNCH)),
        (State.THROTTLED, Event.RETRY_DUE): (State.THROTTLED, ()),
        (State.THROTTLED, Event.STOP): (State.DISABLED, ()),
        (State.ENABLING, Event.LOOK_DUE): (State.ENABLING, (Do.LOOK,)),
        (State.ENABLING, Event.NOT_READY): (State.ENABLING, ()),
        (State.ENABLING, Event.READY): (State.ENABLED_ACTIVE, ()),
        (State.ENABLING, Event.EXITED): (State.THROTTLED, _FAILURE),
        (State.ENABLING, Event.EXHAUSTED): (State.FAILED, _FAILURE),
        (State.ENABLING, Event.OVERDUE): (
            State.ENDING,
            _FORCE,
        ),
        (State.ENABLING, Event.OUT_OF_TIME): (State.ENDING, _FORCE),
        (State.ENABLING, Event.STOP): (State.DISABLING, _STOP),
        (State.ENABLED_ACTIVE, Event.EXITED): (State.THROTTLED, _FAILURE),
        (State.ENABLED_ACTIVE, Event.ENDED): (State.DISABLED, _GONE),
        (State.ENABLED_ACTIVE, Event.EXHAUSTED): (State.FAILED, _FAILURE),
        (State.ENABLED_ACTIVE, Event.SETTLED): (State.ENABLED_ACTIVE, (Do.FORGIVE,)),
        (State.ENABLED_ACTIVE, Event.AUDIT_DUE): (State.ENABLED_ACTIVE, (Do.AUDIT,)),
        (State.ENABLED_ACTIVE, Event.ALIVE): (State.ENABLED_ACTIVE, (Do.HEAR,)),
        (State.ENABLED_ACTIVE, Event.SILENT): (State.ENABLED_ACTIVE, (Do.MISS,)),
        (State.ENABLED_ACTIVE, Event.HUNG): (State.ENDING, _FORCE),
        (State.ENABLED_ACTIVE, Event.STOP): (State.DISABLING, _STOP),
        (State.DISABLING, Event.EXITED): (State.DISABLED, _GONE),
        (State.DISABLING, Event.OVERDUE): (State.DISABLING, (Do.KILL,)),
        (State.DISABLING, Event.OUT_OF_TIME): (State.DISABLING, (Do.KILL,)),
        (State.DISABLING, Event.LEFT): (State.ENABLED_ACTIVE, (Do.REGISTER, Do.REFUSE)),
        (State.ENDING, Event.EXITED): (State.THROTTLED, _FAILURE),
        (State.ENDING, Event.EXHAUSTED): (State.FAILED, _FAILURE),
        (State.ENDING, Event.OUT_OF_TIME): (State.ENDING, (Do.KILL,)),
        (State.ENDING, Event.STOP): (State.DISABLING, (Do.KILL,)),
        (State.FAILED, Event.RETRY_DUE): (State.THROTTLED, ()),
        (State.FAILED, Event.START): (State.THROTTLED, ()),
        (State.FAILED, Event.STOP): (State.DISABLED, ()),
        **rows_of_scripts(State.ENABLING, State.DISABLING, State.ENDING),
    }
)
TABLE = MappingProxyType(
    with_hand_over(
        _OWN,
        up=State.ENABLED_ACTIVE,
        starting=State.ENABLING,
        handing=State.HANDING_OVER,
        relieving=State.RELIEVING,
    )
)


ON_THE_WAY = frozenset({State.ENABLING, State.DISABLING, State.ENDING})
"""States that a service is to leave within `way_limit_s`."""


class SmMachine(Machine[State]):
    """The table of sm with the failure budget of each service."""

    def advance(self, unit: Unit, event: Event, now: float) -> tuple[Unit, tuple[Do, ...]]:
        """The service after the event, what of its budget is used up, and what is to be done.

        A look that failed at a service that is not managed is nobody's business, and it may take
        as long on its way as it likes: its limit begins anew.
        """
        if not unit.managed and (event is Event.SILENT or _is_late(unit, event)):
            again = ((event, now + _limit_s(unit)),) if event is Event.OVERDUE else ()
            kept = tuple(one for one in unit.due if one[0] is not event)
            return replace(unit, due=(*kept, *again)), ()
        after, actions = Machine.advance(self, unit, event, now)
        spent = _spent(unit, after, event, now)
        if spent.is_stuck and after.state != unit.state:
            spent = replace(spent, is_stuck=False)
        if spent is unit.spent:
            return after, actions
        # What is given up is not tried again by itself.
        due = () if spent.is_given_up and after.state == State.FAILED else after.due
        return replace(after, spent=spent, due=due), actions


def _is_late(unit: Unit, event: Event) -> bool:
    """Whether this would end by force what is on its way up or down."""
    is_on_its_way = unit.state in {State.ENABLING, State.DISABLING}
    return is_on_its_way and event in {Event.OVERDUE, Event.OUT_OF_TIME}


def _limit_s(unit: Unit) -> float:
    is_up = unit.state == State.ENABLING
    return unit.definition.ready_timeout_s if is_up else unit.drain_rule.timeout_s


def way_limit_s(unit: Unit) -> float:
    """How long it may take to be up, or down, with all tries; never less than one of them."""
    definition = unit.definition
    if unit.state == State.ENABLING:
        one = 0.0 if definition.script is None else definition.script.start.timeout_s
        return max(WAY_LIMIT_S, one + definition.startup_s + definition.ready_timeout_s)
    script = definition.script
    return max(WAY_LIMIT_S, unit.drain_rule.timeout_s if script is None else script.stop.timeout_s)


def _spent(before: Unit, after: Unit, event: Event, now: float) -> Spent:
    """What of its budget is used up; a restart that an operator asked for uses up nothing."""
    if after.restarts > before.restarts:
        return spent_by_failure(before, now)
    if event is Event.OUT_OF_TIME and after.state == before.state:
        return replace(before.spent, condition=Condition.ACTION_FAILURE, is_stuck=True)
    if event is Event.READY and after.state == State.ENABLED_ACTIVE:
        return after_good_change(before.spent)
    if event is Event.SETTLED and after.state == State.ENABLED_ACTIVE:
        return after_proof(before.spent)
    is_asked_for = before.state == State.FAILED and event in {Event.STOP, Event.START}
    is_gone = before.state == State.DISABLING and after.state == State.DISABLED
    if is_asked_for or (is_gone and before.is_called_failed):
        return after_request(before.spent)
    return before.spent


MACHINE = SmMachine(
    states=State,
    table=TABLE,
    starting=State.ENABLING,
    up=State.ENABLED_ACTIVE,
    stopping=State.DISABLING,
    ending=State.ENDING,
    failed=State.FAILED,
    handing=State.HANDING_OVER,
    relieving=State.RELIEVING,
)
advance = MACHINE.advance

_SERVES = frozenset({State.ENABLED_ACTIVE, State.HANDING_OVER, State.RELIEVING})
_DOWN = frozenset({State.DISABLED, State.DISABLING})
_NOT_BEGUN = frozenset({State.DISABLED, State.THROTTLED, State.FAILED})


def dependants(units: Mapping[str, Unit], name: str) -> frozenset[str]:
    """Every service that needs that one, directly or through others."""
    found: set[str] = set()
    wave = {name}
    while wave:
        wave = {
            one
            for one, unit in units.items()
            if one not in found and wave.intersection(unit.definition.depends_on)
        }
        found |= wave
    return frozenset(found - {name})


def hold(duty: Duty, units: Mapping[str, Unit], name: str) -> Duty:
    """The duty to take that service and all that needs it down, in order, and up again."""
    return replace(duty, held=duty.held | {name} | dependants(units, name))


def release(duty: Duty, units: Mapping[str, Unit]) -> Duty:
    """The duty without what was held, once all of it is down, or one of it refuses to be."""
    held = [units[name] for name in duty.held if name in units and units[name].managed]
    is_over = all(one.state == State.DISABLED for one in held) or any(one.refused for one in held)
    return replace(duty, held=frozenset()) if duty.held and is_over else duty


def decide(duty: Duty, units: Mapping[str, Unit]) -> tuple[tuple[str, Event], ...]:
    """What must happen so that what runs is what is wanted. Nothing, once it is.

    Up: what a service depends on is enabled-active first; a service that depends on one its
    manager does not know waits for nothing. Down: what depends on it and is to go too goes first.
    What is not managed is left as it is, and nobody waits for it.
    """
    wanted = {name for name, unit in units.items() if unit.managed and duty.wants(unit.definition)}
    in_use = {one: unit for one, unit in units.items() if one not in duty.unprovisioned}
    return (*_ups(in_use, wanted), *_downs(units, wanted))


def _ups(units: Mapping[str, Unit], wanted: set[str]) -> Iterable[tuple[str, Event]]:
    free = ENABLING_AT_ONCE - sum(unit.state == State.ENABLING for unit in units.values())
    for name in sorted(wanted):
        unit = units[name]
        if unit.state == State.DISABLED:
            yield name, Event.START
        elif unit.state == State.THROTTLED and free > 0 and _may_start(unit, units):
            free -= 1
            yield name, Event.ADMIT


def _may_start(unit: Unit, units: Mapping[str, Unit]) -> bool:
    """Whether its pause is over and all it depends on serves."""
    return not unit.is_due(Event.RETRY_DUE) and all(
        units[one].state in _SERVES or not units[one].managed
        for one in unit.definition.depends_on
        if one in units
    )


def _downs(units: Mapping[str, Unit], wanted: set[str]) -> Iterable[tuple[str, Event]]:
    for name, unit in units.items():
        if name in wanted or unit.state in _DOWN or not _is_free(unit):
            continue
        if not any(
            one not in wanted and _is_to_go_first(units, one, name)
            for one in dependants(units, name)
        ):
            yield name, Event.STOP


def _is_to_go_first(units: Mapping[str, Unit], one: str, needed: str) -> bool:
    """Whether it is to be down before what it needs. In a circle of needs nobody is the first."""
    if units[one].state in _NOT_BEGUN or not _is_free(units[one]):
        return False
    return needed not in dependants(units, one)


def _is_free(unit: Unit) -> bool:
    """Whether it may be taken down at all."""
    return unit.managed and not unit.refused

"""Hand-overs under both tables."""

from dataclasses import replace
from typing import Any

import pytest

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager
from insvc.supervise import pmon, sm
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.machine import Machine
from insvc.supervise.unit import Do, Event, Unit

MAIN = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
NEXT = ProcessIdentity(boot_id="b", pid=8, start_ticks=10)
DEFINITION = ServiceDefinition(
    name="x",
    manager=Manager.PMON,
    package="x",
    command=("p",),
    pidfile="run/x.pid",
    port=80,
    hands_over=True,
    startup_s=0.5,
    ready_timeout_s=10.0,
    drain=DrainRule(timeout_s=3.0),
)
BOTH: list[Machine[Any]] = [pmon.MACHINE, sm.MACHINE]


@pytest.fixture(params=BOTH, ids=["pmon", "sm"])
def machine(request: pytest.FixtureRequest) -> Machine[Any]:
    found: Machine[Any] = request.param
    return found


def handing(machine: Machine[Any], **fields: Any) -> Unit:
    given = {
        "definition": DEFINITION,
        "state": machine.handing,
        "main": MAIN,
        "next": NEXT,
        "next_at": 90.0,
        "due": ((Event.OVERDUE, 110.5),),
        **fields,
    }
    return Unit(**given)


def relieving(machine: Machine[Any], **fields: Any) -> Unit:
    unit, _ = machine.advance(handing(machine, **fields), Event.NEXT_READY, 100.0)
    return unit


def test_a_successor_is_launched_beside_what_serves(machine: Machine[Any]) -> None:
    up = Unit(definition=DEFINITION, state=machine.up, main=MAIN)
    unit, actions = machine.advance(up, Event.HAND_OVER, 100.0)
    assert (unit.state, actions) == (machine.handing, (Do.LAUNCH_NEXT,))
    assert (unit.main, unit.due) == (MAIN, ((Event.OVERDUE, 110.5),))


def test_one_that_is_ready_serves_and_the_old_one_is_asked_to_finish(machine: Machine[Any]) -> None:
    unit, actions = machine.advance(handing(machine, starts=1), Event.NEXT_READY, 100.0)
    assert (unit.state, actions) == (machine.relieving, (Do.TAKE_NEXT, Do.SIGNAL_OLD))
    assert (unit.main, unit.old, unit.next, unit.starts) == (NEXT, MAIN, None, 2)
    assert (unit.started_at, unit.ready_at) == (90.0, 100.0)
    assert unit.due == ((Event.OVERDUE, 103.0),)
    unit, actions = machine.advance(unit, Event.OLD_EXITED, 101.0)
    assert (unit.state, actions) == (machine.up, (Do.LET_OLD_GO,))
    assert (unit.old, unit.drained, unit.failures, unit.stopped_at) == (None, True, 0, 101.0)


def test_one_that_fails_leaves_everything_as_it_was(machine: Machine[Any]) -> None:
    unit, actions = machine.advance(handing(machine), Event.OVERDUE, 110.5)
    assert (unit.state, actions) == (machine.handing, (Do.KILL_NEXT,))
    unit, actions = machine.advance(unit, Event.NEXT_EXITED, 110.6)
    assert (unit.state, actions) == (machine.up, (Do.LET_NEXT_GO,))
    assert (unit.main, unit.next, unit.failures, unit.starts) == (MAIN, None, 0, 0)
    assert unit.is_due(Event.SETTLED)


def test_a_death_before_it_is_ready_makes_its_start_an_ordinary_one(machine: Machine[Any]) -> None:
    unit, actions = machine.advance(handing(machine), Event.EXITED, 100.0)
    assert (unit.state, actions) == (machine.starting, (Do.SWEEP, Do.TAKE_NEXT))
    assert (unit.main, unit.old, unit.next, unit.ready_at) == (NEXT, None, None, None)
    assert (unit.failures, unit.restarts, unit.starts) == (1, 1, 1)
    assert dict(unit.due) == {Event.LOOK_DUE: 100.5, Event.OVERDUE: 110.5}


def test_a_death_after_it_took_over_is_a_death_and_the_old_one_is_ended(
    machine: Machine[Any],
) -> None:
    unit, actions = machine.advance(relieving(machine), Event.EXITED, 101.0)
    assert actions[0] is Do.KILL_OLD
    assert (unit.restarts, unit.main, unit.old) == (1, None, MAIN)
    unit, actions = machine.advance(unit, Event.OLD_EXITED, 101.1)
    assert (actions, unit.old) == ((Do.LET_OLD_GO,), None)


def test_the_last_death_allowed_in_a_hand_over_is_the_last(machine: Machine[Any]) -> None:
    strict = replace(DEFINITION, restarts=1, manager=Manager.PMON)
    unit, _ = machine.advance(relieving(machine, definition=strict), Event.EXITED, 101.0)
    assert unit.state == machine.failed


@pytest.mark.parametrize("end", [Do.KILL_NEXT, Do.KILL_OLD])
def test_a_stop_ends_both(machine: Machine[Any], end: Do) -> None:
    unit = handing(machine) if end is Do.KILL_NEXT else relieving(machine)
    unit, actions = machine.advance(unit, Event.STOP, 101.0)
    assert unit.state == machine.stopping
    assert (actions[0], actions[-1]) == (end, Do.SIGNAL)
    late = Event.NEXT_EXITED if end is Do.KILL_NEXT else Event.OLD_EXITED
    unit, _ = machine.advance(unit, late, 101.1)
    assert (unit.state, unit.next, unit.old) == (machine.stopping, None, None)


def test_an_old_process_that_does_not_finish_is_ended(machine: Machine[Any]) -> None:
    unit, actions = machine.advance(relieving(machine), Event.OVERDUE, 103.0)
    assert (unit.state, actions, unit.drained) == (machine.relieving, (Do.KILL_OLD,), False)
    unit, _ = machine.advance(unit, Event.OLD_EXITED, 103.1)
    assert (unit.state, unit.drained) == (machine.up, False)


def test_an_old_process_that_may_not_be_killed_is_left_to_finish(machine: Machine[Any]) -> None:
    rule = DrainRule(timeout_s=1.0, on_timeout="leave")
    unit = relieving(machine, drain=rule)
    assert unit.due == ((Event.OVERDUE, 101.0),)
    unit, actions = machine.advance(unit, Event.OVERDUE, 101.0)
    assert (unit.state, actions, unit.drained) == (machine.up, (), False)
    assert (unit.old, unit.refused, unit.drain) == (MAIN, False, None)
    unit, actions = machine.advance(unit, Event.OLD_EXITED, 150.0)
    assert (unit.state, actions) == (machine.up, (Do.LET_OLD_GO,))


def test_the_end_of_either_of_the_two_is_met_in_every_state(machine: Machine[Any]) -> None:
    for state in machine.states:
        for event in (Event.NEXT_EXITED, Event.OLD_EXITED):
            assert (state, event) in machine.table

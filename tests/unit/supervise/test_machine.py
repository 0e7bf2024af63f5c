"""What pmon and sm have in common: names of events, calendars, drains."""

from dataclasses import replace
from typing import Any

import pytest

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager
from insvc.supervise import pmon, sm
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.machine import LOOK_PAUSE_S, Machine
from insvc.supervise.unit import Do, Event, Unit

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
DEFINITION = ServiceDefinition(
    name="x",
    manager=Manager.PMON,
    package="x",
    command=("usr/bin/x",),
    pidfile="run/x.pid",
    restarts=2,
    startup_s=0.5,
    ready_timeout_s=10.0,
    debounce_s=4.0,
    interval_s=1.0,
    drain=DrainRule(timeout_s=3.0),
)
BOTH: list[Machine[Any]] = [pmon.MACHINE, sm.MACHINE]


def unit_in(machine: Machine[Any], part: str, **fields: Any) -> Unit:
    return Unit(definition=DEFINITION, state=getattr(machine, part), main=ME, **fields)


def walk(machine: Machine[Any], unit: Unit, *events: Event, now: float = 100.0) -> Unit:
    for event in events:
        unit, _ = machine.advance(unit, event, now)
    return unit


@pytest.fixture(params=BOTH, ids=["pmon", "sm"])
def machine(request: pytest.FixtureRequest) -> Machine[Any]:
    found: Machine[Any] = request.param
    return found


def test_every_state_with_a_live_process_knows_what_its_death_means(machine: Machine[Any]) -> None:
    for state in (machine.starting, machine.up, machine.stopping, machine.ending):
        _, actions = machine.table[state, Event.EXITED]
        assert Do.SWEEP in actions


def test_every_target_and_every_state_is_in_the_table(machine: Machine[Any]) -> None:
    sources = {state for state, _ in machine.table}
    targets = {state for state, _ in machine.table.values()}
    assert sources == targets == set(machine.states.__members__.values())


def test_an_event_without_meaning_changes_nothing(machine: Machine[Any]) -> None:
    unit = unit_in(machine, "up", due=((Event.SETTLED, 104.0),))
    assert machine.advance(unit, Event.ADMIT, 100.0) == (unit, ())


def test_a_start_is_looked_at_until_it_is_ready_or_overdue(machine: Machine[Any]) -> None:
    unit = unit_in(machine, "starting", due=((Event.LOOK_DUE, 100.5), (Event.OVERDUE, 110.5)))
    unit, actions = machine.advance(unit, Event.LOOK_DUE, 100.5)
    assert actions == (Do.LOOK,)
    assert unit.due == ((Event.OVERDUE, 110.5),)
    unit = walk(machine, unit, Event.NOT_READY, now=100.6)
    assert dict(unit.due) == {Event.OVERDUE: 110.5, Event.LOOK_DUE: 100.6 + LOOK_PAUSE_S}
    unit = walk(machine, unit, Event.READY, now=101.0)
    assert (unit.state, unit.ready_at) == (machine.up, 101.0)
    assert unit.due == ((Event.SETTLED, 105.0),)


def test_a_start_that_takes_too_long_is_killed_and_counts_once_it_is_dead(
    machine: Machine[Any],
) -> None:
    unit, actions = machine.advance(unit_in(machine, "starting"), Event.OVERDUE, 100.0)
    assert actions == (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.KILL)
    assert unit.failures == 0
    unit = walk(machine, unit, Event.EXITED)
    assert (unit.failures, unit.main) == (1, None)
    assert unit.due == ((Event.RETRY_DUE, 101.0),)


def test_failures_up_to_the_budget_make_it_failed_and_it_is_tried_on(
    machine: Machine[Any],
) -> None:
    unit = walk(machine, unit_in(machine, "starting", failures=1), Event.EXITED)
    assert (unit.state, unit.failures) == (machine.failed, 2)
    assert unit.due == ((Event.RETRY_DUE, 102.0),)


def test_a_budget_of_none_is_never_tried_again(machine: Machine[Any]) -> None:
    strict = replace(DEFINITION, restarts=0)
    unit = walk(machine, replace(unit_in(machine, "up"), definition=strict), Event.EXITED)
    assert (unit.state, unit.due) == (machine.failed, ())


def test_only_time_forgives(machine: Machine[Any]) -> None:
    unit = walk(machine, unit_in(machine, "starting", failures=1), Event.READY)
    assert unit.failures == 1
    unit = walk(machine, unit, Event.SETTLED, now=104.0)
    assert (unit.failures, unit.state, unit.due) == (0, machine.up, ())


def test_a_stop_unregisters_and_deletes_the_pidfile_before_it_signals(
    machine: Machine[Any],
) -> None:
    unit, actions = machine.advance(unit_in(machine, "up", failures=1), Event.STOP, 100.0)
    assert actions == (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.SIGNAL)
    assert unit.due == ((Event.OVERDUE, 103.0),)
    unit = walk(machine, unit, Event.EXITED)
    assert (unit.failures, unit.restarts, unit.drained) == (1, 0, True)


def test_a_drain_that_takes_too_long_ends_by_force(machine: Machine[Any]) -> None:
    unit = walk(machine, unit_in(machine, "up"), Event.STOP)
    unit, actions = machine.advance(unit, Event.OVERDUE, 103.0)
    assert actions == (Do.KILL,)
    assert (unit.drained, unit.due) == (False, ())
    assert walk(machine, unit, Event.EXITED).drained is False


def test_a_drain_that_may_not_be_forced_leaves_the_service_running(machine: Machine[Any]) -> None:
    rule = DrainRule(timeout_s=1.0, on_timeout="leave")
    unit = walk(machine, unit_in(machine, "up", drain=rule), Event.STOP)
    assert unit.due == ((Event.OVERDUE, 101.0),)
    unit = walk(machine, unit, Event.OVERDUE, now=101.0)
    assert (unit.state, unit.refused, unit.registered) == (machine.up, True, True)
    assert (unit.drained, unit.drain) == (False, None)
    assert not walk(machine, unit, Event.STOP).refused


def test_an_overridden_drain_lasts_for_one_stop(machine: Machine[Any]) -> None:
    unit = unit_in(machine, "up", drain=DrainRule(signal="USR1"))
    unit = walk(machine, unit, Event.STOP)
    assert unit.drain_rule.signal == "USR1"
    assert walk(machine, unit, Event.EXITED).drain is None


def test_a_stop_of_what_is_being_killed_was_no_drain(machine: Machine[Any]) -> None:
    unit, actions = machine.advance(unit_in(machine, "ending"), Event.STOP, 100.0)
    assert actions == (Do.KILL,)
    assert (unit.state, unit.drained) == (machine.stopping, False)


def audited(machine: Machine[Any], **fields: Any) -> Unit:
    """A service that is up and is asked every 5 s."""
    definition = replace(DEFINITION, audit_s=5.0, audit_misses=3)
    return replace(unit_in(machine, "up", **fields), definition=definition)


def test_what_comes_up_is_asked_from_then_on(machine: Machine[Any]) -> None:
    unit = replace(audited(machine), state=machine.starting)
    up, _ = machine.advance(unit, Event.READY, 100.0)
    assert dict(up.due) == {Event.SETTLED: 104.0, Event.AUDIT_DUE: 105.0}
    asked, actions = machine.advance(up, Event.AUDIT_DUE, 105.0)
    assert actions == (Do.AUDIT,)
    assert dict(asked.due)[Event.AUDIT_DUE] == 110.0


def test_what_is_not_to_be_audited_is_not(machine: Machine[Any]) -> None:
    up = walk(machine, unit_in(machine, "starting"), Event.READY)
    assert not up.is_due(Event.AUDIT_DUE)


def test_only_silences_in_a_row_mean_that_it_hangs(machine: Machine[Any]) -> None:
    unit = walk(machine, audited(machine), Event.SILENT, Event.SILENT, Event.ALIVE)
    assert (unit.state, unit.misses) == (machine.up, 0)
    again = walk(machine, unit, Event.SILENT, Event.SILENT)
    hung, actions = machine.advance(again, Event.SILENT, 100.0)
    assert hung.state == machine.ending
    assert actions == (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.KILL)
    after = walk(machine, hung, Event.EXITED)
    assert (after.failures, after.restarts) == (1, 1)


def test_an_answer_spends_and_gives_back_no_budget(machine: Machine[Any]) -> None:
    unit = walk(machine, audited(machine, failures=1), Event.ALIVE, Event.ALIVE)
    assert unit.failures == 1


def test_what_refused_to_stop_and_then_hangs_is_not_started_unasked(machine: Machine[Any]) -> None:
    unit = walk(machine, audited(machine, refused=True), *[Event.SILENT] * 3, Event.EXITED)
    assert not unit.refused
    assert walk(machine, unit, Event.STOP).due == ()


def test_what_is_being_ended_has_no_pause_on_its_calendar(machine: Machine[Any]) -> None:
    unit = walk(machine, unit_in(machine, "starting", failures=1), Event.OVERDUE)
    assert (unit.state, unit.due) == (machine.ending, ())

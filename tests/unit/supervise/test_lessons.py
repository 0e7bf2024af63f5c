"""Bugs that other managers had (docs/lessons.md), on the tables of ours."""

from dataclasses import replace
from typing import Any

import pytest

from insvc.agent.rows import row_of, state_of
from insvc.model.observation import ProcessIdentity
from insvc.model.words import InstanceState, Manager, Role
from insvc.supervise import pmon, sm
from insvc.supervise.alarms import of_units
from insvc.supervise.budget import Condition, Spent
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.machine import Machine
from insvc.supervise.unit import Do, Duty, Event, Unit

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
BOTH: list[Machine[Any]] = [pmon.MACHINE, sm.MACHINE]
DEFINITION = ServiceDefinition(
    name="x",
    manager=Manager.PMON,
    package="x",
    command=("usr/bin/x",),
    pidfile="run/x.pid",
    startup_s=0.5,
    ready_timeout_s=10.0,
    interval_s=1.0,
    restarts=3,
)


@pytest.fixture(params=BOTH, ids=["pmon", "sm"])
def machine(request: pytest.FixtureRequest) -> Machine[Any]:
    found: Machine[Any] = request.param
    return found


def unit_in(machine: Machine[Any], part: str, **fields: Any) -> Unit:
    manager = Manager.SM if machine is sm.MACHINE else Manager.PMON
    definition = replace(DEFINITION, manager=manager)
    made = Unit(definition=definition, state=getattr(machine, part), main=ME)
    return replace(made, **fields)


def begun(machine: Machine[Any], unit: Unit, now: float) -> Unit:
    """The unit once its manager has launched it again; sm admits what waits for its turn."""
    for event in (Event.START, Event.RETRY_DUE, Event.ADMIT):
        if unit.state != machine.starting:
            unit, _ = machine.advance(unit, event, now)
    assert unit.state == machine.starting
    return unit


def test_what_is_unregistered_and_has_no_pid_file_is_killed_only_then(
    machine: Machine[Any],
) -> None:
    order = [Do.UNREGISTER, Do.DELETE_PIDFILE]
    for (state, event), (_, actions) in machine.table.items():
        told = [one for one in actions if one in {*order, Do.SIGNAL, Do.KILL}]
        was_unregistered = state in {machine.stopping, machine.ending}
        if set(told) & {Do.SIGNAL, Do.KILL} and not was_unregistered:
            assert told[:2] == order, f"{state}, {event}"
            assert len(told) == 3


def test_every_start_is_judged_by_the_same_rule_whoever_asked_for_it(
    machine: Machine[Any],
) -> None:
    asked_for, _ = machine.advance(unit_in(machine, "up"), Event.STOP, 90.0)
    asked_for, _ = machine.advance(asked_for, Event.EXITED, 95.0)
    died, _ = machine.advance(unit_in(machine, "up"), Event.EXITED, 100.0)
    failed, _ = machine.advance(unit_in(machine, "starting"), Event.EXITED, 90.0)
    calendars = [begun(machine, one, 100.0).due for one in (asked_for, died, failed)]
    assert calendars == [((Event.LOOK_DUE, 100.5), (Event.OVERDUE, 110.5))] * 3


def test_one_late_start_of_what_must_not_fail_is_no_alarm(machine: Machine[Any]) -> None:
    unit = unit_in(machine, "starting")
    for event in (Event.OVERDUE, Event.EXITED):
        unit, _ = machine.advance(unit, event, 100.0)
    assert unit.failures == 1
    assert of_units("h", [unit]) == ()
    assert state_of(unit) is not InstanceState.FAILED


@pytest.mark.parametrize("most", range(1, 6))
def test_a_silence_counts_once_and_the_last_one_allowed_is_the_last(
    machine: Machine[Any], most: int
) -> None:
    unit = unit_in(machine, "up")
    unit = replace(unit, definition=replace(unit.definition, audit_s=1.0, audit_misses=most))
    for number in range(1, most):
        unit, actions = machine.advance(unit, Event.SILENT, 100.0)
        assert (unit.state, unit.misses, actions) == (machine.up, number, ())
    unit, _ = machine.advance(unit, Event.SILENT, 100.0)
    assert unit.state == machine.ending


def test_the_moment_nought_is_a_moment_like_every_other(machine: Machine[Any]) -> None:
    early = begun(machine, unit_in(machine, "failed", failures=3), 0.0)
    assert dict(early.due)[Event.LOOK_DUE] == 0.5
    unit = replace(early, main=ME, started_at=0.0)
    unit, _ = machine.advance(unit, Event.READY, 0.0)
    row = row_of(unit, is_wanted=True, endpoint=None, epoch_of=lambda moment: moment)
    assert (unit.ready_at, row.started_in_s) == (0.0, 0.0)
    job = replace(unit.definition, manager=Manager.CRON, schedule="* * * * *")
    ran = replace(unit, definition=job, state="scheduled")
    row = row_of(ran, is_wanted=True, endpoint=None, epoch_of=lambda moment: moment)
    assert row.last_run_at == 0.0


def test_while_everything_ends_nothing_is_started_again(machine: Machine[Any]) -> None:
    duty = Duty(role=Role.ACTIVE, closing=True)
    decide = sm.decide if machine is sm.MACHINE else pmon.decide
    down = machine.table[machine.stopping, Event.EXITED][0]
    for state in machine.states.__members__.values():
        unit = replace(unit_in(machine, "up"), state=state)
        wished = [event for _, event in decide(duty, {"x": unit})]
        assert not {Event.START, Event.ADMIT} & set(wished)
        for event in wished:
            after, actions = machine.advance(unit, event, 100.0)
            assert Do.LAUNCH not in actions
            assert after.state in {machine.stopping, down}


def test_no_timer_outlives_the_state_that_it_was_set_in(machine: Machine[Any]) -> None:
    stale = ((Event.OVERDUE, 1.0), (Event.RETRY_DUE, 2.0), (Event.SETTLED, 3.0))
    for (state, event), (then, _) in machine.table.items():
        unit = replace(unit_in(machine, "up"), state=state, due=stale, failures=1)
        after, _ = machine.advance(unit, event, 100.0)
        if after.state != state:
            assert not set(after.due) & set(stale), f"{state}, {event}, {then}"


def test_success_that_has_lasted_clears_what_failure_left(machine: Machine[Any]) -> None:
    spent = Spent(condition=Condition.RECOVERY_FAILURE)
    unit = unit_in(machine, "starting", failures=5, spent=spent)
    assert of_units("h", [unit])
    unit, _ = machine.advance(unit, Event.READY, 100.0)
    assert state_of(unit) is InstanceState.RUNNING
    unit, _ = machine.advance(unit, Event.SETTLED, dict(unit.due)[Event.SETTLED])
    assert (unit.failures, of_units("h", [unit])) == (0, ())


@pytest.mark.parametrize("manager", [Manager.PMON, Manager.SM])
def test_a_service_that_is_new_to_its_manager_comes_up(manager: Manager) -> None:
    machine: Machine[Any] = pmon.MACHINE if manager is Manager.PMON else sm.MACHINE
    decide = pmon.decide if manager is Manager.PMON else sm.decide
    first = pmon.State.STOPPED if manager is Manager.PMON else sm.State.DISABLED
    unit = Unit(definition=replace(DEFINITION, manager=manager), state=first)
    launches = 0
    while wishes := decide(Duty(role=Role.ACTIVE), {"x": unit}):
        for _, event in wishes:
            unit, actions = machine.advance(unit, event, 0.0)
            launches += actions.count(Do.LAUNCH)
    assert (unit.state, launches) == (machine.starting, 1)


def test_a_death_at_the_very_moment_of_the_debounce_counts_once_in_either_order(
    machine: Machine[Any],
) -> None:
    up, _ = machine.advance(unit_in(machine, "starting", failures=1), Event.READY, 100.0)
    at = dict(up.due)[Event.SETTLED]
    settled, _ = machine.advance(up, Event.SETTLED, at)
    forgiven_first, _ = machine.advance(settled, Event.EXITED, at)
    died, _ = machine.advance(up, Event.EXITED, at)
    died_first, actions = machine.advance(died, Event.SETTLED, at)
    assert (forgiven_first.failures, forgiven_first.restarts) == (1, 1)
    assert (died_first, actions) == (died, ())
    assert (died.failures, died.restarts) == (2, 1)

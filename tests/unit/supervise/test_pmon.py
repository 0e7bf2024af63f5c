"""The life of a process under pmon."""

from dataclasses import replace

import pytest

from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise.definition import ActiveCheck, ServiceDefinition
from insvc.supervise.pmon import State, advance, decide, leave_alone
from insvc.supervise.unit import Do, Duty, Event, Unit

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)


def unit_of(name: str = "x", state: State = State.STOPPED, **fields: object) -> Unit:
    definition = ServiceDefinition(
        name=name, manager=Manager.PMON, package=name, command=("p",), pidfile="run/p.pid"
    )
    return replace(Unit(definition=definition, state=state), **fields)  # type: ignore[arg-type]


def test_a_death_is_met_by_a_launch_at_once() -> None:
    unit, actions = advance(unit_of(state=State.RUNNING, main=ME), Event.EXITED, 10.0)
    assert actions == (Do.SWEEP, Do.DELETE_PIDFILE, Do.LAUNCH)
    assert (unit.state, unit.failures, unit.restarts) == (State.STARTING, 1, 1)
    assert unit.due == ((Event.LOOK_DUE, 10.05), (Event.OVERDUE, 30.05))


def test_a_start_that_dies_is_paced() -> None:
    unit, actions = advance(unit_of(state=State.STARTING, main=ME), Event.EXITED, 10.0)
    assert Do.LAUNCH not in actions
    assert (unit.state, unit.due) == (State.WAITING, ((Event.RETRY_DUE, 10.5),))
    unit, actions = advance(unit, Event.RETRY_DUE, 10.5)
    assert (unit.state, actions[-1]) == (State.STARTING, Do.LAUNCH)


@pytest.mark.parametrize("state", [State.WAITING, State.FAILED])
def test_what_waits_can_be_started_or_given_up(state: State) -> None:
    waiting = unit_of(state=state, failures=3, due=((Event.RETRY_DUE, 11.0),))
    unit, actions = advance(waiting, Event.START, 10.0)
    assert (unit.state, actions[-1]) == (State.STARTING, Do.LAUNCH)
    unit, actions = advance(waiting, Event.STOP, 10.0)
    assert (unit.state, unit.due, actions) == (State.STOPPED, (), ())


def test_what_is_wanted_and_stopped_is_started() -> None:
    assert decide(Duty(), {"x": unit_of()}) == (("x", Event.START),)


@pytest.mark.parametrize("state", [one for one in State if one is not State.STOPPED])
def test_what_is_wanted_and_not_stopped_is_left_to_its_table(state: State) -> None:
    assert decide(Duty(), {"x": unit_of(state=state)}) == ()


def test_a_locked_host_stops_all_but_the_service_manager() -> None:
    units = {name: unit_of(name, State.RUNNING) for name in ("x", "sm")}
    assert decide(Duty(locked=True), units) == (("x", Event.STOP),)


def test_what_refused_to_stop_and_ends_after_all_is_not_started_unasked() -> None:
    refusing = unit_of(state=State.RUNNING, main=ME, refused=True)
    unit, actions = advance(refusing, Event.EXITED, 10.0)
    assert (unit.state, unit.refused, unit.failures) == (State.STOPPED, False, 0)
    assert Do.LAUNCH not in actions
    assert list(decide(Duty(role=Role.ACTIVE), {"x": unit})) == [("x", Event.START)]


def test_what_refused_to_stop_is_not_asked_again() -> None:
    units = {"x": unit_of(state=State.RUNNING, refused=True)}
    assert decide(Duty(closing=True), units) == ()


@pytest.mark.parametrize("state", [State.STOPPED, State.STOPPING])
def test_what_is_down_or_on_its_way_is_not_stopped_again(state: State) -> None:
    assert decide(Duty(role=Role.ACTIVE, closing=True), {"x": unit_of(state=state)}) == ()


def test_what_is_left_alone_ends_without_a_failure_and_is_started_as_one_that_is_down() -> None:
    unit, actions = leave_alone(unit_of(state=State.RUNNING, main=ME), Event.EXITED, 10.0)
    assert (unit.state, unit.failures, unit.main, unit.managed) == (State.STOPPED, 0, None, True)
    assert Do.LAUNCH not in actions
    assert decide(Duty(), {"x": unit}) == (("x", Event.START),)


@pytest.mark.parametrize("state", [State.WAITING, State.FAILED])
def test_what_is_left_alone_is_not_tried_again(state: State) -> None:
    unit, actions = leave_alone(unit_of(state=state, failures=2), Event.RETRY_DUE, 10.0)
    assert (unit.state, unit.due, actions) == (State.STOPPED, (), ())


@pytest.mark.parametrize("event", [Event.SILENT, Event.HUNG])
def test_the_silence_of_what_is_left_alone_counts_for_nothing(event: Event) -> None:
    unit, actions = leave_alone(unit_of(state=State.RUNNING, main=ME, misses=2), event, 10.0)
    assert (unit.state, unit.misses, actions) == (State.RUNNING, 0, ())


def test_in_active_mode_answers_forgive_failures_and_time_does_not() -> None:
    asked = replace(
        unit_of().definition,
        active_check=ActiveCheck(port=1, period_s=5.0, timeout_s=4.0, threshold=3),
        audit_s=5.0,
    )
    starting = replace(unit_of(state=State.STARTING, main=ME, failures=1), definition=asked)
    unit, _ = advance(starting, Event.READY, 10.0)
    assert (unit.state, unit.due) == (State.RUNNING, ((Event.AUDIT_DUE, 15.0),))
    unit, _ = advance(unit, Event.SETTLED, 40.0)
    assert unit.failures == 0

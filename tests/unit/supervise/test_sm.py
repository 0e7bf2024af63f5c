"""Desired states, dependencies, restarts with and without dependants."""

from dataclasses import replace

import pytest

from insvc.model.act import DrainRule
from insvc.model.words import Manager, Role
from insvc.supervise import sm
from insvc.supervise.alarms import of_units
from insvc.supervise.budget import Condition, Spent
from insvc.supervise.definition import ActionRule, ScriptControl, ServiceDefinition
from insvc.supervise.sm import (
    WAY_LIMIT_S,
    State,
    advance,
    decide,
    dependants,
    hold,
    release,
    way_limit_s,
)
from insvc.supervise.unit import Do, Duty, Event, Unit

ACTIVE = Duty(role=Role.ACTIVE)


def unit_of(name: str, *needs: str, state: State = State.DISABLED) -> Unit:
    definition = ServiceDefinition(
        name=name,
        manager=Manager.SM,
        package=name,
        command=("p",),
        pidfile=f"run/{name}.pid",
        runs_when="active",
        depends_on=needs,
    )
    return Unit(definition=definition, state=state)


def chain(state: State = State.ENABLED_ACTIVE) -> dict[str, Unit]:
    """`web` needs `api`, `api` needs `db`."""
    return {
        "db": unit_of("db", state=state),
        "api": unit_of("api", "db", state=state),
        "web": unit_of("web", "api", state=state),
    }


def settle(duty: Duty, units: dict[str, Unit]) -> tuple[Duty, list[tuple[str, str]]]:
    """Let everything happen with programs that start and end at once; the order of acts."""
    acts: list[tuple[str, str]] = []
    duty = release(duty, units)
    while wishes := decide(duty, units):
        for name, event in wishes:
            units[name], actions = advance(units[name], event, 10.0)
            for action in (Do.LAUNCH, Do.SIGNAL):
                if action in actions:
                    acts.append((action.value, name))
                    then = Event.READY if action is Do.LAUNCH else Event.EXITED
                    units[name], _ = advance(units[name], then, 10.0)
        duty = release(duty, units)
    return duty, acts


def test_services_come_up_in_the_order_they_need() -> None:
    units = chain(State.DISABLED)
    _, acts = settle(ACTIVE, units)
    assert acts == [("launch", "db"), ("launch", "api"), ("launch", "web")]
    assert {unit.state for unit in units.values()} == {State.ENABLED_ACTIVE}


def test_services_go_down_in_the_reverse_order() -> None:
    units = chain()
    _, acts = settle(Duty(role=Role.STANDBY), units)
    assert acts == [("signal", "web"), ("signal", "api"), ("signal", "db")]


def test_a_restart_with_dependants_takes_them_down_first_and_up_last() -> None:
    units = chain()
    duty = hold(ACTIVE, units, "api")
    assert duty.held == {"api", "web"}
    duty, acts = settle(duty, units)
    assert acts == [("signal", "web"), ("signal", "api"), ("launch", "api"), ("launch", "web")]
    assert duty.held == frozenset()


def test_a_safe_restart_leaves_dependants_up() -> None:
    units = chain()
    units["db"], _ = advance(units["db"], Event.STOP, 10.0)
    assert decide(ACTIVE, units) == ()
    units["db"], _ = advance(units["db"], Event.EXITED, 10.0)
    _, acts = settle(ACTIVE, units)
    assert acts == [("launch", "db")]


def test_a_safe_restart_still_waits_for_what_it_needs() -> None:
    units = chain()
    units["db"] = replace(units["db"], state=State.ENABLING)
    units["api"] = replace(units["api"], state=State.THROTTLED)
    assert decide(ACTIVE, units) == ()


def test_a_death_is_met_at_once_and_a_failed_start_is_paced() -> None:
    unit, _ = advance(chain()["db"], Event.EXITED, 10.0)
    assert (unit.state, unit.failures, unit.due) == (State.THROTTLED, 1, ())
    assert decide(ACTIVE, {"db": unit}) == (("db", Event.ADMIT),)
    unit, actions = advance(unit, Event.ADMIT, 10.0)
    assert actions == (Do.DELETE_PIDFILE, Do.LAUNCH)
    unit, _ = advance(unit, Event.EXITED, 10.0)
    assert decide(ACTIVE, {"db": unit}) == ()
    unit, _ = advance(unit, Event.RETRY_DUE, 10.5)
    assert decide(ACTIVE, {"db": unit}) == (("db", Event.ADMIT),)


def test_a_dependency_that_nobody_knows_is_not_waited_for() -> None:
    units = {"x": unit_of("x", "elsewhere", state=State.THROTTLED)}
    assert decide(ACTIVE, units) == (("x", Event.ADMIT),)


def test_only_some_services_start_at_once() -> None:
    units = {f"s{n:02}": unit_of(f"s{n:02}", state=State.THROTTLED) for n in range(20)}
    units["s00"] = replace(units["s00"], state=State.ENABLING)
    admitted = [name for name, event in decide(ACTIVE, units) if event is Event.ADMIT]
    assert len(admitted) == sm.ENABLING_AT_ONCE - 1
    assert admitted[0] == "s01"


def test_one_that_refuses_to_stop_ends_the_restart_of_all() -> None:
    units = chain()
    duty = hold(ACTIVE, units, "api")
    units["web"] = replace(units["web"], refused=True)
    assert release(duty, units).held == frozenset()


def test_one_that_refuses_does_not_keep_what_it_needs_up() -> None:
    units = chain()
    units["web"] = replace(units["web"], refused=True)
    assert decide(Duty(role=Role.STANDBY), units) == (("api", Event.STOP),)


def test_what_is_held_and_unknown_is_forgotten() -> None:
    assert release(replace(ACTIVE, held=frozenset({"gone"})), {}).held == frozenset()


def test_nothing_held_is_nothing_to_release() -> None:
    assert release(ACTIVE, chain()) is ACTIVE


def test_a_circle_of_needs_has_an_end() -> None:
    units = {"a": unit_of("a", "b"), "b": unit_of("b", "a")}
    assert dependants(units, "a") == {"b"}


@pytest.mark.parametrize("state", [State.THROTTLED, State.ENABLED_ACTIVE, State.FAILED])
def test_a_circle_of_needs_can_be_taken_down(state: State) -> None:
    units = {
        "a": unit_of("a", "b", state=state),
        "b": unit_of("b", "a", state=state),
        "web": unit_of("web", "a", state=State.ENABLED_ACTIVE),
    }
    _, acts = settle(Duty(role=Role.STANDBY), units)
    assert {unit.state for unit in units.values()} == {State.DISABLED}
    assert acts[0] == ("signal", "web")


def test_what_waits_to_start_is_simply_not_started_when_it_is_no_longer_wanted() -> None:
    units = {"x": unit_of("x", state=State.THROTTLED)}
    assert decide(Duty(role=Role.STANDBY), units) == (("x", Event.STOP),)
    unit, actions = advance(units["x"], Event.STOP, 10.0)
    assert (unit.state, actions) == (State.DISABLED, ())


def test_the_table_tells_enabled_active_from_its_look_alikes() -> None:
    assert decide(ACTIVE, {**chain(), "db": unit_of("db", state=State.FAILED)}) == ()


def test_what_is_not_managed_is_left_as_it_is_and_nobody_waits_for_it() -> None:
    units = chain() | {"api": replace(chain()["api"], managed=False)}
    _, acts = settle(replace(ACTIVE, closing=True), units)
    assert acts == [("signal", "web"), ("signal", "db")]
    _, acts = settle(ACTIVE, units)
    assert acts == [("launch", "db"), ("launch", "web")]


def test_a_restart_with_dependants_ends_without_those_that_are_not_managed() -> None:
    units = chain() | {"web": replace(chain()["web"], managed=False)}
    duty, acts = settle(hold(ACTIVE, units, "db"), units)
    assert acts == [("signal", "api"), ("signal", "db"), ("launch", "db"), ("launch", "api")]
    assert duty.held == frozenset()


def test_the_death_of_what_is_not_managed_is_no_failure() -> None:
    unit = replace(chain()["web"], managed=False)
    after, _ = advance(unit, Event.EXITED, 5.0)
    assert (after.state, after.failures, after.restarts) == (State.DISABLED, 0, 0)


def died(unit: Unit, *moments: float) -> Unit:
    """The service, up at first, once it has died at those moments and was up soon after each."""
    unit = replace(unit, ready_at=1.0)
    for moment in moments:
        unit, _ = advance(unit, Event.EXITED, moment)
        unit, _ = advance(unit, Event.RETRY_DUE, moment + 0.1)
        unit, _ = advance(unit, Event.ADMIT, moment + 0.2)
        unit, _ = advance(unit, Event.READY, moment + 0.3)
    return unit


def failed_starts(unit: Unit, count: int) -> Unit:
    unit = replace(unit, state=State.ENABLING)
    for number in range(count):
        unit, _ = advance(unit, Event.EXITED, float(number))
        unit, _ = advance(unit, Event.RETRY_DUE, number + 0.1)
        unit, _ = advance(unit, Event.ADMIT, number + 0.2)
    return unit


def test_a_second_death_too_soon_is_a_failure_of_recovery() -> None:
    unit = died(chain()["db"], 10.0)
    assert unit.spent.condition is Condition.NONE
    unit, _ = advance(unit, Event.EXITED, 20.0)
    assert (unit.state, unit.spent.condition) == (State.FAILED, Condition.RECOVERY_FAILURE)
    assert unit.is_due(Event.RETRY_DUE)


def test_health_takes_the_failure_away_and_leaves_the_count() -> None:
    unit = died(chain()["db"], 10.0, 20.0)
    assert (unit.state, unit.is_called_failed) == (State.ENABLED_ACTIVE, True)
    unit, _ = advance(unit, Event.ALIVE, 21.0)
    assert unit.is_called_failed
    unit, _ = advance(unit, Event.SETTLED, 25.0)
    assert (unit.is_called_failed, unit.spent.deaths) == (False, 2)
    unit, _ = advance(unit, Event.EXITED, 26.0)
    assert unit.state == State.FAILED


def test_a_death_long_after_the_last_one_is_the_first_again() -> None:
    unit = died(chain()["db"], 10.0, 110.0, 210.0)
    assert (unit.is_called_failed, unit.spent.deaths) == (False, 1)


def test_one_that_hangs_has_died_and_one_that_never_came_up_has_not() -> None:
    hung = replace(chain()["db"], ready_at=5.0, state=State.ENDING)
    hung, _ = advance(hung, Event.EXITED, 10.0)
    assert (hung.spent.deaths, hung.spent.failed_actions) == (1, 0)
    late = failed_starts(chain()["db"], 1)
    assert (late.spent.deaths, late.spent.failed_actions) == (0, 1)


def test_a_start_that_could_not_even_be_tried_is_no_death() -> None:
    """What was ready in an earlier life of the service says nothing of this one."""
    unit, _ = advance(replace(chain()["db"], ready_at=5.0), Event.STOP, 10.0)
    for event in (Event.EXITED, Event.START, Event.ADMIT, Event.EXITED):
        unit, _ = advance(unit, event, 11.0)
    assert (unit.spent.deaths, unit.spent.failed_actions) == (0, 1)


def test_what_cannot_be_brought_up_is_given_up_and_left_alone() -> None:
    unit = failed_starts(chain()["db"], 15)
    assert unit.spent.condition is Condition.ACTION_FAILURE
    unit, _ = advance(unit, Event.EXITED, 15.0)
    assert (unit.state, unit.due) == (State.FAILED, ())
    assert unit.spent.is_given_up
    assert decide(ACTIVE, {"db": unit}) == ()


def test_only_an_operator_s_restart_tries_again_what_is_given_up() -> None:
    unit, _ = advance(failed_starts(chain()["db"], 15), Event.EXITED, 15.0)
    unit, _ = advance(unit, Event.STOP, 16.0)
    assert (unit.state, unit.spent.is_given_up) == (State.DISABLED, False)
    assert decide(ACTIVE, {"db": unit}) == (("db", Event.START),)


def test_restarts_by_operators_use_up_nothing() -> None:
    unit = chain()["db"]
    for number in range(100):
        for event in (Event.STOP, Event.EXITED, Event.START, Event.ADMIT, Event.READY):
            unit, _ = advance(unit, event, float(number))
    assert unit.spent == Spent()
    assert unit.restarts == 0


def test_the_calendar_of_a_state_ends_with_it() -> None:
    """A timer that outlives its state fires where nobody expects it."""
    unit = replace(chain()["db"], state=State.ENABLING)
    unit, _ = advance(unit, Event.READY, 10.0)
    assert not unit.is_due(Event.OVERDUE)
    unit, _ = advance(unit, Event.STOP, 11.0)
    assert not unit.is_due(Event.SETTLED)
    unit, _ = advance(unit, Event.EXITED, 12.0)
    assert unit.due == ()


def test_the_whole_way_up_has_an_end_whatever_is_tried_on_it() -> None:
    unit, _ = advance(replace(chain()["db"], state=State.THROTTLED), Event.ADMIT, 100.0)
    unit, actions = advance(unit, Event.OUT_OF_TIME, 400.0)
    assert (unit.state, Do.KILL in actions) == (State.ENDING, True)
    unit, _ = advance(unit, Event.EXITED, 401.0)
    assert (unit.state, unit.spent.failed_actions) == (State.THROTTLED, 1)


@pytest.mark.parametrize("state", [State.DISABLING, State.ENDING])
def test_what_does_not_end_is_killed_again_and_told_until_it_is_gone(state: State) -> None:
    unit = replace(chain()["db"], state=state, ready_at=1.0)
    unit, actions = advance(unit, Event.OUT_OF_TIME, 400.0)
    assert (unit.state, actions) == (state, (Do.KILL,))
    (alarm,) = of_units("h", [unit])
    assert "does not end" in alarm.text
    unit, _ = advance(unit, Event.EXITED, 500.0)
    assert not unit.spent.is_stuck
    if state is State.DISABLING:
        assert (unit.state, of_units("h", [unit])) == (State.DISABLED, ())
    else:
        assert unit.state == State.FAILED


def test_the_way_is_never_shorter_than_one_step_of_it() -> None:
    slow = ScriptControl(
        style="ocf",
        name="heartbeat:LVM",
        start=ActionRule(timeout_s=330.0),
        stop=ActionRule(timeout_s=400.0),
    )
    unit = chain()["db"]
    of_lvm = replace(unit, definition=replace(unit.definition, script=slow))
    assert way_limit_s(replace(of_lvm, state=State.ENABLING)) > 330.0
    assert way_limit_s(replace(of_lvm, state=State.DISABLING)) == 400.0
    patient = replace(unit, drain=DrainRule(timeout_s=900.0), state=State.DISABLING)
    assert way_limit_s(patient) == 900.0
    assert way_limit_s(replace(unit, state=State.DISABLING)) == WAY_LIMIT_S


def test_a_service_that_should_be_down_and_answers_is_stopped() -> None:
    unit, actions = advance(unit_of("x"), Event.STRAY, 5.0)
    assert (unit.state, actions) == (
        State.DISABLING,
        (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.SIGNAL),
    )


def test_silence_of_what_is_not_managed_is_nobody_s_business() -> None:
    unit = replace(chain()["db"], managed=False)
    assert advance(unit, Event.SILENT, 5.0) == (unit, ())


@pytest.mark.parametrize("state", [State.ENABLING, State.DISABLING])
def test_what_is_not_managed_is_not_ended_on_its_way(state: State) -> None:
    unit = replace(unit_of("x", state=state), managed=False, due=((Event.OVERDUE, 5.0),))
    late, actions = advance(unit, Event.OVERDUE, 5.0)
    assert (late.state, actions) == (state, ())
    ((event, at),) = late.due
    assert event is Event.OVERDUE
    assert at > 5.0
    assert advance(unit, Event.OUT_OF_TIME, 5.0) == (unit, ())
    _, actions = advance(replace(late, managed=True), Event.OVERDUE, at)
    assert Do.KILL in actions


def test_what_is_not_in_use_is_waited_for_by_nobody() -> None:
    units = {**chain(State.THROTTLED), "db": unit_of("db")}
    assert decide(ACTIVE, units) == (("db", Event.START),)
    without = replace(ACTIVE, unprovisioned=frozenset({"db"}))
    assert decide(without, units) == (("api", Event.ADMIT),)

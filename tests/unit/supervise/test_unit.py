"""What a manager remembers of a service, and when a service is wanted."""

from dataclasses import replace

import pytest

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise.budget import Spent
from insvc.supervise.definition import FailureBudget, ServiceDefinition
from insvc.supervise.unit import (
    Do,
    Duty,
    Event,
    Unit,
    apply_to_unit,
    called,
    ended,
    is_last_failure,
    launched,
    overdue,
    retry_pause_s,
    start_again,
    stop_until,
)

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
DEFINITION = ServiceDefinition(
    name="x",
    manager=Manager.PMON,
    package="x",
    command=("usr/bin/x",),
    pidfile="run/x.pid",
    restarts=2,
    interval_s=0.5,
)
UNIT = Unit(definition=DEFINITION, state="stopped")


def test_a_launch_makes_the_process_the_main_one_and_counts() -> None:
    unit = launched(replace(UNIT, ready_at=1.0), ME, 5.0)
    assert (unit.main, unit.starts, unit.started_at, unit.ready_at) == (ME, 1, 5.0, None)


def test_an_end_leaves_no_main_process() -> None:
    unit = ended(launched(UNIT, ME, 5.0), 6.0)
    assert (unit.main, unit.stopped_at) == (None, 6.0)


def test_failures_count_up_and_are_forgiven_at_once() -> None:
    unit = apply_to_unit(UNIT, (Do.COUNT, Do.COUNT, Do.LAUNCH))
    assert (unit.failures, unit.restarts) == (2, 2)
    assert apply_to_unit(unit, (Do.FORGIVE,)).failures == 0
    assert apply_to_unit(unit, (Do.FORGIVE,)).restarts == 2


def test_a_refusal_and_a_registration_are_remembered() -> None:
    unit = apply_to_unit(UNIT, (Do.UNREGISTER,))
    assert not unit.registered
    unit = apply_to_unit(unit, (Do.REGISTER, Do.REFUSE))
    assert unit.registered
    assert unit.refused


def test_the_last_failure_is_the_one_that_uses_up_the_budget() -> None:
    assert not is_last_failure(UNIT, 0.0)
    assert is_last_failure(replace(UNIT, failures=1), 0.0)
    assert not replace(UNIT, failures=1).is_called_failed
    assert replace(UNIT, failures=2).is_called_failed


def test_a_service_of_sm_has_failed_by_its_budget_alone() -> None:
    budget = FailureBudget(deaths=2, failed_actions=1)
    of_sm = replace(UNIT, definition=replace(DEFINITION, manager=Manager.SM, budget=budget))
    assert is_last_failure(of_sm, 0.0)
    once_up = replace(of_sm, ready_at=1.0, failures=9)
    assert not is_last_failure(once_up, 5.0)
    assert not once_up.is_called_failed
    assert is_last_failure(replace(once_up, spent=Spent(deaths=1, since=1.0)), 5.0)
    assert retry_pause_s(of_sm) == retry_pause_s(replace(of_sm, failures=0)) == 0.5
    assert retry_pause_s(replace(of_sm, failures=2)) == 2.0


def test_what_is_not_in_use_is_not_wanted() -> None:
    assert Duty().wants(DEFINITION)
    assert not Duty(unprovisioned=frozenset({"x"})).wants(DEFINITION)


def test_a_budget_of_none_is_used_up_by_the_first_failure_but_not_before() -> None:
    strict = replace(UNIT, definition=replace(DEFINITION, restarts=0))
    assert not strict.is_called_failed
    assert is_last_failure(strict, 0.0)
    assert retry_pause_s(strict) is None


@pytest.mark.parametrize(
    ("failures", "pause_s"), [(0, 0.5), (1, 0.5), (2, 1.0), (3, 2.0), (7, 32.0), (99, 32.0)]
)
def test_the_pause_doubles_beyond_the_budget_and_stops_growing(
    failures: int, pause_s: float
) -> None:
    assert retry_pause_s(replace(UNIT, failures=failures)) == pause_s


def test_the_calendar_is_asked_by_event() -> None:
    unit = replace(UNIT, due=((Event.RETRY_DUE, 3.0),))
    assert unit.is_due(Event.RETRY_DUE)
    assert not unit.is_due(Event.OVERDUE)


def test_an_intent_overrides_how_a_service_is_stopped() -> None:
    rule = DrainRule(signal="USR1")
    assert UNIT.drain_rule == DEFINITION.drain
    assert replace(UNIT, drain=rule).drain_rule == rule


def test_a_locked_host_wants_only_what_stays_up() -> None:
    duty = Duty(locked=True)
    assert not duty.wants(DEFINITION)
    assert duty.wants(DEFINITION, always_up=("x",))


def test_a_closing_host_wants_nothing_at_all() -> None:
    assert not Duty(closing=True).wants(DEFINITION, always_up=("x",))


def test_what_is_held_down_is_not_wanted() -> None:
    assert not Duty(held=frozenset({"x"})).wants(DEFINITION)


def test_active_services_are_wanted_on_the_active_host_alone() -> None:
    active = replace(DEFINITION, runs_when="active")
    assert Duty(role=Role.ACTIVE).wants(active)
    assert not Duty(role=Role.STANDBY).wants(active)
    assert not Duty().wants(active)
    assert Duty(role=Role.STANDBY).wants(DEFINITION)


def test_what_is_stopped_is_not_wanted_until_it_is_started_or_its_time_is_over() -> None:
    duty = stop_until(stop_until(Duty(), "x", 50.0), "y", 90.0)
    assert not duty.wants(DEFINITION)
    assert start_again(duty, "x").wants(DEFINITION)
    assert start_again(duty, "x").stopped == {"y": 90.0}
    assert overdue(duty, 49.0) == duty
    assert overdue(duty, 50.0).stopped == {"y": 90.0}


def test_only_the_first_call_of_its_start_script_is_a_start() -> None:
    script = ProcessIdentity(boot_id="b", pid=8, start_ticks=10)
    first = called(UNIT, "start", script, 5.0)
    assert (first.starts, first.started_at, first.tries, first.acting) == (1, 5.0, 1, script)
    second = called(replace(first, acting=None), "start", None, 6.0)
    assert (second.starts, second.started_at, second.tries, second.acting) == (1, 5.0, 2, None)
    stopped = called(replace(first, tries=0), "stop", script, 7.0)
    assert (stopped.starts, stopped.act, stopped.tries) == (1, "stop", 1)

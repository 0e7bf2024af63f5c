"""Jobs on their schedule, one run at a time, on the active host alone."""

from dataclasses import replace

import pytest

from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise.cron import State, advance, decide, next_start, reckoned
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Do, Duty, Event, Unit, launched

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
HALF_PAST = 1_800_001_800.0
"""2027-01-15 08:30:00 UTC."""


def job(state: State = State.IDLE, schedule: str | None = "*/10 * * * *") -> Unit:
    definition = ServiceDefinition(
        name="purge",
        manager=Manager.CRON,
        package="purge",
        command=("p",),
        pidfile="run/p.pid",
        runs_when="active",
        schedule=schedule,
    )
    return Unit(definition=definition, state=state)


def test_a_job_is_due_at_the_next_time_of_its_schedule() -> None:
    unit, actions = advance(job(), Event.START, HALF_PAST)
    assert (unit.state, actions) == (State.SCHEDULED, ())
    assert unit.due == ((Event.RUN_DUE, HALF_PAST + 600.0),)


def test_a_due_job_runs_and_is_scheduled_again_only_when_it_has_ended() -> None:
    unit, _ = advance(job(), Event.START, HALF_PAST)
    unit, actions = advance(unit, Event.RUN_DUE, HALF_PAST + 600.0)
    assert actions == (Do.DELETE_PIDFILE, Do.LAUNCH)
    assert (unit.state, unit.due) == (State.RUNNING, ())
    unit = launched(unit, ME, HALF_PAST + 600.0)
    unit, actions = advance(unit, Event.EXITED, HALF_PAST + 1250.0)
    assert actions == (Do.SWEEP, Do.DELETE_PIDFILE)
    assert (unit.main, unit.due) == (None, ((Event.RUN_DUE, HALF_PAST + 1800.0),))


def test_a_run_under_way_is_never_stopped() -> None:
    unit, actions = advance(job(State.RUNNING), Event.STOP, HALF_PAST)
    assert (unit.state, actions) == (State.LAST_RUN, ())
    assert advance(unit, Event.START, HALF_PAST)[0].state == State.RUNNING
    assert advance(unit, Event.EXITED, HALF_PAST)[0].state == State.IDLE


def test_an_event_without_meaning_changes_nothing() -> None:
    unit = job(State.RUNNING)
    assert advance(unit, Event.RUN_DUE, HALF_PAST) == (unit, ())


def test_a_job_without_a_schedule_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="found 0 fields, expected 5"):
        next_start(job(schedule=None), HALF_PAST)


@pytest.mark.parametrize("state", [State.IDLE, State.LAST_RUN])
def test_the_active_host_schedules_its_jobs(state: State) -> None:
    assert decide(Duty(role=Role.ACTIVE), {"purge": job(state)}) == (("purge", Event.START),)
    assert decide(Duty(role=Role.STANDBY), {"purge": job(state)}) == ()


@pytest.mark.parametrize("state", [State.SCHEDULED, State.RUNNING])
def test_the_standby_host_schedules_none(state: State) -> None:
    assert decide(Duty(role=Role.STANDBY), {"purge": job(state)}) == (("purge", Event.STOP),)
    assert decide(Duty(role=Role.ACTIVE), {"purge": job(state)}) == ()


def test_a_job_that_is_no_longer_wanted_leaves_the_calendar() -> None:
    scheduled = replace(job(State.SCHEDULED), due=((Event.RUN_DUE, HALF_PAST),))
    unit, _ = advance(scheduled, Event.STOP, HALF_PAST)
    assert (unit.state, unit.due) == (State.IDLE, ())


def test_while_nobody_sets_the_clock_the_next_run_stays_as_it_is() -> None:
    unit, _ = advance(job(), Event.START, HALF_PAST)
    assert reckoned(unit, HALF_PAST + 599.0) is unit


def test_a_clock_that_is_set_back_begins_the_schedule_anew_from_there() -> None:
    unit, _ = advance(job(), Event.START, HALF_PAST)
    year_back = HALF_PAST - 365 * 86_400.0
    assert reckoned(unit, year_back).due == ((Event.RUN_DUE, year_back + 600.0),)


def test_a_clock_that_is_set_forward_over_a_run_makes_up_for_it_once() -> None:
    unit, _ = advance(job(), Event.START, HALF_PAST)
    assert reckoned(unit, HALF_PAST + 7200.0) is unit


@pytest.mark.parametrize("state", [State.IDLE, State.RUNNING, State.LAST_RUN])
def test_what_is_not_scheduled_has_no_next_run_by_any_clock(state: State) -> None:
    unit = job(state)
    assert reckoned(unit, HALF_PAST) is unit

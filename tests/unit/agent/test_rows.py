"""What a manager knows as the row that an inspection starts from."""

from dataclasses import replace

import pytest

from insvc.agent.rows import row_of, state_of, unknown_row
from insvc.model.observation import ProcessIdentity
from insvc.model.words import InstanceState, Manager
from insvc.supervise import cron, pmon, sm, status_check
from insvc.supervise.definition import ScriptControl, ServiceDefinition
from insvc.supervise.unit import Event, Unit

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)


def unit_of(manager: Manager, state: str) -> Unit:
    definition = ServiceDefinition(
        name="x", manager=manager, package="px", command=("p",), pidfile="run/x.pid", restarts=2
    )
    return Unit(definition=definition, state=state)


@pytest.mark.parametrize(
    ("manager", "state"),
    [
        *((Manager.PMON, state) for state in pmon.State),
        *((Manager.SM, state) for state in sm.State),
        *((Manager.CRON, state) for state in cron.State),
    ],
)
def test_every_state_of_every_manager_has_a_word_that_all_share(
    manager: Manager, state: str
) -> None:
    assert state_of(unit_of(manager, state)) is not InstanceState.UNKNOWN


def test_one_that_has_failed_too_often_is_failed_even_while_it_is_tried_again() -> None:
    unit = unit_of(Manager.PMON, pmon.State.STARTING)
    assert state_of(replace(unit, failures=1)) is InstanceState.STARTING
    assert state_of(replace(unit, failures=2)) is InstanceState.FAILED
    up = replace(unit, state=pmon.State.RUNNING, failures=2)
    assert state_of(up) is InstanceState.RUNNING


def test_a_stop_that_was_asked_for_is_no_failure() -> None:
    unit = replace(unit_of(Manager.SM, sm.State.DISABLING), failures=2, registered=False)
    assert state_of(unit) is InstanceState.STOPPING


def test_a_service_s_row_holds_its_process_and_how_long_it_took_to_start() -> None:
    unit = replace(
        unit_of(Manager.PMON, pmon.State.RUNNING), main=ME, started_at=5.0, ready_at=5.5, restarts=1
    )
    row = row_of(unit, is_wanted=True, endpoint="a:1", epoch_of=lambda at: at + 1000)
    assert (row.state, row.desired) == (InstanceState.RUNNING, InstanceState.RUNNING)
    assert (row.pid, row.restarts, row.started_in_s, row.endpoint) == (7, 1, 0.5, "a:1")
    assert (row.package, row.last_run_at, row.next_run_at) == ("px", None, None)


def test_a_job_s_row_holds_its_runs() -> None:
    unit = replace(
        unit_of(Manager.CRON, cron.State.SCHEDULED),
        started_at=50.0,
        due=((Event.RUN_DUE, 90.0),),
    )
    row = row_of(unit, is_wanted=True, endpoint=None, epoch_of=lambda at: at)
    assert (row.state, row.desired) == (InstanceState.SCHEDULED, InstanceState.SCHEDULED)
    assert (row.last_run_at, row.next_run_at, row.restarts) == (50.0, 90.0, 0)


def test_what_is_not_wanted_is_desired_to_be_stopped() -> None:
    unit = unit_of(Manager.SM, sm.State.DISABLED)
    row = row_of(unit, is_wanted=False, endpoint=None, epoch_of=lambda at: at)
    assert (row.state, row.desired, row.pid) == (InstanceState.STOPPED, InstanceState.STOPPED, None)


def test_a_silent_manager_s_services_are_unknown() -> None:
    row = unknown_row(unit_of(Manager.SM, sm.State.DISABLED).definition, "a:1")
    assert (row.state, row.pid, row.endpoint) == (InstanceState.UNKNOWN, None, "a:1")


@pytest.mark.parametrize("state", status_check.State)
def test_a_service_in_status_mode_has_a_word_too_and_no_process(state: status_check.State) -> None:
    unit = unit_of(Manager.PMON, state)
    script = ScriptControl(style="lsb", name="etc/init.d/x", has_process=False)
    definition = replace(unit.definition, script=script, package="")
    unit = replace(unit, definition=definition)
    is_unknown = state is status_check.State.UNJUDGED
    assert (state_of(unit) is InstanceState.UNKNOWN) is is_unknown
    row = row_of(unit, is_wanted=True, endpoint=None, epoch_of=float)
    assert (row.has_process, row.package) == (False, None)

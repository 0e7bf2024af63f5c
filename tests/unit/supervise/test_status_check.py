"""`insvc.supervise.status_check`: up, down, and nobody knows."""

from dataclasses import replace
from itertools import product

import pytest

from insvc.model.words import Manager
from insvc.supervise import pmon
from insvc.supervise.definition import ScriptControl, ServiceDefinition, StatusCheck
from insvc.supervise.status_check import TABLE, State, advance, alarm_of, verdict
from insvc.supervise.unit import Do, Duty, Event, Unit

LSB = ScriptControl(style="lsb", name="etc/init.d/x", has_process=False)
OCF = ScriptControl(style="ocf", name="own:x", has_process=False)
HERE = "host=h.process=ceph"


def unit_of(state: State, restarts: int = 2, **more: object) -> Unit:
    """A service in status mode, looked at every 30 s, started again after 30 s or more."""
    definition = ServiceDefinition(
        name="ceph",
        manager=Manager.PMON,
        package="",
        script=LSB,
        audit_s=30.0,
        interval_s=30.0,
        restarts=restarts,
        status_check=StatusCheck(period_s=30.0, timeout_s=120.0),
    )
    return replace(Unit(definition=definition, state=state), **more)  # type: ignore[arg-type]


def after(unit: Unit, *events: Event, now: float = 100.0) -> tuple[Unit, tuple[Do, ...]]:
    """The unit after these events, and what the last of them asks for."""
    actions: tuple[Do, ...] = ()
    for event in events:
        unit, actions = pmon.advance(unit, event, now)
    return unit, actions


def test_what_is_wanted_is_looked_at_first_and_not_started() -> None:
    unit = unit_of(State.STOPPED)
    assert pmon.decide(Duty(), {"ceph": unit}) == (("ceph", Event.START),)
    unit, actions = after(unit, Event.START)
    assert (unit.state, actions) == (State.ASKED, (Do.LOOK,))
    assert unit.due == ((Event.AUDIT_DUE, 130.0),)
    unit, actions = after(unit, Event.READY)
    assert (unit.state, actions, unit.ready_at) == (State.WELL, (), 100.0)
    assert unit.due == ((Event.AUDIT_DUE, 130.0),)


def test_what_is_down_is_started_and_counted() -> None:
    unit, actions = after(unit_of(State.WELL), Event.NOT_READY)
    assert (unit.state, unit.failures, actions) == (State.DOWN, 1, (Do.LAUNCH,))
    assert unit.due == ((Event.RETRY_DUE, 127.0),)


def test_it_is_not_started_again_before_its_pause_is_over_and_that_grows() -> None:
    unit, actions = after(unit_of(State.WELL), Event.NOT_READY, Event.NOT_READY)
    assert (unit.failures, actions) == (1, ())
    unit, actions = after(unit, Event.RETRY_DUE, Event.NOT_READY, now=130.0)
    assert (unit.failures, actions) == (2, (Do.LAUNCH,))
    assert unit.due == ((Event.RETRY_DUE, 130.0 + 54.0),)
    for _ in range(20):
        unit, _ = after(unit, Event.RETRY_DUE, Event.NOT_READY, now=0.0)
    assert unit.due == ((Event.RETRY_DUE, 30.0 * 64 * 0.9),)


def test_one_that_is_up_again_is_forgiven() -> None:
    unit, _ = after(unit_of(State.WELL), Event.NOT_READY, Event.READY)
    assert (unit.state, unit.failures, unit.due) == (State.WELL, 0, ())


def test_without_restarts_it_is_never_started() -> None:
    unit, actions = after(unit_of(State.WELL, restarts=0), Event.NOT_READY)
    assert (unit.state, unit.failures, actions) == (State.DOWN, 1, ())
    assert unit.is_called_failed


def test_a_look_without_a_verdict_is_no_failure_and_starts_nothing() -> None:
    unit, actions = after(unit_of(State.WELL, failures=1), Event.SILENT, Event.SILENT)
    assert (unit.state, unit.failures, unit.misses, actions) == (State.UNJUDGED, 1, 2, ())
    unit, _ = after(unit, Event.READY)
    assert (unit.state, unit.failures, unit.misses) == (State.WELL, 0, 0)


def test_what_is_not_wanted_is_looked_at_no_more_and_left_as_it_is() -> None:
    unit = unit_of(State.WELL, due=((Event.AUDIT_DUE, 130.0),))
    assert pmon.decide(Duty(locked=True), {"ceph": unit}) == (("ceph", Event.STOP),)
    unit, actions = after(unit, Event.STOP)
    assert (unit.state, unit.due, actions) == (State.STOPPED, (), ())


def test_while_its_host_ends_what_is_down_is_not_started() -> None:
    unit = unit_of(State.WELL)
    assert pmon.leave_alone(unit, Event.NOT_READY, 100.0) == (unit, ())
    assert pmon.leave_alone(unit, Event.READY, 100.0)[0].state == State.WELL


def test_every_state_decides_every_event_and_none_is_a_trap() -> None:
    for state, event in product(State, Event):
        unit, _ = advance(unit_of(state), event, 100.0)
        assert unit.state == TABLE.get((state, event), (state,))[0]
    for state in set(State) - {State.STOPPED}:
        assert after(unit_of(state), Event.READY)[0].state == State.WELL
        assert after(unit_of(state), Event.STOP)[0].state == State.STOPPED
        looked, actions = after(unit_of(state), Event.AUDIT_DUE)
        assert (looked.due, actions) == (((Event.AUDIT_DUE, 130.0),), (Do.LOOK,))


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        (LSB, 0, Event.READY),
        (LSB, 1, Event.NOT_READY),
        (LSB, 3, Event.NOT_READY),
        (LSB, 150, Event.NOT_READY),
        (LSB, 4, Event.SILENT),
        (LSB, 124, Event.NOT_READY),
        (LSB, 125, Event.SILENT),
        (LSB, 126, Event.SILENT),
        (LSB, 127, Event.SILENT),
        (LSB, -9, Event.SILENT),
        (LSB, None, Event.SILENT),
        (OCF, 0, Event.READY),
        (OCF, 8, Event.READY),
        (OCF, 190, Event.READY),
        (OCF, 7, Event.NOT_READY),
        (OCF, 1, Event.NOT_READY),
        (OCF, 9, Event.NOT_READY),
        (OCF, 5, Event.SILENT),
        (OCF, 2, Event.SILENT),
        (OCF, None, Event.SILENT),
    ],
)
def test_a_verdict_is_what_the_script_surely_says(
    script: ScriptControl, code: int | None, said: Event
) -> None:
    assert verdict(script, code) is said


def test_what_has_failed_is_told_with_what_its_check_has_left() -> None:
    failed = unit_of(State.DOWN, failures=2)
    alarm = alarm_of("h", failed, "osd.3\n  is down\n" + "x" * 1000)
    assert alarm is not None
    assert alarm.entity == HERE
    assert alarm.text.startswith("what its check has left: osd.3 is down xxx")
    assert len(alarm.text) < 450
    assert alarm_of("h", failed, "") is None
    assert alarm_of("h", unit_of(State.DOWN, failures=1), "osd.3") is None


def test_a_check_that_never_has_a_verdict_is_told_as_such() -> None:
    alarm = alarm_of("h", unit_of(State.UNJUDGED, misses=2), "old words")
    assert alarm is not None
    assert alarm.text == (
        "nobody knows whether ceph works: its check has had no verdict 2 times in a row or more"
    )
    assert alarm_of("h", unit_of(State.UNJUDGED, misses=1), "") is None
    assert alarm_of("h", unit_of(State.UNJUDGED, misses=1, restarts=0), "") is not None

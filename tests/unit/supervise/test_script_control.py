"""What the ends of scripts lead to, under both tables."""

from dataclasses import replace
from typing import Any

import pytest

from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager
from insvc.supervise import pmon, sm
from insvc.supervise.definition import ActionRule, ScriptControl, ServiceDefinition
from insvc.supervise.exit_codes import Grade
from insvc.supervise.machine import Machine
from insvc.supervise.script_control import (
    GONE_WITHIN_S,
    LOOK_PAUSE_S,
    event_of,
    grade_of,
    rule_of,
    word_of,
)
from insvc.supervise.unit import Do, Event, Unit, called

ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)
SCRIPT_PROCESS = ProcessIdentity(boot_id="b", pid=8, start_ticks=10)
SCRIPT = ScriptControl(
    style="lsb",
    name="etc/init.d/x",
    start=ActionRule(timeout_s=15.0, retries=1, pause_s=2.0),
    stop=ActionRule(timeout_s=25.0, retries=0),
)
DEFINITION = ServiceDefinition(
    name="x",
    manager=Manager.PMON,
    package="x",
    script=SCRIPT,
    pidfile="run/x.pid",
    restarts=3,
    startup_s=0.5,
    ready_timeout_s=10.0,
    audit_s=5.0,
    audit_misses=1,
)
WITHOUT_PROCESS = replace(DEFINITION, script=replace(SCRIPT, has_process=False), pidfile="")
BOTH: list[Machine[Any]] = [pmon.MACHINE, sm.MACHINE]


@pytest.fixture(params=BOTH, ids=["pmon", "sm"])
def machine(request: pytest.FixtureRequest) -> Machine[Any]:
    found: Machine[Any] = request.param
    return found


def unit_in(machine: Machine[Any], part: str, **fields: Any) -> Unit:
    given = {"definition": DEFINITION, "state": getattr(machine, part), **fields}
    return Unit(**given)


def at_work(machine: Machine[Any], part: str, act: str, **fields: Any) -> Unit:
    """A unit whose script has been called once for that state."""
    return unit_in(machine, part, acting=SCRIPT_PROCESS, act=act, tries=1, **fields)


def over(unit: Unit) -> Unit:
    """The unit as it is when the end of its script is told."""
    return replace(unit, acting=None)


def test_a_start_is_bounded_by_its_rule_and_looked_at_once_it_is_done(
    machine: Machine[Any],
) -> None:
    unit = at_work(machine, "starting", "start")
    ended, actions = machine.advance(unit, Event.ACT_OVERDUE, 15.0)
    assert (actions, ended.due) == ((Do.END_ACT,), ((Event.ACT_OVERDUE, 30.0),))
    done, actions = machine.advance(over(ended), Event.ACT_DONE, 16.0)
    assert (done.state, actions) == (machine.starting, ())
    assert dict(done.due) == {Event.LOOK_DUE: 16.5, Event.OVERDUE: 26.5}
    again, _ = machine.advance(replace(done, due=()), Event.NOT_READY, 17.0)
    assert again.due == ((Event.LOOK_DUE, 17.0 + LOOK_PAUSE_S),)


def test_a_failed_start_is_called_again_until_its_tries_are_used_up(machine: Machine[Any]) -> None:
    unit = over(at_work(machine, "starting", "start"))
    unit, actions = machine.advance(unit, Event.ACT_FAILED, 1.0)
    assert (actions, unit.due) == ((), ((Event.ACT_DUE, 3.0),))
    unit, actions = machine.advance(unit, Event.ACT_DUE, 3.0)
    assert (actions, unit.due) == ((Do.LAUNCH,), ((Event.ACT_OVERDUE, 18.0),))
    unit = over(called(unit, "start", SCRIPT_PROCESS, 3.0))
    unit, actions = machine.advance(unit, Event.ACT_FAILED, 4.0)
    assert (unit.state, unit.tries) == (machine.ending, 0)
    assert actions == (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.SIGNAL)
    assert unit.due == ((Event.ACT_OVERDUE, 29.0),)


def test_a_start_that_never_gets_ready_is_stopped_by_the_script(machine: Machine[Any]) -> None:
    unit = unit_in(machine, "starting", act="start", tries=1)
    unit, actions = machine.advance(unit, Event.OVERDUE, 10.0)
    assert (unit.state, actions[-1]) == (machine.ending, Do.SIGNAL)
    unit = over(called(unit, "stop", SCRIPT_PROCESS, 10.0))
    unit, actions = machine.advance(unit, Event.ACT_DONE, 11.0)
    assert (unit.failures, unit.restarts) == (1, 1)
    assert unit.is_due(Event.RETRY_DUE)


def test_the_failures_of_starts_are_counted_to_the_last(machine: Machine[Any]) -> None:
    unit = over(at_work(machine, "ending", "stop", failures=2))
    unit, _ = machine.advance(unit, Event.ACT_DONE, 11.0)
    assert (unit.state, unit.failures) == (machine.failed, 3)


def test_a_stop_is_over_when_script_and_process_have_ended(machine: Machine[Any]) -> None:
    unit, actions = machine.advance(unit_in(machine, "up", main=ME), Event.STOP, 1.0)
    assert actions == (Do.UNREGISTER, Do.DELETE_PIDFILE, Do.SIGNAL)
    assert unit.due == ((Event.ACT_OVERDUE, 26.0),)
    unit = called(unit, "stop", SCRIPT_PROCESS, 1.0)
    parted, actions = machine.advance(unit, Event.EXITED, 2.0)
    assert (parted.state, actions, parted.main) == (machine.stopping, (Do.LET_GO,), None)
    assert parted.due == unit.due
    down, actions = machine.advance(over(parted), Event.ACT_DONE, 3.0)
    assert (down.state not in {machine.stopping, machine.up}, down.drained) == (True, True)
    assert actions == (Do.SWEEP, Do.DELETE_PIDFILE)


def test_a_process_that_outlives_its_stop_script_is_killed(machine: Machine[Any]) -> None:
    unit = over(at_work(machine, "stopping", "stop", main=ME, drained=True))
    unit, actions = machine.advance(unit, Event.ACT_DONE, 3.0)
    assert (actions, unit.due) == ((), ((Event.OVERDUE, 3.0 + GONE_WITHIN_S),))
    unit, actions = machine.advance(unit, Event.OVERDUE, 8.0)
    assert (actions, unit.drained, unit.state) == ((Do.KILL,), False, machine.stopping)
    unit, _ = machine.advance(unit, Event.EXITED, 8.1)
    assert (unit.main, unit.drained) == (None, False)


@pytest.mark.parametrize("part", ["stopping", "ending"])
def test_a_stop_that_fails_ends_its_process_by_force(machine: Machine[Any], part: str) -> None:
    unit = over(at_work(machine, part, "stop", main=ME))
    unit, actions = machine.advance(unit, Event.ACT_FAILED, 3.0)
    assert (unit.state, actions) == (getattr(machine, part), (Do.KILL,))


def test_a_stop_that_fails_after_its_process_has_gone_has_stopped_it(
    machine: Machine[Any],
) -> None:
    unit = over(at_work(machine, "stopping", "stop"))
    unit, actions = machine.advance(unit, Event.ACT_FAILED, 3.0)
    assert (unit.state != machine.stopping, actions) == (True, (Do.SWEEP, Do.DELETE_PIDFILE))


def test_nobody_knows_whether_what_has_no_process_is_down_after_a_failed_stop(
    machine: Machine[Any],
) -> None:
    unit = over(at_work(machine, "stopping", "stop", definition=WITHOUT_PROCESS))
    unit, _ = machine.advance(unit, Event.ACT_FAILED, 3.0)
    assert (unit.state, unit.refused, unit.drained) == (machine.up, True, False)
    ending = over(at_work(machine, "ending", "stop", definition=WITHOUT_PROCESS))
    ending, _ = machine.advance(ending, Event.ACT_FAILED, 3.0)
    assert ending.failures == 1


def test_what_is_silent_to_its_script_is_stopped_by_it(machine: Machine[Any]) -> None:
    up = unit_in(machine, "up", definition=WITHOUT_PROCESS)
    unit, actions = machine.advance(up, Event.SILENT, 3.0)
    assert (unit.state, actions[-1]) == (machine.ending, Do.SIGNAL)


def test_a_start_under_way_has_had_its_time_when_a_stop_is_asked_for(
    machine: Machine[Any],
) -> None:
    unit, actions = machine.advance(at_work(machine, "starting", "start"), Event.STOP, 3.0)
    assert (unit.tries, actions[-1]) == (0, Do.SIGNAL)
    for event in (Event.ACT_DONE, Event.ACT_FAILED):
        turned, actions = machine.advance(over(unit), event, 4.0)
        assert (turned.state, actions) == (machine.stopping, (Do.SIGNAL,))
        assert turned.due == ((Event.ACT_OVERDUE, 29.0),)


def test_a_script_that_was_never_called_is_called_when_its_time_is_over(
    machine: Machine[Any],
) -> None:
    unit = unit_in(machine, "stopping", main=ME, due=((Event.ACT_OVERDUE, 26.0),))
    unit, actions = machine.advance(unit, Event.ACT_OVERDUE, 26.0)
    assert (actions, unit.due) == ((Do.SIGNAL,), ((Event.ACT_OVERDUE, 51.0),))


def test_a_stop_asked_for_while_it_is_being_ended_goes_on_by_the_script(
    machine: Machine[Any],
) -> None:
    unit, actions = machine.advance(at_work(machine, "ending", "stop", main=ME), Event.STOP, 3.0)
    assert (unit.state, actions) == (machine.stopping, (Do.SIGNAL,))


def test_an_end_that_nobody_saw_is_judged_by_looks_or_called_again() -> None:
    assert event_of(SCRIPT, "start", None)[0] is Event.ACT_DONE
    assert event_of(SCRIPT, "stop", None)[0] is Event.ACT_DUE


@pytest.mark.parametrize(
    ("style", "act", "code", "event"),
    [
        ("lsb", "start", 0, Event.ACT_DONE),
        ("lsb", "start", 1, Event.ACT_FAILED),
        ("lsb", "start", 7, Event.ACT_FAILED),
        ("lsb", "stop", 7, Event.ACT_DONE),
        ("lsb", "stop", -9, Event.ACT_FAILED),
        ("ocf", "start", 0, Event.ACT_DONE),
        ("ocf", "start", 8, Event.ACT_DONE),
        ("ocf", "start", 5, Event.ACT_FAILED),
        ("ocf", "start", 35, Event.ACT_DONE),
        ("ocf", "stop", 7, Event.ACT_DONE),
        ("ocf", "stop", 5, Event.ACT_DONE),
        ("systemd", "start", 5, Event.ACT_FAILED),
    ],
)
def test_an_exit_code_means_what_its_standard_says(
    style: Any, act: str, code: int, event: Event
) -> None:
    found, said = event_of(replace(SCRIPT, style=style), act, code)
    assert found is event
    assert (f"signal {-code}" if code < 0 else f"status {code}") in said


def test_each_style_is_asked_by_its_own_words() -> None:
    own = replace(SCRIPT, start_word="begin", stop_word="finish", status_word="check")
    assert [word_of(own, act) for act in ("start", "stop", "status")] == [
        "begin", "finish", "check",
    ]  # fmt: skip
    ocf = replace(own, style="ocf")
    assert [word_of(ocf, act) for act in ("start", "stop", "status")] == [
        "start", "stop", "monitor",
    ]  # fmt: skip


def test_a_look_is_believed_by_its_standard() -> None:
    assert [grade_of(SCRIPT, code) for code in (0, 3, 32, None)] == [Grade.FULL, None, None, None]
    ocf = replace(SCRIPT, style="ocf")
    told = {0: Grade.FULL, 7: None, 8: Grade.FULL, 9: None, 35: Grade.DATA_SYNCING, None: None}
    told |= {190: Grade.DEGRADED, 40: Grade.DATA_SYNCING, 42: None}
    assert {code: grade_of(ocf, code) for code in told} == told


def test_what_has_no_script_has_no_rule_of_its_own() -> None:
    plain = replace(DEFINITION, script=None, command=("p",))
    assert rule_of(Unit(definition=plain, state="x"), is_start=True) == ActionRule()

"""Which alarms stand, and what changes."""

from dataclasses import replace

import pytest

from insvc.model.alarm import PROCESS_FAILED, SERVICE_FAILED, AlarmChange
from insvc.model.words import Manager
from insvc.supervise.alarms import of_units, reconcile
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Unit


def unit(failures: int, manager: Manager = Manager.PMON, restarts: int = 2) -> Unit:
    """A service that has failed so often in a row."""
    definition = ServiceDefinition(
        name="x",
        manager=manager,
        package="x",
        command=("usr/bin/x",),
        pidfile="run/x.pid",
        restarts=restarts,
        severity="critical",
    )
    return Unit(definition=definition, state="waiting", failures=failures)


def test_an_alarm_is_raised_when_the_budget_is_used_up_and_not_before() -> None:
    assert of_units("h", [unit(1)]) == ()
    (found,) = of_units("h", [unit(2)])
    assert (found.alarm, found.entity, found.severity) == (
        PROCESS_FAILED,
        "host=h.process=x",
        "critical",
    )
    assert "at most every 32 s" in found.text


def test_its_text_does_not_change_with_every_failure() -> None:
    assert of_units("h", [unit(2)]) == of_units("h", [unit(9)])


@pytest.mark.parametrize(("restarts", "said"), [(0, "is not tried again"), (1, "is tried again")])
def test_whether_it_is_tried_again_is_said(restarts: int, said: str) -> None:
    (found,) = of_units("h", [unit(1, restarts=restarts)])
    assert said in found.text


def test_a_service_of_sm_has_a_number_of_its_own() -> None:
    (found,) = of_units("h", [unit(2, Manager.SM)])
    assert (found.alarm, found.entity) == (SERVICE_FAILED, "host=h.service=x")


def test_what_is_not_managed_calls_for_nobody() -> None:
    assert of_units("h", [replace(unit(2), managed=False)]) == ()


def test_exactly_what_facts_support_stands() -> None:
    (old,) = of_units("h", [unit(2)])
    (other,) = of_units("g", [unit(2)])
    worse = replace(old, severity="minor")
    assert reconcile({}, [old], 5.0) == (AlarmChange(at=5.0, what="raised", alarm=old),)
    assert reconcile({old.key: old}, [old], 5.0) == ()
    assert reconcile({old.key: old}, [worse], 5.0) == (
        AlarmChange(at=5.0, what="changed", alarm=worse),
    )
    assert [(one.what, one.alarm) for one in reconcile({old.key: old}, [other], 5.0)] == [
        ("cleared", old),
        ("raised", other),
    ]

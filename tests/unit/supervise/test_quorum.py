"""`insvc.supervise.quorum`: when a host is unfit, and when it is left alone."""

from dataclasses import replace

import pytest

from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.quorum import Standing, alarms_of, standing_of, unfit_for
from insvc.supervise.unit import Duty, Unit


def unit(failures: int, restarts: int = 3, *, essential: bool = True) -> Unit:
    """A process that has failed so often in a row."""
    definition = ServiceDefinition(
        name="fsmond",
        manager=Manager.PMON,
        package="",
        restarts=restarts,
        is_essential=essential,
    )
    return Unit(definition=definition, state="waiting", failures=failures)


@pytest.mark.parametrize(
    ("failures", "restarts", "standing"),
    [
        (0, 3, "fine"),
        (2, 3, "fine"),
        (3, 3, "failed"),
        (5, 3, "failed"),
        (6, 3, "unfit"),
        (1, 1, "failed"),
        (2, 1, "unfit"),
        (0, 0, "fine"),
        (1, 0, "failed"),
        (9, 0, "failed"),
    ],
)
def test_no_single_failure_makes_a_host_unfit(
    failures: int, restarts: int, standing: Standing
) -> None:
    assert standing_of(unit(failures, restarts)) == standing
    assert standing_of(unit(failures, restarts, essential=False)) == "fine"


def test_a_locked_or_closing_host_is_left_alone() -> None:
    units = [unit(6), unit(2)]
    assert unfit_for(Duty(), units) == ("fsmond",)
    assert unfit_for(Duty(locked=True), units) == ()
    assert unfit_for(Duty(closing=True), units) == ()


def test_what_it_means_and_what_follows_is_told() -> None:
    assert alarms_of("h", [unit(2)], reboots=True) == ()
    (failed,) = alarms_of("h", [unit(3)], reboots=True)
    assert (failed.alarm, failed.entity, failed.severity) == (
        "200.006",
        "host=h.process=fsmond",
        "critical",
    )
    assert failed.text == "quorum failure: h is unfit without it"
    (unfit,) = alarms_of("h", [replace(unit(6))], reboots=True)
    assert unfit.text.endswith("h is unfit, and it is rebooted once")
    (left,) = alarms_of("h", [unit(6)], reboots=False)
    assert "names no reboot_command" in left.text

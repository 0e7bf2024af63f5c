"""`insvc.supervise.gates`: what waits for which flag of its host."""

import pytest

from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.gates import (
    CONFIGURED,
    ENABLED,
    FLAGS,
    FULLY_ENABLED,
    FULLY_ENABLED_WORKER,
    delay_s,
    owes_answers,
    waits_for,
)

WORKER = "var/run/.worker_config_complete"
LAST = "var/run/.last_config_complete"


def process(**more: object) -> ServiceDefinition:
    """A process of pmon."""
    return ServiceDefinition(name="x", manager=Manager.PMON, package="", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "flags", "missing"),
    [
        (None, (), CONFIGURED),
        (None, (CONFIGURED,), ENABLED),
        (None, (CONFIGURED, ENABLED), None),
        ("worker", (CONFIGURED, ENABLED), WORKER),
        ("worker", (WORKER,), CONFIGURED),
        ("worker", (CONFIGURED, ENABLED, WORKER), None),
        ("worker", (CONFIGURED, ENABLED, "var/run/.compute_config_complete"), None),
        ("storage", (CONFIGURED, ENABLED, WORKER), "var/run/.storage_config_complete"),
        ("last-config", (CONFIGURED, ENABLED, WORKER), LAST),
        ("last-config", (CONFIGURED, ENABLED, LAST), None),
    ],
)
def test_a_process_waits_for_its_host_and_its_part(
    part: str | None, flags: tuple[str, ...], missing: str | None
) -> None:
    assert set(flags) <= FLAGS
    found = process(subfunction=part)
    assert waits_for(found, flags, is_maintained=True, has_worker_part=False) == missing


def test_a_host_without_settings_of_pmon_has_no_flags_of_its_own_state() -> None:
    assert waits_for(process(), (), is_maintained=False, has_worker_part=False) is None
    part = process(subfunction="worker")
    assert waits_for(part, (), is_maintained=False, has_worker_part=False) == WORKER


def test_where_there_is_a_worker_part_it_is_configured_last() -> None:
    last = process(subfunction="last-config")
    assert waits_for(last, (WORKER,), is_maintained=False, has_worker_part=True) is None
    assert waits_for(last, (), is_maintained=False, has_worker_part=True) == LAST


def test_what_announces_its_init_owes_nothing_before_its_host_is_enabled() -> None:
    plain, late = process(), process(announces_init=True)
    assert owes_answers(plain, (), has_worker_part=False)
    assert not owes_answers(late, (ENABLED,), has_worker_part=False)
    assert owes_answers(late, (FULLY_ENABLED,), has_worker_part=False)
    assert not owes_answers(late, (FULLY_ENABLED,), has_worker_part=True)
    assert owes_answers(late, (FULLY_ENABLED_WORKER,), has_worker_part=True)


@pytest.mark.parametrize(
    ("since", "left"), [(None, 30.0), (0.0, 30.0), (10.0, 20.0), (31.0, 0.0), (-5.0, 30.0)]
)
def test_a_start_delay_counts_from_the_flag_and_never_grows(
    since: float | None, left: float
) -> None:
    assert delay_s(since, 30.0) == left

"""What systemd's word on a unit means for the service."""

import pytest

from insvc.inspect.systemd import init_row, is_service, next_run_s, row_of, state_of, stopped_with
from insvc.inspect.systemd_unit import ENDLESS, UnitFacts
from insvc.model.words import EvidenceKind, InstanceState, Manager

A = "a.service"


def facts(active: str, sub: str = "", **more: object) -> UnitFacts:
    return UnitFacts(name=A, load="loaded", active=active, sub=sub, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "state"),
    [
        (facts("active", "running"), InstanceState.RUNNING),
        (facts("reloading", "reload"), InstanceState.RUNNING),
        (facts("refreshing", "refresh-credentials"), InstanceState.RUNNING),
        (facts("activating", "start"), InstanceState.STARTING),
        (facts("deactivating", "stop-sigterm"), InstanceState.STOPPING),
        (facts("failed", "failed"), InstanceState.FAILED),
        (facts("inactive", "dead"), InstanceState.STOPPED),
        (facts("inactive", "dead", file="disabled"), InstanceState.DISABLED),
        (facts("inactive", "dead", file="masked-runtime"), InstanceState.DISABLED),
        (UnitFacts(name=A, load="masked", active="inactive"), InstanceState.DISABLED),
        (facts("active", "exited", kind="oneshot", stays=True), InstanceState.STOPPED),
        (facts("activating", "start", kind="oneshot"), InstanceState.RUNNING),
        (facts("inactive", "dead", triggered_by=("a.timer",)), InstanceState.SCHEDULED),
        (facts("maintenance", ""), InstanceState.UNKNOWN),
    ],
)
def test_each_state_of_systemd_has_its_word(unit: UnitFacts, state: InstanceState) -> None:
    assert state_of(unit) is state


def test_a_masked_job_of_a_timer_is_disabled() -> None:
    masked = facts("inactive", "dead", triggered_by=("a.timer",), file="masked")
    assert state_of(masked) is InstanceState.DISABLED


@pytest.mark.parametrize("sub", ["auto-restart", "auto-restart-queued"])
def test_what_crashed_and_waits_for_its_next_start_has_failed(sub: str) -> None:
    assert state_of(facts("activating", sub, restart_policy="always")) is InstanceState.FAILED


def test_a_row_tells_what_systemd_says() -> None:
    row = row_of(
        facts("active", "running", pid=7, restarts=2, cgroup="/a", began_at=5.0, ready_at=5.25)
    )
    assert (row.name, row.manager, row.pid, row.restarts) == (A, Manager.SYSTEMD, 7, 2)
    assert (row.cgroup, row.started_in_s, row.hints) == ("/a", 0.25, ())
    assert row.desired is InstanceState.RUNNING


def test_a_unit_that_never_became_ready_has_no_starting_time() -> None:
    assert row_of(facts("failed", began_at=5.0, ready_at=1.0)).started_in_s is None
    assert row_of(facts("inactive")).started_in_s is None
    assert row_of(facts("inactive")).cgroup is None


@pytest.mark.parametrize(
    ("unit", "desired"),
    [
        (facts("failed"), InstanceState.RUNNING),
        (facts("inactive"), InstanceState.STOPPED),
        (facts("active", "exited"), InstanceState.STOPPED),
        (facts("inactive", file="disabled"), InstanceState.DISABLED),
        (facts("inactive", triggered_by=("a.timer",)), InstanceState.SCHEDULED),
        (facts("active", triggered_by=("a.timer",)), InstanceState.SCHEDULED),
        (facts("activating", kind="oneshot"), InstanceState.STOPPED),
    ],
)
def test_what_systemd_works_towards(unit: UnitFacts, desired: InstanceState) -> None:
    assert row_of(unit).desired is desired


def test_what_systemd_was_asked_for_is_a_hint() -> None:
    row = row_of(facts("active", markers=("needs-restart",), needs_daemon_reload=True))
    assert [(one.kind, one.subject) for one in row.hints] == [
        (EvidenceKind.REQUESTED, A),
        (EvidenceKind.CONFIGURATION_NEWER, f"unit file of {A}"),
    ]
    assert row.hints[0].found == "systemd holds the marker needs-restart"


def test_services_that_are_stopped_with_it_are_named_once() -> None:
    unit = facts(
        "active",
        required_by=("b.service", "x.target"),
        consists_of=("c.service",),
        bound_by=("b.service",),
    )
    assert stopped_with(unit) == ("b.service", "c.service")


def test_the_manager_of_a_user_is_no_service_of_the_host() -> None:
    told = [
        one for one in ("user@1000.service", "getty@tty1.service", "a.socket") if is_service(one)
    ]
    assert told == ["getty@tty1.service"]


def test_systemd_itself_is_the_first_process() -> None:
    row = init_row()
    assert (row.name, row.pid, row.cgroup) == ("init.scope", 1, "/init.scope")


def test_the_latest_run_and_the_next_one_of_all_timers_count() -> None:
    timers = [(2_000_000, 9_000_000, 0), (3_000_000, ENDLESS, 5_000_000), (0, 0, ENDLESS)]
    assert next_run_s(timers, 1.5) == (3.0, 6.5)


def test_timers_that_never_ran_and_never_will_say_nothing() -> None:
    assert next_run_s([(0, ENDLESS, 0), (ENDLESS, 0, ENDLESS)], 1.5) == (None, None)

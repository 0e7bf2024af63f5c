"""A manager at work: roles, locks, definitions that come, change and go, and the end."""

import time

import pytest

from insvc.agent.memory import Memory
from insvc.agent.restarting import restart
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager, Role
from tests.fakes.host_folder import PORT, HostFolder, row, supervising, until, wait_for_state
from tests.fakes.service_scripts import define_agent

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING
STOPPED = InstanceState.STOPPED


def test_the_role_decides_what_runs_and_outlives_the_manager(folder: HostFolder) -> None:
    folder.define("front", manager="sm", runs_when="active")
    folder.define("always", manager="sm")
    with supervising(folder, Manager.SM) as sm:
        wait_for_state(sm, "front", RUNNING)
        assert sm.take_role(Role.STANDBY, 20.0) == ()
        assert (row(sm, "front").state, row(sm, "front").desired) == (STOPPED, STOPPED)
        assert row(sm, "always").state is RUNNING
    with supervising(folder, Manager.SM) as sm:
        assert sm.engine.duty.role is Role.STANDBY
        assert row(sm, "front").state is STOPPED
        assert sm.take_role(Role.ACTIVE, 20.0) == ()
        assert row(sm, "front").state is RUNNING


def test_a_lock_stops_everything_but_the_service_manager(folder: HostFolder) -> None:
    folder.define("x")
    folder.define("sm")
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "sm", RUNNING)
        assert pmon.set_locked(locked=True, timeout_s=20.0) == ()
        assert (row(pmon, "x").state, row(pmon, "sm").pid) == (STOPPED, before.pid)
    with supervising(folder) as pmon:
        assert row(pmon, "x").state is STOPPED
        assert pmon.set_locked(locked=False, timeout_s=20.0) == ()
        assert row(pmon, "x").state is RUNNING


def test_what_does_not_follow_is_named(folder: HostFolder) -> None:
    folder.define("x", "stubborn", drain={"timeout_s": 0.05, "on_timeout": "leave"})
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        assert pmon.set_locked(locked=True, timeout_s=0.5) == ("x",)


def test_what_fails_to_come_back_is_named_and_what_had_failed_before_is_not(
    folder: HostFolder,
) -> None:
    folder.define("old", "fails", restarts=0)
    folder.define("new", restarts=0)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "old", InstanceState.FAILED)
        wait_for_state(pmon, "new", RUNNING)
        pmon.set_locked(locked=True, timeout_s=20.0)
        (folder.root / "usr/bin/plain").write_text("raise SystemExit(1)\n")
        assert sorted(pmon.set_locked(locked=False, timeout_s=20.0)) == ["new", "old"]
        assert pmon.take_role(Role.STANDBY, 20.0) == ()


def test_new_definitions_are_learnt_and_what_runs_is_left_alone(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        folder.define("x", drain={"timeout_s": 3.0})
        folder.define("y")
        assert pmon.read_again() == ()
        assert row(pmon, "x") == before
        assert pmon.engine.units["x"].definition.drain.timeout_s == 3.0
        wait_for_state(pmon, "y", RUNNING)


def test_a_service_without_a_definition_is_forgotten_once_it_is_down(folder: HostFolder) -> None:
    folder.define("x", "fails", restarts=0)
    folder.define("y")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", InstanceState.FAILED)
        wait_for_state(pmon, "y", RUNNING)
        for name in ("x", "y"):
            (folder.root / f"etc/insvc/services.d/{name}.json").unlink()
        pmon.read_again()
        assert [one.name for one in pmon.rows()] == ["y"]


def test_a_faulty_definition_hides_only_its_own_service(folder: HostFolder) -> None:
    folder.define("x")
    folder.define("y", drain={"signal": "NONE"})
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        assert pmon.faults == ("y.json: y: found signal 'NONE', expected one such as TERM or USR1",)


def test_the_end_is_forced_where_a_drain_would_not_be(folder: HostFolder) -> None:
    folder.define("x", "stubborn", drain={"timeout_s": 0.05, "on_timeout": "leave"})
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        assert pmon.end_all(20.0) == ()
    saved = Memory(folder.path / "run/pmon.json").load()
    assert saved is not None
    assert saved.units["x"].state == "stopped"
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)


def test_moments_of_the_manager_s_clock_are_told_as_dates(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        started = pmon.engine.units["x"].started_at
        assert started is not None
        log = (folder.path / "log/x.log").stat().st_mtime
        assert abs(pmon.epoch_of(started) - log) < 5.0
        until(lambda: not pmon.unsettled())


def test_a_port_that_is_none_hides_only_its_own_service(folder: HostFolder) -> None:
    folder.define("x", port=70_000)
    folder.define("y", "serves", port=PORT)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "y", RUNNING)
        assert "found 70000 as port" in pmon.faults[0]


def test_a_process_is_asked_where_it_listens_until_it_is_restarted(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT, audit_s=0.05, audit_misses=2)
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        folder.define("x", "serves", port=PORT + 1, audit_s=0.05, audit_misses=2)
        assert pmon.read_again() == ()
        time.sleep(1.0)
        assert row(pmon, "x") == before
        assert restart(pmon, Order(service="x")).done
        assert row(pmon, "x").endpoint == f"{folder.address}:{PORT + 1}"


def test_an_address_is_taken_down_though_its_definition_is_gone(folder: HostFolder) -> None:
    define_agent(folder, "ip", manager="sm", runs_when="active")
    with supervising(folder, Manager.SM) as sm:
        wait_for_state(sm, "ip", RUNNING)
        (folder.root / "etc/insvc/services.d/ip.json").write_text("{")
        sm.read_again()
        assert sm.take_role(Role.STANDBY, 20.0) == ()
        assert not (folder.path / "run/state-ip").exists()
        sm.read_again()
        assert sm.rows() == ()

"""pmon's engine on real programs: deaths, adoption, drains, failures."""

import os
import signal
from contextlib import suppress

import pytest

from insvc.adapters.pidfd import read_identity
from insvc.agent.readiness import is_serving
from insvc.agent.strays import command_line, of_host
from insvc.model.words import InstanceState, Manager
from insvc.supervise.unit import Event
from tests.fakes.host_folder import (
    PORT,
    HostFolder,
    row,
    supervising,
    until,
    wait_for_state,
)

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


def pid_of(folder: HostFolder, name: str) -> int:
    return int((folder.root / "run" / f"{name}.pid").read_text())


def test_what_is_killed_is_started_again(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        again = row(pmon, "x")
        assert again.pid != first
        assert again.pid == pid_of(folder, "x")
        assert again.endpoint == f"{folder.address}:{PORT}"
        assert again.started_in_s is not None
        assert again.started_in_s > 0
        assert read_identity(first) is None


def test_a_new_life_of_the_manager_restarts_nothing(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
    with supervising(folder) as pmon:
        assert row(pmon, "x") == first
        assert folder.told() == ["up x"]


def test_a_death_that_nobody_saw_is_met_by_the_next_life(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    with supervising(folder) as pmon:
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        assert row(pmon, "x").pid != first.pid


def test_a_launch_that_was_not_written_down_is_found_and_not_repeated(folder: HostFolder) -> None:
    folder.define("x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
    (folder.path / "run" / "pmon.json").unlink()
    with supervising(folder) as pmon:
        assert wait_for_state(pmon, "x", RUNNING).pid == first.pid
    assert folder.told() == ["up x"]


def test_a_helper_is_never_taken_for_its_service(folder: HostFolder) -> None:
    folder.define("x", "daemons", helpers="metadata-helper")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
    with supervising(folder) as pmon:
        first = row(pmon, "x").pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
    assert folder.told() == ["up x", "up x"]


def test_a_service_that_cannot_start_is_called_failed_and_tried_on(folder: HostFolder) -> None:
    folder.define("x", "fails", restarts=2)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", InstanceState.FAILED)
        failures = row(pmon, "x").restarts
        until(lambda: row(pmon, "x").restarts > failures)
        until(lambda: row(pmon, "x").state is InstanceState.FAILED)


def test_a_program_that_cannot_be_executed_fails_as_one_that_ends(folder: HostFolder) -> None:
    host = folder.path / "host.json"
    host.write_text(host.read_text().replace('"python": "', '"python": "/nowhere'))
    folder.define("x", restarts=0)
    with supervising(folder) as pmon:
        found = wait_for_state(pmon, "x", InstanceState.FAILED)
        assert (found.pid, found.restarts) == (None, 1)


def test_a_start_that_never_gets_ready_is_ended_and_counted(folder: HostFolder) -> None:
    folder.define("x", "mute", ready_timeout_s=0.05, restarts=1)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", InstanceState.FAILED)


def test_time_forgives_a_failure(folder: HostFolder) -> None:
    folder.define("x", debounce_s=0.05)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: pmon.engine.units["x"].restarts == 1)
        until(lambda: pmon.engine.units["x"].failures == 0)


def test_what_a_dead_main_process_leaves_in_its_group_is_ended(folder: HostFolder) -> None:
    folder.define("x", "family")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        assert first is not None
        (child,) = (one for one in of_host(folder.root) if one.pid != first)
        os.kill(first, signal.SIGKILL)
        until(lambda: read_identity(child.pid) != child)


def test_helpers_outlive_their_parent(folder: HostFolder) -> None:
    folder.define("x", "family", helpers="metadata-helper")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        assert first is not None
        (child,) = (one for one in of_host(folder.root) if one.pid != first)
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        assert read_identity(child.pid) == child
        assert "metadata-helper" in command_line(child.pid)


def test_an_event_of_a_service_that_was_forgotten_means_nothing(folder: HostFolder) -> None:
    with supervising(folder) as pmon:
        pmon.loop.call(lambda: pmon.engine.feed("nobody", Event.STOP))
        assert pmon.engine.units == {}


def test_what_is_no_helper_ends_with_its_parent(folder: HostFolder) -> None:
    folder.define("x", "family", helpers="another-helper")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        assert first is not None
        (child,) = (one for one in of_host(folder.root) if one.pid != first)
        os.kill(first, signal.SIGKILL)
        until(lambda: read_identity(child.pid) != child)


def test_signals_to_what_does_not_run_go_nowhere(folder: HostFolder) -> None:
    folder.define("x", "fails", restarts=0)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", InstanceState.FAILED)
        for hand in (pmon.engine.programs.stop, pmon.engine._kill, pmon.engine._sweep):
            pmon.loop.call(lambda hand=hand: hand("x"))  # type: ignore[misc]
        assert row(pmon, "x").state is InstanceState.FAILED


def test_a_job_goes_on_through_the_manager_s_death(folder: HostFolder) -> None:
    folder.define("job", "job", manager="cron", schedule="* * * * *", runs_when="active")
    with supervising(folder, Manager.CRON) as cron:
        assert row(cron, "job").state is InstanceState.SCHEDULED
        assert row(cron, "job").next_run_at is not None
        cron.loop.call(lambda: cron.engine.feed("job", Event.RUN_DUE))
        until(lambda: folder.told() == ["run job"])
        first = row(cron, "job")
        assert first.state is RUNNING
    with supervising(folder, Manager.CRON) as cron:
        assert row(cron, "job").pid == first.pid
        (folder.path / "run" / "go").touch()
        wait_for_state(cron, "job", InstanceState.SCHEDULED)
        assert row(cron, "job").last_run_at is not None
        assert folder.told() == ["run job"]
    with suppress(ChildProcessError):
        os.waitpid(first.pid or 0, 0)


def test_a_process_that_hangs_is_found_and_started_again(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT, audit_s=0.1, audit_misses=2)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        assert row(pmon, "x").pid != first
        assert read_identity(first) is None


def test_one_that_answers_that_it_does_not_serve_is_left_alone(folder: HostFolder) -> None:
    folder.define("x", "serves", port=PORT, audit_s=0.05, audit_misses=1)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        (folder.path / "run" / "refuse").touch()
        until(lambda: not is_serving(f"{folder.address}:{PORT}", "/healthz"))
        heard = pmon.engine.units["x"].due
        until(lambda: pmon.engine.units["x"].due not in {heard})
        until(lambda: pmon.engine.units["x"].misses == 0)
        assert row(pmon, "x").pid == first.pid


def test_a_script_that_was_not_written_down_is_found_behind_its_interpreter(
    folder: HostFolder,
) -> None:
    program = folder.root / "usr/bin/native"
    program.write_text('#!/bin/sh\necho $$ > "$INSVC_PIDFILE"\nread forever < "$FIFO"\n'.replace(
        "$FIFO", str(folder.path / "fifo")))  # fmt: skip
    program.chmod(0o755)
    os.mkfifo(folder.path / "fifo")
    folder.define("x", "native", is_native=True)
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
    (folder.path / "run" / "pmon.json").unlink()
    with supervising(folder) as pmon:
        assert wait_for_state(pmon, "x", RUNNING).pid == first.pid


def test_a_launch_that_was_not_written_down_is_found_whatever_it_calls_itself(
    folder: HostFolder,
) -> None:
    program = folder.root / "usr/bin/native"
    program.write_text('#!/bin/sh\necho $$ > "$INSVC_PIDFILE"\nexec sleep 1000000\n')
    program.chmod(0o755)
    folder.define("x", "native", is_native=True)
    memory = folder.path / "run" / "pmon.json"
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING).pid
        before = memory.read_bytes()
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        again = row(pmon, "x").pid
    memory.write_bytes(before)
    with supervising(folder) as pmon:
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        assert row(pmon, "x").pid == again

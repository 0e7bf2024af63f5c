"""Services that real scripts start, stop and look at."""

import os
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from insvc.adapters.pidfd import read_identity
from insvc.agent.restarting import restart
from insvc.agent.strays import of_host
from insvc.agent.wishes import stop
from insvc.model.restart import Order
from insvc.model.words import InstanceState, Manager
from insvc.supervise.exit_codes import Grade
from insvc.supervise.unit import Event, Unit
from tests.fakes.host_folder import HostFolder, row, supervising, until, wait_for_state
from tests.fakes.service_scripts import QUICK, define_agent, define_script, rule

pytestmark = pytest.mark.integration
RUNNING, FAILED, STOPPED = InstanceState.RUNNING, InstanceState.FAILED, InstanceState.STOPPED
BOTH = pytest.mark.parametrize("manager", [Manager.PMON, Manager.SM])


def flag(folder: HostFolder, name: str) -> Path:
    path = folder.path / "run" / name
    path.touch()
    return path


@BOTH
def test_a_script_starts_the_service_and_its_process_is_watched(
    folder: HostFolder, manager: Manager
) -> None:
    define_script(folder, "x", manager=manager)
    with supervising(folder, manager) as own:
        first = wait_for_state(own, "x", RUNNING)
        assert first.pid == int((folder.root / "run/x.pid").read_text())
        assert folder.told() == ["start x", "up x"]
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: row(own, "x").restarts == 1 and row(own, "x").state is RUNNING)
        assert row(own, "x").pid != first.pid
        assert folder.told() == ["start x", "up x"] * 2


@BOTH
def test_a_restart_stops_by_the_script_and_starts_by_the_script(
    folder: HostFolder, manager: Manager
) -> None:
    define_script(folder, "x", manager=manager)
    with supervising(folder, manager) as own:
        before = wait_for_state(own, "x", RUNNING)
        account = restart(own, Order(service="x"))
        assert (account.done, account.drained) == (True, True)
        assert row(own, "x").pid not in {None, before.pid}
        assert folder.told() == ["start x", "up x", "stop x", "down x", "start x", "up x"]
        assert own.engine.units["x"].failures == 0


def test_a_start_that_says_done_while_nothing_runs_is_a_failed_start(folder: HostFolder) -> None:
    flag(folder, "lie")
    define_script(folder, "x", ready_timeout_s=0.1, restarts=1)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", FAILED)
        assert row(pmon, "x").restarts >= 1
        (folder.path / "run/lie").unlink()
        wait_for_state(pmon, "x", RUNNING)


def test_a_failed_start_is_tried_as_often_as_its_rule_says(folder: HostFolder) -> None:
    flag(folder, "fail-starts")
    script = {"start": rule(retries=2)}
    define_script(folder, "x", script=script, restarts=0)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", FAILED)
        assert folder.told().count("start x") == 3
        assert folder.told()[3] == "stop x"
        assert row(pmon, "x").restarts == 1


def test_one_failed_try_is_no_failed_start(folder: HostFolder) -> None:
    flag(folder, "fail-start")
    define_script(folder, "x", script={"start": rule(retries=1)})
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        assert row(pmon, "x").restarts == 0


def test_a_start_that_does_not_end_is_ended_with_all_it_has_begun(folder: HostFolder) -> None:
    flag(folder, "hang-start")
    define_script(folder, "x", script={"start": rule(timeout_s=0.2)}, restarts=0)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", FAILED)
        assert list(of_host(folder.root)) == []
        assert "signal 9" in pmon.engine.units["x"].told or "stop" in pmon.engine.units["x"].told


def test_a_stop_that_does_not_end_is_ended_and_its_process_too(folder: HostFolder) -> None:
    define_script(folder, "x", script={"stop": rule(timeout_s=0.2)})
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        flag(folder, "hang-stop")
        account = restart(pmon, Order(service="x"))
        assert (account.done, account.drained) == (True, False)
        assert row(pmon, "x").pid != before.pid
        assert read_identity(before.pid or 0) is None


def is_of_grade(units: Mapping[str, Unit], grade: Grade) -> bool:
    return units["drbd"].grade is grade


def test_an_agent_tells_how_well_its_service_serves(folder: HostFolder) -> None:
    define_agent(folder, "drbd", manager=Manager.SM, audit_s=0.05)
    with supervising(folder, Manager.SM) as sm:
        wait_for_state(sm, "drbd", RUNNING)
        units = sm.engine.units
        grade = folder.path / "run/grade"
        for told, seen in ((35, Grade.DATA_SYNCING), (191, Grade.DEGRADED), (8, Grade.FULL)):
            grade.with_suffix(".new").write_text(str(told))
            grade.with_suffix(".new").replace(grade)
            until(partial(is_of_grade, units, seen))
        assert row(sm, "drbd").restarts == 0


def test_a_process_that_ends_before_its_stop_script_does_is_not_started_beside_it(
    folder: HostFolder,
) -> None:
    define_script(folder, "x")
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        flag(folder, "slow-stop")
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.STOP))
        until(lambda: "stop x" in folder.told())
        os.kill(before.pid or 0, signal.SIGKILL)
        until(lambda: pmon.engine.units["x"].main is None)
        assert row(pmon, "x").state is InstanceState.STOPPING
        assert folder.told().count("start x") == 1
        flag(folder, "go")
        wait_for_state(pmon, "x", RUNNING)
        assert folder.told()[-4:] == ["stop x", "down x", "start x", "up x"]


def test_a_stop_during_a_start_ends_the_start_first(folder: HostFolder) -> None:
    flag(folder, "slow")
    define_script(folder, "x")
    with supervising(folder) as pmon:
        until(lambda: "start x" in folder.told())
        assert stop(pmon, "x", 20.0).done
        assert folder.told() == ["start x", "stop x", "down x"]
        assert list(of_host(folder.root)) == []


def test_what_is_sick_by_its_script_s_word_is_stopped_and_started(folder: HostFolder) -> None:
    define_script(folder, "x", audit_s=0.05, audit_misses=1)
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        sick = flag(folder, "sick")
        until(lambda: "stop x" in folder.told())
        sick.unlink()
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)
        assert row(pmon, "x").pid != before.pid


def test_a_script_that_is_missing_for_a_while_ends_nothing_that_lives(
    folder: HostFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    define_script(folder, "x", audit_s=0.05, audit_misses=1)
    script = folder.root / "etc/init.d/x"
    with supervising(folder) as pmon:
        before = wait_for_state(pmon, "x", RUNNING)
        aside = script.rename(script.with_name("y"))
        told = ""
        while told.count("x is not asked") < 3:
            told += capfd.readouterr().err
        aside.rename(script)
        assert row(pmon, "x").pid == before.pid
        flag(folder, "sick")
        until(lambda: "stop x" in folder.told())


@BOTH
def test_a_resource_without_a_process_is_known_by_its_agent_alone(
    folder: HostFolder, manager: Manager
) -> None:
    define_agent(folder, "ip", manager=manager, audit_s=0.05, audit_misses=2)
    with supervising(folder, manager) as own:
        wait_for_state(own, "ip", RUNNING)
        assert row(own, "ip").pid is None
        (folder.path / "run/state-ip").unlink()
        until(lambda: row(own, "ip").restarts == 1 and row(own, "ip").state is RUNNING)
        assert (folder.path / "run/state-ip").exists()
        assert folder.told()[:3] == ["start-ip ip", "stop ip", "start-ip ip"]
        assert restart(own, Order(service="ip")).done


def test_a_resource_that_cannot_be_stopped_is_told_and_left(folder: HostFolder) -> None:
    define_agent(folder, "ip")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "ip", RUNNING)
        flag(folder, "fail-stop")
        account = restart(pmon, Order(service="ip"))
        assert not account.done
        assert account.said == "left running: its stop script ended with status 1: failed"
        assert row(pmon, "ip").state is RUNNING
        assert folder.told().count("start-ip ip") == 1


def test_what_runs_already_is_taken_by_its_pid_file(folder: HostFolder) -> None:
    define_script(folder, "x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
    (folder.path / "run" / "pmon.json").unlink()
    with supervising(folder) as pmon:
        assert wait_for_state(pmon, "x", RUNNING).pid == first.pid
        assert folder.told() == ["start x", "up x", "start x"]


def test_a_new_life_of_the_manager_restarts_nothing_and_watches_on(folder: HostFolder) -> None:
    define_script(folder, "x")
    define_agent(folder, "ip")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        wait_for_state(pmon, "ip", RUNNING)
    with supervising(folder) as pmon:
        assert (row(pmon, "x"), row(pmon, "ip").state) == (first, RUNNING)
        assert sorted(folder.told()) == ["start x", "start-ip ip", "up x"]
        os.kill(first.pid or 0, signal.SIGKILL)
        until(lambda: row(pmon, "x").restarts == 1 and row(pmon, "x").state is RUNNING)


@pytest.mark.parametrize("content", ["", "12", "x\n", "999999999\n", "1\n"])
def test_a_pid_file_that_names_nobody_is_read_again_until_it_does(
    folder: HostFolder, content: str
) -> None:
    text = f"""#!/bin/sh
case "$1" in
start) printf '{content}' > "$INSVC_PIDFILE"
    sh -c 'until [ -e "$INSVC_RUN/go" ]; do sleep 0.01; done
        echo $$ > "$INSVC_PIDFILE"; exec sleep 1000' & ;;
stop) read -r pid < "$INSVC_PIDFILE"; kill $pid; rm "$INSVC_PIDFILE" ;;
esac
"""
    define_script(folder, "x", text=text, script={"status_word": ""})
    with supervising(folder) as pmon:
        until(lambda: pmon.engine.units["x"].is_due(Event.LOOK_DUE))
        assert pmon.engine.units["x"].main is None
        flag(folder, "go")
        assert wait_for_state(pmon, "x", RUNNING).pid is not None


def test_another_s_process_in_the_pid_file_is_never_signalled(folder: HostFolder) -> None:
    text = """#!/bin/sh
case "$1" in
start) echo "$(cat "$INSVC_RUN/other")" > "$INSVC_PIDFILE" ;;
esac
"""
    folder.define("other")
    define_script(
        folder, "x", text=text, script={"status_word": ""}, ready_timeout_s=0.2, restarts=0
    )
    (folder.root / "etc/insvc/services.d/x.json").rename(folder.path / "x.json")
    with supervising(folder) as pmon:
        other = wait_for_state(pmon, "other", RUNNING)
        (folder.path / "run/other").write_text(str(other.pid))
        (folder.path / "x.json").rename(folder.root / "etc/insvc/services.d/x.json")
        pmon.read_again()
        wait_for_state(pmon, "x", FAILED)
        assert row(pmon, "other") == other


def test_a_script_that_is_missing_is_a_paced_failure_told_with_its_reason(
    folder: HostFolder,
) -> None:
    define_script(folder, "x", restarts=0)
    (folder.root / "etc/init.d/x").unlink()
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", FAILED)
        assert "cannot be looked at: No such file" in pmon.engine.units["x"].told


def test_a_unit_of_systemd_without_a_systemd_fails_with_that_reason(folder: HostFolder) -> None:
    folder.define(
        "x", command=[], restarts=0, script={"style": "systemd", "name": "x.service", **QUICK}
    )
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", FAILED)
        assert (
            f"no systemd runs the host below {folder.root}"
            in (folder.path / "log/x.log").read_text()
        )


def test_a_service_may_go_without_a_status_word(folder: HostFolder) -> None:
    define_script(folder, "x", script={"status_word": ""}, audit_s=0.02, audit_misses=1)
    flag(folder, "sick")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        heard = pmon.engine.units["x"].due
        until(lambda: pmon.engine.units["x"].due != heard)
        assert row(pmon, "x").pid == first.pid


def test_a_stop_that_was_about_to_be_called_is_called_by_the_next_life(folder: HostFolder) -> None:
    define_script(folder, "x")
    with supervising(folder) as pmon:
        first = wait_for_state(pmon, "x", RUNNING)
        scripts = pmon.engine.scripts
        pmon.loop.call(lambda: setattr(scripts, "stop", lambda _: None))
        pmon.loop.call(lambda: pmon.engine.feed("x", Event.STOP))
        assert row(pmon, "x").state is InstanceState.STOPPING
    with supervising(folder) as pmon:
        until(lambda: row(pmon, "x").state is RUNNING and row(pmon, "x").pid != first.pid)
        assert folder.told()[2:] == ["stop x", "down x", "start x", "up x"]


def test_a_restart_that_fails_tells_what_the_script_has_said(folder: HostFolder) -> None:
    define_script(folder, "x", restarts=1)
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", RUNNING)
        flag(folder, "fail-starts")
        account = restart(pmon, Order(service="x"))
        assert not account.done
        assert account.said.startswith("failed: 1 failures, 1 allowed; its start script ended")

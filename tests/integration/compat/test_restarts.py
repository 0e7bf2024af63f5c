"""The page's restart commands on a running cloud, called as scripts call them."""

import time
from pathlib import Path

import pytest

from tests.fakes.host_shell import STANDBY, WORKER, Shell, pid_of

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_a_service_of_sm_is_restarted_and_its_state_told(controller: Shell) -> None:
    before = pid_of(controller, "vim-api")
    done = controller.run("sm-restart-safe service vim-api")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("vim-api restarted, was away ")
    assert pid_of(controller, "vim-api") != before
    assert controller.run("sm-query service vim-api").stdout == "vim-api is enabled-active\n"


def test_an_unknown_name_is_no_success(controller: Shell) -> None:
    for line in ("sm-query service vmi", "sm-restart service vmi", "pmon-restart vmi"):
        told = controller.run(line)
        assert (told.returncode, told.stdout) == (3, ""), line
        assert "vmi is " in told.stderr


def test_what_may_not_be_restarted_in_service_is_refused(controller: Shell) -> None:
    told = controller.run("pmon-restart sm")
    assert told.returncode == 7
    assert "law 1" in told.stderr


def test_without_waiting_a_command_returns_before_it_is_done(controller: Shell) -> None:
    before, log = pid_of(controller, "heat-api-cfn"), controller.place.log
    was_told = log.read_text().count("heat-api-cfn restarted") if log.exists() else 0
    told = controller.run("sm-restart-safe --no-wait service heat-api-cfn")
    assert (told.returncode, told.stdout) == (0, "heat-api-cfn is restarting.\n")
    until = time.monotonic() + 60
    while not log.exists() or log.read_text().count("heat-api-cfn restarted") == was_told:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert pid_of(controller, "heat-api-cfn") != before


def test_what_cannot_be_restarted_is_told_without_waiting_too(controller: Shell) -> None:
    told = controller.run("sm-restart-safe --no-wait service heat-api-cnf")
    assert (told.returncode, told.stdout) == (3, "")


def test_a_patch_restarts_a_process_once_until_it_is_cleaned(controller: Shell) -> None:
    line = "patch-restart-processes keystone-all nova-compute"
    first, second = controller.run(line), controller.run(line)
    assert (first.returncode, second.returncode) == (0, 0)
    assert "keystone restarted" in first.stdout
    assert "nova-compute does not belong on controller-0: skipped" in first.stdout
    assert "keystone was restarted under this patch already" in second.stdout
    again = controller.run(f"patch-restart-processes -c -p {line.partition(' ')[2]}")
    assert "keystone restarted" in again.stdout


def test_names_are_listed_and_a_command_without_any_says_how(controller: Shell) -> None:
    assert "vim-webserver" in controller.run("patch-restart-processes --list").stdout.split()
    assert controller.run("patch-restart-processes").returncode == 2
    assert controller.run("neutron-restart").returncode == 2
    assert controller.run("neutron-restart nova-api").returncode == 3


def test_on_a_standby_controller_nothing_is_to_be_done(running_cloud: Path, tmp_path: Path) -> None:
    standby = Shell(tmp_path / "standby", running_cloud, STANDBY)
    told = standby.run("restart-glance")
    assert told.returncode == 0
    assert "glance-api is not meant to run here" in told.stdout


def test_an_old_patch_script_runs_unchanged(running_cloud: Path, tmp_path: Path) -> None:
    worker = Shell(tmp_path / "worker", running_cloud, WORKER)
    # A patch's flags are gone when its script begins; other tests may have left some.
    for flag in worker.place.flags.glob("*.restarted"):
        flag.unlink()
    told = worker.run(
        """
. patch-functions
rc=$PATCH_STATUS_OK
if is_controller; then
    patch-restart-processes nova-api || rc=$PATCH_STATUS_FAILED
fi
if is_compute && ! is_locked; then
    nova-restart || rc=$PATCH_STATUS_FAILED
    patch-restart-haproxy || rc=$PATCH_STATUS_FAILED
fi
loginfo "ends with $rc"
exit $rc
"""
    )
    assert told.returncode == 0, told.stderr
    assert "nova-compute restarted" in told.stdout
    assert "neutron-dhcp-agent restarted" in told.stdout
    assert "ends with 0" in worker.place.log.read_text()


def test_without_waiting_nothing_is_said_to_restart_that_does_not(
    controller: Shell, running_cloud: Path, tmp_path: Path
) -> None:
    refused = controller.run("pmon-restart --no-wait sm")
    assert (refused.returncode, refused.stdout) == (7, "")
    assert "law 1" in refused.stderr
    standby = Shell(tmp_path / "standby", running_cloud, STANDBY)
    left = standby.run("sm-restart-safe --no-wait service keystone")
    assert left.returncode == 0
    assert left.stdout.startswith("keystone is not meant to run here")


def test_the_daemons_of_ceph_are_told_and_started(controller: Shell) -> None:
    running = controller.run("ceph_pmon_wrapper.sh status")
    assert (running.returncode, running.stdout) == (0, "ceph-mon is running\n")
    assert controller.run("pmon-stop ceph-mon").returncode == 0
    stopped = controller.run("ceph_pmon_wrapper.sh status")
    assert (stopped.returncode, stopped.stderr) == (4, "ceph-mon is stopped\n")
    started = controller.run("ceph_pmon_wrapper.sh start")
    assert (started.returncode, started.stdout) == (0, "ceph-mon is running\n")

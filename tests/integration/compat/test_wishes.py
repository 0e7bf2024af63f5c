"""What managers are asked beside restarts, on a running cloud."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.host_shell import WORKER, Shell, pid_of

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_process_of_pmon_is_stopped_and_started(controller: Shell) -> None:
    stopped = controller.run("pmon-stop io-monitor-manager")
    left = controller.run("pmon-restart io-monitor-manager")
    started = controller.run("pmon-start io-monitor-manager")
    assert (stopped.returncode, stopped.stdout) == (
        0,
        "io-monitor-manager stopped for 30 minutes\n",
    )
    assert (left.returncode, "not meant to run" in left.stdout) == (0, True)
    assert (started.returncode, started.stdout) == (0, "io-monitor-manager is running\n")


def test_a_process_that_pmon_does_not_have_is_not_known(controller: Shell) -> None:
    assert controller.run("pmon-stop vim").returncode == 3
    assert controller.run("sm-unmanage service io-monitor-manager").returncode == 3


def test_what_sm_does_not_manage_is_left_dead_and_is_started_again_later(controller: Shell) -> None:
    assert controller.run("sm-unmanage service aodh-notifier").returncode == 0
    refused = controller.run("sm-restart-safe service aodh-notifier")
    assert (refused.returncode, "not managed" in refused.stderr) == (1, True)
    os.kill(int(pid_of(controller, "aodh-notifier")), signal.SIGKILL)
    query = "sm-query service aodh-notifier"
    until(lambda: controller.run(query).stdout == "aodh-notifier is disabled\n")
    assert controller.run("sm-manage service aodh-notifier").returncode == 0
    until(lambda: controller.run(query).stdout == "aodh-notifier is enabled-active\n")


def test_a_job_is_run_by_hand(controller: Shell) -> None:
    told = controller.run("aodh-expirer-active")
    assert (told.returncode, told.stdout) == (0, "aodh-expirer-active has run\n")


def test_what_may_not_be_down_in_service_is_not_stopped_by_pmon_either(controller: Shell) -> None:
    for name in ("sm", "sm-api"):
        told = controller.run(f"pmon-stop {name}")
        assert (told.returncode, "lock the host first" in told.stderr) == (7, True)
        assert "is running" in controller.run(f"insvc-init-script {name} status").stdout


def test_a_stop_of_what_is_not_managed_is_refused_and_never_made_up_for(controller: Shell) -> None:
    assert controller.run("sm-unmanage service aodh-evaluator").returncode == 0
    refused = controller.run("insvc-ocf-agent aodh-evaluator stop")
    assert (refused.returncode, "not managed" in refused.stderr) == (1, True)
    before = pid_of(controller, "aodh-evaluator")
    assert controller.run("sm-manage service aodh-evaluator").returncode == 0
    time.sleep(1)  # longer than sm takes to end it
    assert pid_of(controller, "aodh-evaluator") == before


def test_a_host_without_a_service_manager_says_so(running_cloud: Path, tmp_path: Path) -> None:
    told = Shell(tmp_path / "worker", running_cloud, WORKER).run("sm-manage service keystone")
    assert told.returncode == 3
    assert told.stderr == "keystone no service manager belongs to compute-0\n"

"""What managers are asked beside restarts, on a running cloud."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.fakes.host_shell import Shell, pid_of

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

"""Init scripts and OCF agents of the page on a running cloud: what each word does and answers."""

import time
from pathlib import Path

import pytest

from insvc.adapters.formats import dump_text
from insvc.cloud.layout import host_folder, topology
from tests.fakes.host_shell import CONTROLLER, STANDBY, Shell

pytestmark = [pytest.mark.integration, pytest.mark.slow]

INIT, OCF = "insvc-init-script", "insvc-ocf-agent"


def codes(shell: Shell, *lines: str) -> list[int]:
    """The exit codes of these lines, one after the other."""
    return [shell.run(line).returncode for line in lines]


def test_an_agent_takes_a_service_down_and_nobody_brings_it_back(controller: Shell) -> None:
    agent = f"{OCF} aodh-listener"
    assert codes(controller, f"{agent} monitor", f"{agent} stop", f"{agent} stop") == [0, 0, 0]
    assert codes(controller, f"{agent} monitor", f"{INIT} aodh-listener status") == [7, 3]
    time.sleep(1)  # longer than sm takes to start what has died
    assert controller.run("sm-query service aodh-listener").stdout == "aodh-listener is disabled\n"
    left = controller.run(f"{INIT} aodh-listener try-restart")
    assert (left.returncode, "not meant to run" in left.stdout) == (0, True)
    assert codes(controller, f"{agent} start", f"{agent} start", f"{agent} status") == [0, 0, 0]


def test_an_init_script_brings_up_what_it_is_to_restart(controller: Shell) -> None:
    script = f"{INIT} io-monitor-manager"
    assert codes(controller, f"{script} stop", f"{script} restart", f"{script} status") == [0, 0, 0]
    assert "is running (pid " in controller.run(f"{script} status").stdout


def test_what_may_not_be_down_in_service_is_not_stopped(controller: Shell) -> None:
    told = controller.run(f"{INIT} sm stop")
    assert (told.returncode, "lock the host first" in told.stderr) == (157, True)
    assert controller.run(f"{OCF} sm stop").returncode == 1


def test_words_and_names_that_are_not_known_are_no_success(controller: Shell) -> None:
    assert codes(controller, f"{INIT} vim reset", f"{OCF} vim promote") == [3, 3]
    job = controller.run(f"{INIT} aodh-expirer-active start")
    assert (job.returncode, "its manager is cron" in job.stderr) == (157, True)
    assert codes(controller, f"{INIT} vmi start", f"{OCF} vmi start") == [5, 5]
    assert codes(controller, f"{INIT} vmi status", f"{OCF} vmi monitor") == [3, 7]


def test_what_belongs_to_the_active_controller_is_not_started_beside_it(
    running_cloud: Path, tmp_path: Path
) -> None:
    standby = Shell(tmp_path / "standby", running_cloud, STANDBY)
    told = standby.run(f"{OCF} vim start")
    assert (told.returncode, told.stderr) == (1, "vim is not meant to run here now\n")
    assert codes(standby, f"{OCF} vim stop", f"{INIT} vim status") == [0, 3]


def test_of_a_host_that_does_not_answer_nothing_is_known(tmp_path: Path) -> None:
    cloud = tmp_path / "cloud"
    (cloud / "controller").mkdir(parents=True)
    (cloud / "topology.json").write_text(dump_text(topology("127.9.9")))
    host_folder(cloud, CONTROLLER.name).mkdir(parents=True)
    shell = Shell(tmp_path / "bin", cloud, CONTROLLER)
    assert codes(shell, f"{INIT} vim status", f"{INIT} vim stop", f"{OCF} vim monitor") == [
        4,
        158,
        1,
    ]


def test_an_error_answers_in_the_numbers_of_its_kind(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "bin", tmp_path / "none", CONTROLLER)
    lines = [f"{INIT} vim status", f"{INIT} vim stop", f"{OCF} vim monitor", f"{OCF} vim stop"]
    assert codes(shell, *lines) == [4, 1, 1, 1]

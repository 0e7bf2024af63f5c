"""A unit of a real systemd under the embedded cloud's own pmon (`style` `systemd`)."""

import pytest

from lab import agents
from lab.host import Host

DROP_IN = "/etc/systemd/system/cron.service.d/owner.conf"


@pytest.fixture(scope="module")
def host(shared_host: Host) -> Host:
    """Debian's cron, which systemd has started at boot, is handed to pmon."""
    shared_host.put(DROP_IN, "[Service]\nRestart=no\n")
    shared_host.run("systemctl daemon-reload")
    agents.lay_out(shared_host)
    shared_host.run(f"ln -s / {agents.FOLDER}/root")
    agents.define(
        shared_host,
        "cron",
        manager="pmon",
        pidfile="run/crond.pid",
        script={"style": "systemd", "name": "cron.service"},
        interval_s=0.1,
        restarts=3,
    )
    agents.begin(shared_host)
    return shared_host


def main_pid(host: Host) -> int:
    """The unit's main process, by systemd's word."""
    return int(host.run("systemctl show -P MainPID cron.service").output)


def runs(host: Host) -> bool:
    """Whether both say that it runs, in the same process."""
    row = agents.row(host, "cron")
    return row.get("state") == "running" and row["pid"] == main_pid(host)


def test_what_systemd_has_started_is_taken_over_as_it_runs(host: Host) -> None:
    pid = main_pid(host)
    agents.until(lambda: runs(host))
    assert main_pid(host) == pid
    assert agents.row(host, "cron")["restarts"] == 0


def test_its_death_is_seen_and_the_unit_is_started_again(host: Host) -> None:
    agents.until(lambda: runs(host))
    pid = main_pid(host)
    host.run(f"kill -9 {pid}")
    agents.until(lambda: runs(host) and main_pid(host) != pid)
    assert agents.row(host, "cron")["restarts"] == 1
    assert host.run("systemctl is-active cron.service").output.strip() == "active"


def test_a_restart_is_two_jobs_of_systemd_and_spends_no_budget(host: Host) -> None:
    agents.until(lambda: runs(host))
    before = agents.row(host, "cron")
    facts = agents.restart(host, "cron")
    assert facts["manager_done"], facts
    assert runs(host)
    assert agents.row(host, "cron")["pid"] != before["pid"]
    group = host.run(f"cat /proc/{main_pid(host)}/cgroup").output
    assert "/system.slice/cron.service" in group


def test_a_unit_that_systemd_would_start_again_itself_is_not_started(host: Host) -> None:
    agents.until(lambda: runs(host))
    host.put(DROP_IN, "[Service]\nRestart=on-failure\nRestartSec=3600\n")
    host.run("systemctl daemon-reload")
    host.run(f"kill -9 {main_pid(host)}")
    agents.until(lambda: agents.row(host, "cron")["state"] == "failed")
    told = host.run(f"cat {agents.FOLDER}/log/cron.log").output
    assert "cron.service would have two owners: Restart=on-failure" in told

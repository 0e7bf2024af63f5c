"""Alarms of real services that fail and recover."""

import os
import resource
import signal
from pathlib import Path

import pytest

from insvc.agent.alarms import alarms_of
from insvc.model.alarm import HostAlarms
from insvc.model.words import InstanceState, Manager
from tests.fakes.agent_process import running
from tests.fakes.host_folder import HostFolder, supervising, until, wait_for_state

pytestmark = pytest.mark.integration


def standing(folder: HostFolder) -> list[str]:
    """What the alarms that stand are about."""
    return [one.alarm.entity for one in alarms_of(folder.path).standing]


def test_a_process_that_cannot_start_raises_one_alarm_and_clears_it(folder: HostFolder) -> None:
    folder.define("x", "fails", restarts=2, interval_s=0.01, debounce_s=0.1)
    with supervising(folder) as pmon:
        until(lambda: standing(folder) == ["host=h.process=x"])
        until(lambda: pmon.engine.units["x"].failures > 3)
        assert len(alarms_of(folder.path).changes) == 1
        folder.define("x", restarts=2, interval_s=0.01, debounce_s=0.1)
        pmon.read_again()
        wait_for_state(pmon, "x", InstanceState.RUNNING)
        until(lambda: standing(folder) == [])
    assert [one.what for one in alarms_of(folder.path).changes] == ["raised", "cleared"]


def test_an_alarm_outlives_the_manager_and_is_checked_at_its_next_start(folder: HostFolder) -> None:
    folder.define("x", "fails", manager="sm", budget={"failed_actions": 1}, interval_s=60.0)
    with supervising(folder, Manager.SM):
        until(lambda: standing(folder) == ["host=h.service=x"])
    (folder.root / "etc/insvc/services.d/x.json").unlink()
    with supervising(folder, Manager.SM):
        assert standing(folder) == []


def test_a_table_that_cannot_be_trusted_is_put_aside(folder: HostFolder) -> None:
    table = folder.path / "run" / "alarms-pmon.db"
    table.write_bytes(b"nonsense")
    folder.define("x")
    with supervising(folder) as pmon:
        wait_for_state(pmon, "x", InstanceState.RUNNING)
        assert table.with_name("alarms-pmon.db.damaged").read_bytes() == b"nonsense"


def test_a_host_without_tables_has_no_alarms(tmp_path: Path) -> None:
    assert alarms_of(tmp_path) == HostAlarms()


def test_a_disk_that_takes_no_alarm_ends_no_agent(folder: HostFolder) -> None:
    folder.define("x", restarts=0)
    folder.define("y")
    with running(folder) as agent:
        before = agent.wait_until_up()
        full = (0, resource.RLIM_INFINITY)
        resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, full)
        pid = before["x"][1]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: agent.rows()["x"][0] == "failed")
        until(lambda: agent.rows()["y"] == before["y"])
        room = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, room)
        pid = before["y"][1]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: agent.rows()["y"] not in {before["y"]} and agent.rows()["y"][0] == "running")
        until(lambda: standing(folder) == ["host=h.process=x"])
        assert agent.process.poll() is None

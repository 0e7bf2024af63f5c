import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insvc.cli.main import insvc
from insvc.cloud.lifecycle import is_running
from insvc.errors import UnknownName, WorldError

pytestmark = pytest.mark.integration


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(insvc, ["cloud", *map(str, words)])


def test_status_shows_every_host(running_cloud: Path) -> None:
    done = call("status", "--cloud", running_cloud)
    assert done.exit_code == 0
    assert "controller-0, active" in done.output
    assert "compute-1" in done.output
    assert "0 failed" in done.output


def test_a_cloud_is_stopped_and_started_again(running_cloud: Path) -> None:
    stopped = call("stop", "--cloud", running_cloud)
    assert "the cloud is stopped" in stopped.output
    assert not is_running(running_cloud)
    again = call("stop", "--cloud", running_cloud, "--json")
    assert json.loads(again.output) == {"directory": str(running_cloud), "was_running": False}
    away = json.loads(call("status", "--json", "--cloud", running_cloud).output)
    assert away["running"] is False
    assert not any(host["reachable"] for host in away["hosts"])
    started = call("start", "--cloud", running_cloud)
    assert started.exit_code == 0
    assert f"next: insvc scan --cloud {running_cloud}" in started.output
    hosts = json.loads(call("status", "--json", "--cloud", running_cloud).output)["hosts"]
    assert [host["role"] for host in hosts] == ["active", "standby", None, None, None]
    running = [one for host in hosts for one in host["services"] if one["state"] == "running"]
    assert all(one["pid"] for one in running)


def test_a_running_cloud_is_not_started_again(running_cloud: Path) -> None:
    done = call("start", "--cloud", running_cloud)
    assert isinstance(done.exception, WorldError)
    assert "runs there already" in str(done.exception)


def test_a_place_without_a_cloud_is_refused(tmp_path: Path) -> None:
    assert isinstance(call("status", "--cloud", tmp_path).exception, UnknownName)
    assert isinstance(call("stop", "--cloud", tmp_path).exception, WorldError)

"""`insvc alarm`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from insvc.adapters.formats import dump_text
from insvc.cli.alarm import command
from insvc.cloud.layout import host_folder, topology

pytestmark = pytest.mark.integration


@pytest.mark.slow
def test_a_cloud_in_order_has_no_alarm(running_cloud: Path) -> None:
    told = CliRunner().invoke(command, ["list", "--json", "--cloud", str(running_cloud)])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout) == {"alarms": []}


@pytest.mark.slow
def test_history_is_asked_of_every_host(running_cloud: Path) -> None:
    told = CliRunner().invoke(command, ["history", "--json", "--cloud", str(running_cloud)])
    assert told.exit_code == 0, told.output
    assert isinstance(json.loads(told.stdout)["changes"], list)


def test_hosts_that_do_not_answer_are_alarms(tmp_path: Path) -> None:
    places = topology("127.9.9")
    (tmp_path / "controller").mkdir()
    (tmp_path / "topology.json").write_text(dump_text(places))
    for host in places.hosts:
        host_folder(tmp_path, host.name).mkdir(parents=True)
    told = CliRunner().invoke(command, ["list", "--cloud", str(tmp_path)])
    assert told.exit_code == 0, told.output
    assert told.stdout.count("400.005") == 5
    assert told.stdout.count("400.002") == 1
    assert "controller-0: its agent cannot be reached" in told.stderr
    lived = CliRunner().invoke(command, ["history", "--cloud", str(tmp_path)])
    assert "no alarm was ever raised" in lived.stdout

"""`insvc alarm`."""

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from insvc.adapters.formats import dump_text
from insvc.agent.certificate import FILE
from insvc.cli.alarm import command
from insvc.cloud.layout import host_folder, topology

pytestmark = pytest.mark.integration


@pytest.mark.slow
def test_a_cloud_in_order_has_no_alarm(running_cloud: Path) -> None:
    told = CliRunner().invoke(command, ["list", "--json", "--cloud", str(running_cloud)])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout) == {"alarms": [], "hosts": {}, "unknown": {}}


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
    assert "unknown   controller-0: its agent cannot be reached" in told.stdout
    lived = CliRunner().invoke(command, ["history", "--cloud", str(tmp_path)])
    assert lived.stdout.count("unknown   ") == 5
    assert lived.stdout.count("raised") == 6
    assert "no alarm was ever raised" not in lived.stdout


def test_alarms_of_the_cloud_stand_since_they_were_first_seen(tmp_path: Path) -> None:
    places = topology("127.9.9")
    (tmp_path / "controller").mkdir()
    (tmp_path / "topology.json").write_text(dump_text(places))
    for host in places.hosts:
        host_folder(tmp_path, host.name).mkdir(parents=True)

    def since() -> list[float]:
        told = CliRunner().invoke(command, ["list", "--json", "--cloud", str(tmp_path)])
        return [one["since"] for one in json.loads(told.stdout)["alarms"]]

    first = since()
    assert (len(first), since()) == (6, first)


@pytest.mark.slow
def test_a_developer_s_certificate_is_an_alarm_for_as_long_as_it_is_there(
    running_cloud: Path,
) -> None:
    def numbers() -> list[str]:
        told = CliRunner().invoke(command, ["list", "--json", "--cloud", str(running_cloud)])
        return [one["alarm"]["alarm"] for one in json.loads(told.stdout)["alarms"]]

    def until(found: list[str]) -> None:
        end = time.monotonic() + 60
        while numbers() != found:
            assert time.monotonic() < end
            time.sleep(0.2)

    path = host_folder(running_cloud, "compute-1") / "root" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    until(["500.101"])
    path.unlink()
    until([])
    told = CliRunner().invoke(command, ["history", "--cloud", str(running_cloud)])
    assert [line.split()[2] for line in told.stdout.splitlines() if "500.101" in line] == [
        "raised",
        "cleared",
    ]

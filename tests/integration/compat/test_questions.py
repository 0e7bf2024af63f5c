"""The page's questions to a running cloud."""

from pathlib import Path

import pytest

from insvc.adapters.formats import dump_text
from insvc.cloud.layout import host_folder, topology
from tests.fakes.host_shell import CONTROLLER, Shell

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_the_table_holds_every_service_of_sm(controller: Shell) -> None:
    lines = controller.run("sm-dump").stdout.splitlines()
    assert {len(line) for line in lines} == {82}
    names = [line.split()[0] for line in lines[1:-1]]
    assert names == sorted(names)
    assert {"vim", "cinder-api", "keystone"} <= set(names)
    assert "nova-compute" not in names


def test_a_service_of_pmon_is_none_of_sm(controller: Shell) -> None:
    told = controller.run("sm-query service keystone ceilometer-polling")
    assert told.returncode == 3
    assert told.stdout == "keystone is enabled-active\n"
    assert told.stderr == "ceilometer-polling is no service of sm\n"


def test_a_host_in_service_is_not_locked(controller: Shell) -> None:
    assert controller.run("insvc-is-locked").returncode == 1


@pytest.mark.parametrize("line", ["sm-query service vim", "sm-dump", "insvc-is-locked"])
def test_of_a_host_that_does_not_answer_nothing_is_known(tmp_path: Path, line: str) -> None:
    places = topology("127.9.9")
    cloud = tmp_path / "cloud"
    (cloud / "controller").mkdir(parents=True)
    (cloud / "topology.json").write_text(dump_text(places))
    host_folder(cloud, CONTROLLER.name).mkdir(parents=True)
    told = Shell(tmp_path / "bin", cloud, CONTROLLER).run(line)
    assert (told.returncode, told.stdout) == (8, "")

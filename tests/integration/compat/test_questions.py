"""The page's questions to a running cloud."""

from pathlib import Path

import pytest

from insvc.adapters.formats import dump_text
from insvc.cloud.layout import host_folder, topology
from tests.fakes.host_shell import CONTROLLER, STANDBY, Shell

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_the_table_holds_every_service_of_sm(controller: Shell) -> None:
    lines = controller.run("sm-dump").stdout.splitlines()
    assert {len(line) for line in lines} == {82}
    begin = lines.index("-Services".ljust(82, "-"))
    names = [line.split()[0] for line in lines[begin + 1 : -1]]
    assert names == sorted(names)
    assert {"vim", "cinder-api", "keystone"} <= set(names)
    assert "nova-compute" not in names


def test_the_groups_come_first_and_all_columns_are_there_where_they_are_asked_for(
    controller: Shell,
) -> None:
    lines = controller.run("sm-dump --verbose --impact --pid --pn --pid_file").stdout.splitlines()
    assert lines[0] == "-Service_Groups".ljust(102, "-")
    end = lines.index("-" * 102)
    groups = {line[:32].strip(): line[32:72].split() for line in lines[1:end]}
    assert groups["cloud-services"] == ["active", "active"]
    assert set(groups) == {"cloud-services", "oam-services", "vim-services", "web-services"}
    rows = {line[:32].strip(): line for line in lines[end + 2 : -1]}
    assert min(len(row) for row in rows.values()) == 165
    web = rows["vim-webserver"]
    assert web[102:112].strip() == "minor"
    assert web[140:].strip() == "run/vim-webserver.pid"
    assert int(web[112:120]) > 1


def test_groups_are_asked_by_name(controller: Shell) -> None:
    told = controller.run("sm-query service-group web-services vim-services --desired-state")
    assert (told.returncode, told.stdout) == (
        0,
        "web-services active active\nvim-services active active\n",
    )
    told = controller.run("sm-query service-group vim-services storage-services")
    assert (told.returncode, told.stdout) == (3, "vim-services active\n")
    assert told.stderr == "storage-services is not provisioned\n"


def test_a_group_of_two_active_nodes_serves_beside_the_active_controller_too(
    running_cloud: Path, tmp_path: Path
) -> None:
    standby = Shell(tmp_path / "standby", running_cloud, STANDBY)
    assert standby.run("sm-query service-group web-services").stdout == "web-services active\n"
    assert standby.run("sm-query service horizon").stdout == "horizon is enabled-active\n"
    assert standby.run("sm-query service keystone").stdout == "keystone is disabled\n"
    told = standby.run("sm-restart service horizon")
    assert (told.returncode, told.stdout.count("restarted")) == (0, 1), told


def test_a_service_of_pmon_is_none_of_sm(controller: Shell) -> None:
    told = controller.run("sm-query service keystone ceilometer-polling")
    assert told.returncode == 3
    assert told.stdout == "keystone is enabled-active\n"
    assert told.stderr == "ceilometer-polling is no service of sm\n"


def test_a_host_in_service_is_not_locked(controller: Shell) -> None:
    assert controller.run("insvc-is-locked").returncode == 1


@pytest.mark.parametrize(
    "line",
    [
        *("sm-query service vim", "sm-query service-group g", "sm-dump", "insvc-is-locked"),
        *("ceph_pmon_wrapper.sh status", "ceph_pmon_wrapper.sh start"),
    ],
)
def test_of_a_host_that_does_not_answer_nothing_is_known(tmp_path: Path, line: str) -> None:
    places = topology("127.9.9")
    cloud = tmp_path / "cloud"
    (cloud / "controller").mkdir(parents=True)
    (cloud / "topology.json").write_text(dump_text(places))
    host_folder(cloud, CONTROLLER.name).mkdir(parents=True)
    told = Shell(tmp_path / "bin", cloud, CONTROLLER).run(line)
    assert (told.returncode, told.stdout) == (8, "")

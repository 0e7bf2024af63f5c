import fcntl
import os
import shutil
import signal
from pathlib import Path

import pytest

from insvc.adapters.dpkg import DpkgPackages
from insvc.cloud import lifecycle
from insvc.cloud.keeper import keeper_of
from insvc.cloud.lifecycle import is_running, start_cloud, stop_cloud
from insvc.cloud.patches import build_patch
from insvc.cloud.processes import members, reap
from insvc.errors import InputError, WorldError

pytestmark = pytest.mark.integration


def silent(_line: str) -> None:
    """Nobody listens."""


def test_a_cloud_of_five_hosts_runs_in_less_than_a_gibibyte(running_cloud: Path) -> None:
    assert is_running(running_cloud)
    found = members(running_cloud)
    assert len(found) > 60
    kilobytes = 0
    for one in found:
        lines = Path(f"/proc/{one.pid}/smaps_rollup").read_text("ascii").splitlines()
        kilobytes += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    assert kilobytes < 1024 * 1024


def test_no_second_cloud_starts_in_the_same_place(running_cloud: Path) -> None:
    with pytest.raises(WorldError, match="runs there already"):
        start_cloud(running_cloud, said=silent)
    assert is_running(running_cloud)


def test_a_cloud_whose_keeper_was_killed_is_cleaned_and_starts_again(running_cloud: Path) -> None:
    named = keeper_of(running_cloud)
    assert named is not None
    os.kill(named[0], signal.SIGKILL)
    while is_running(running_cloud):
        reap(named[0])
    left = members(running_cloud)
    assert left
    lines: list[str] = []
    start_cloud(running_cloud, said=lines.append)
    assert f"{len(left)} processes of a former cloud were ended" in lines
    assert not set(left) & set(members(running_cloud))


def copy_of(made_cloud: Path, tmp_path: Path) -> Path:
    """Hosts of its own for a test that spoils them."""
    return Path(shutil.copytree(made_cloud, tmp_path / "cloud", symlinks=True))


def test_a_service_that_does_not_start_is_named_with_its_log(
    made_cloud: Path, tmp_path: Path
) -> None:
    cloud = copy_of(made_cloud, tmp_path)
    for change in build_patch(cloud, [], faulty="nova-compute")["compute-1"]:
        DpkgPackages(cloud / "hosts/compute-1/root").install([change.path])
    with pytest.raises(WorldError) as caught:
        start_cloud(cloud, said=silent)
    assert caught.value.subject == "nova-compute on compute-1"
    assert "this build is faulty" in caught.value.reason
    assert members(cloud) == ()
    assert not is_running(cloud)


def test_a_keeper_that_ends_too_early_is_told_of(made_cloud: Path, tmp_path: Path) -> None:
    cloud = copy_of(made_cloud, tmp_path)
    (cloud / "cloud.json").mkdir()
    with pytest.raises(WorldError, match="ended before the cloud was up") as caught:
        start_cloud(cloud, said=silent)
    assert "keeper.log" in caught.value.next_act
    assert members(cloud) == ()


def test_an_agent_that_does_not_come_up_is_named_with_its_log(
    made_cloud: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = copy_of(made_cloud, tmp_path)
    (cloud / "hosts/storage-0/run/agent.sock").mkdir()
    monkeypatch.setattr(lifecycle, "AGENT_S", 0.5)
    with pytest.raises(WorldError, match="agent") as caught:
        start_cloud(cloud, said=silent)
    assert "agent.log" in caught.value.next_act
    assert members(cloud) == ()


def test_a_topology_that_cannot_be_read_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "topology.json").write_text('{"format": "insvc-topology/1", "hosts": [', "utf-8")
    with pytest.raises(InputError):
        start_cloud(tmp_path, said=silent)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["start.lock", "topology.json"]


def test_stopping_what_does_not_run_is_no_fault(tmp_path: Path) -> None:
    stop_cloud(tmp_path)
    assert not is_running(tmp_path)


def test_only_one_start_at_a_time(tmp_path: Path) -> None:
    with (tmp_path / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(WorldError, match="is being started"):
            start_cloud(tmp_path, said=silent)
    assert members(tmp_path) == ()

"""`insvc.adapters.starlingx_pmon`: what pmon keeps alive, and restarts that nobody acknowledges."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.starlingx_pmon import StarlingxPmon, find
from insvc.errors import UnknownName, WorldError
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState
from tests.fakes import starlingx

STATUS = (
    "[process]\nprocess=ceph\nscript=/x\nseverity=major\nrestarts=3\ninterval=30\nmode=status\n"
    "period=30\ntimeout=120\nstart_arg=start\nstatus_arg=status\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    starlingx.pmon(tmp_path)
    yield tmp_path
    starlingx.end_all(tmp_path)


def restart(root: Path, *ways: str, timeout_s: float = 20.0) -> Restarted:
    starlingx.process(root, "fm-api")
    starlingx.ways(root, *ways)
    return StarlingxPmon(root).restart(Order(service="fm-api", timeout_s=timeout_s))


def test_only_a_host_of_starlingx_has_it(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    starlingx.pmon(tmp_path)
    assert find(tmp_path) is not None


def test_processes_are_told_and_what_pmon_passes_over_too(root: Path) -> None:
    pid = starlingx.process(root, "fm-api")
    os.kill(starlingx.process(root, "sm-eru"), 9)
    os.kill(starlingx.process(root, "kubelet", more="subfunction = last-config"), 9)
    folder = root / "etc/pmon.d"
    (folder / "zcopy.conf").write_text((folder / "fm-api.conf").read_text())
    (folder / "ceph.conf").write_text(STATUS)
    (folder / "half.conf").write_text("[process]\nprocess = half\n")
    (folder / "large.conf").write_text("x" * (2 << 20))
    manager = StarlingxPmon(root)
    while manager.running() != {"fm-api"}:
        pass
    account = manager.look()
    assert {row.name: (row.state, row.pid) for row in account.rows} == {
        "fm-api": (InstanceState.RUNNING, pid),
        "sm-eru": (InstanceState.FAILED, None),
        "kubelet": (InstanceState.STOPPED, None),
    }
    assert {one.name for one in account.entries} == {"fm-api", "sm-eru", "kubelet"}
    assert "/etc/pmon.d/half.conf: lacks severity" in account.unseen[0]
    assert "/etc/pmon.d/large.conf: cannot be read" in account.unseen[1]
    assert [row.name for row in manager.look(["sm-eru"]).rows] == ["sm-eru"]


def test_a_restart_is_done_when_another_process_lives(root: Path) -> None:
    began = time.time()
    told = restart(root)
    assert told.done, told.said
    (row,) = StarlingxPmon(root).look().rows
    assert told.said == f"pmond runs it as pid {row.pid}"
    times = told.times
    assert began < times["stopped"] <= times["started"] <= times["ready"] < time.time()


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("deaf", "within 4 s pmond has not restarted it: pid"),
        ("stays-down", "within 4 s pmond has ended it and not started it again"),
        ("no-socat", "pmon-restart ended with status 5"),
    ],
)
def test_what_went_wrong_is_named(root: Path, way: str, words: str) -> None:
    told = restart(root, way, timeout_s=4.0)
    assert not told.done
    assert told.said.startswith(words)


def test_an_endless_loop_of_starts_is_seen(root: Path) -> None:
    told = restart(root, "crashes")
    assert (told.done, told.said) == (False, "pmond starts it again and again: 4 times so far")


def test_what_does_not_stay_up_in_time_is_no_success(root: Path) -> None:
    told = restart(root, "crashes", timeout_s=0.6)
    assert not told.done
    assert told.said.startswith(("within 0.6 s ", "pmond starts it again and again"))


def test_a_name_that_pmon_does_not_have_is_an_error_although_its_command_says_0(
    root: Path,
) -> None:
    with pytest.raises(UnknownName, match="no file in /etc/pmon"):
        StarlingxPmon(root).restart(Order(service="fm-apis"))


def test_what_cannot_be_ordered_is_refused(root: Path) -> None:
    starlingx.process(root, "fm-api")
    (root / "etc/pmon.d/ceph.conf").write_text(STATUS)
    manager = StarlingxPmon(root)
    with pytest.raises(WorldError, match="can only restart a process; found reload"):
        manager.restart(Order(service="fm-api", action=Action.RELOAD))
    with pytest.raises(WorldError, match="by a script, and restarts nothing by name"):
        manager.restart(Order(service="ceph"))
    assert manager.wait_for_end("ceph", 0.0)
    assert not manager.wait_for_end("fm-api", 0.0)


def test_what_does_not_live_is_not_restarted(root: Path) -> None:
    os.kill(starlingx.process(root, "fm-api"), 9)
    manager = StarlingxPmon(root)
    while manager.running():
        pass
    told = manager.restart(Order(service="fm-api"))
    assert (told.done, told.said) == (False, "nothing lives by its pid file /var/run/fm-api.pid")

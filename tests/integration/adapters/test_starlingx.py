"""`insvc.adapters.starlingx`: whose control groups are a service's own."""

import os
from pathlib import Path

import pytest

from insvc.adapters import starlingx
from insvc.adapters.starlingx import Keeper, Watch, own_groups


def groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **by_name: str) -> dict[str, int]:
    """Processes that lie in these control groups."""
    pids = {}
    for pid, (name, group) in enumerate(by_name.items(), start=10):
        (tmp_path / f"proc/{pid}").mkdir(parents=True)
        (tmp_path / f"proc/{pid}/cgroup").write_text(f"0::{group}\n")
        pids[name] = pid
    real = Path
    monkeypatch.setattr(
        starlingx, "Path", lambda path: real(str(path).replace("/proc", f"{tmp_path}/proc", 1))
    )
    return pids


def test_only_a_unit_of_its_own_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pids = groups(
        monkeypatch,
        tmp_path,
        own="/system.slice/own.service",
        below="/system.slice/sm.service",
        asked="/user.slice/user-0.slice/session-3.scope",
        one="/system.slice/both.service",
        two="/system.slice/both.service",
    )
    assert own_groups({**pids, "gone": 99}) == {"own": "/system.slice/own.service"}
    assert own_groups(pids, ["other.service"]) == {}
    assert own_groups(pids, ["own.service"]) == {"own": "/system.slice/own.service"}


def test_a_pid_file_is_believed_only_with_a_live_process(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    file = tmp_path / "pid"
    assert keeper.pid("/pid") is None
    file.write_text("")
    assert keeper.pid("/pid") is None
    file.write_text(f"{os.getpid()}\n")
    assert keeper.pid("/pid") == os.getpid()
    file.write_text(f"{2**22}\n")
    assert keeper.pid("/pid") is None
    assert keeper.restarts("x", 2**22) == 0
    assert keeper.is_there("/pid")


def test_a_watch_without_anything_before_takes_what_comes() -> None:
    found: list[int | None] = [None, None, os.getpid()]
    watch = Watch(lambda: found.pop(0))
    assert watch.look() is None
    now = watch.look()
    assert now is not None
    assert (now.pid, watch.left, watch.starts) == (os.getpid(), [], [now])
    assert watch.steady_s >= 0.0

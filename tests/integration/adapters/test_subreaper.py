"""What the kernel tells of children; the rest is in the tests of `agent.orphans`."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from insvc.adapters import subreaper
from insvc.adapters.subreaper import children, reap

pytestmark = pytest.mark.integration
_ENDS = [sys.executable, "-I", "-S", "-c", ""]


def test_the_children_of_other_threads_are_theirs() -> None:
    found: list[bool] = []

    def fork() -> None:
        child = subprocess.Popen(_ENDS)
        found.append(child.pid in children())
        child.wait(20)

    thread = threading.Thread(target=fork)
    thread.start()
    thread.join()
    assert found == [False]


def test_a_child_that_has_ended_is_cleared_away_once() -> None:
    child = subprocess.Popen(_ENDS)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert child.pid in children()
    assert reap([child.pid]) == (child.pid,)
    assert reap([child.pid]) == ()
    child.returncode = 0


def test_a_kernel_that_does_not_tell_of_children_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subreaper, "read_at", lambda *_: (tmp_path / "none").read_bytes())
    assert children() == frozenset()


def test_somebody_else_s_child_is_not_cleared_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subreaper, "_is_zombie", lambda _: True)
    assert reap([1]) == ()

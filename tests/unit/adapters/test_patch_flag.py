"""`insvc.adapters.patch_flag`: a flag holds only while the process that it names lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from insvc.adapters.patch_flag import FLAG, PatchFlag, installing


def write(root: Path, text: str) -> PatchFlag:
    """The flag with that text in it."""
    path = root / FLAG
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return PatchFlag(root)


def test_a_host_without_the_flag_installs_nothing(tmp_path: Path) -> None:
    assert PatchFlag(tmp_path).holder() is None


def test_a_live_process_holds_it(tmp_path: Path) -> None:
    flag = write(tmp_path, f"{os.getpid()}\n")
    assert flag.holder() == os.getpid()
    assert flag.holder() == os.getpid()


@pytest.mark.parametrize("text", ["", "soon", "99999999999", "4194999", "-1"])
def test_a_flag_that_names_no_live_process_holds_nothing(tmp_path: Path, text: str) -> None:
    assert write(tmp_path, text).holder() is None


def test_a_holder_that_ends_holds_it_no_more(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    flag = write(tmp_path, str(child.pid))
    assert flag.holder() == child.pid
    child.communicate(b"\n", 30)
    assert flag.holder() is None


def test_an_install_of_ours_holds_it_until_its_end(tmp_path: Path) -> None:
    flag = PatchFlag(tmp_path)
    with installing(tmp_path):
        assert flag.holder() == os.getpid()
    assert flag.holder() is None
    assert not (tmp_path / FLAG).exists()


def test_the_flag_of_somebody_else_is_left_to_them(tmp_path: Path) -> None:
    flag = write(tmp_path, str(os.getppid()))
    with installing(tmp_path):
        assert flag.holder() == os.getppid()
    assert flag.holder() == os.getppid()


def test_a_stale_flag_is_replaced(tmp_path: Path) -> None:
    flag = write(tmp_path, "")
    with installing(tmp_path):
        assert flag.holder() == os.getpid()
    assert flag.holder() is None

"""Pid files as services, accidents and strangers leave them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters import pid_file
from insvc.adapters.pid_file import PidFile, read_pid

pytestmark = pytest.mark.integration
Start = Callable[..., int]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process of that environment; answers with its pid."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(**told: str) -> int:
        program = "print(flush=True); input()"
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", program],
            env=told,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        child.stdout.readline()
        started.append(child)
        return child.pid

    yield begin
    for one in started:
        one.communicate()


@pytest.fixture
def file(tmp_path: Path) -> PidFile:
    return PidFile(path=tmp_path / "x.pid", root=tmp_path, service="x")


def names(file: PidFile, pid: int) -> int | None:
    """Whose main process the file gives when it holds that pid."""
    file.path.write_text(f"{pid}\n")
    held = file.hold_main()
    if held is None:
        return None
    held.close()
    return held.identity.pid


@pytest.mark.parametrize(
    ("content", "pid"),
    [
        (b"", None),
        (b"\n", None),
        (b"12\n", 12),
        (b"  12  34\n", 12),
        (b"12", 12),
        (b"1\n", None),
        (b"0\n", None),
        (b"-12\n", None),
        (b"12x\n", None),
        (b"\xff\xfe\x00", None),
        (b"9" * 300, None),
        (b"\xc2\xb2", None),
    ],
)
def test_a_pid_is_read_or_it_is_not(tmp_path: Path, content: bytes, pid: int | None) -> None:
    (tmp_path / "x").write_bytes(content)
    assert read_pid(tmp_path / "x") == pid


def test_what_cannot_be_read_names_nobody(tmp_path: Path) -> None:
    assert read_pid(tmp_path / "none") is None
    assert read_pid(tmp_path) is None


def test_a_process_started_for_the_service_is_its_own(file: PidFile, start: Start) -> None:
    own = start(INSVC_ROOT=str(file.root), INSVC_SERVICE="x")
    assert names(file, own) == own
    file.remove_stale()
    assert file.path.exists()


def test_another_s_process_is_not_and_its_pid_file_is_stale(file: PidFile, start: Start) -> None:
    for told in (
        {"INSVC_ROOT": str(file.root), "INSVC_SERVICE": "y"},
        {"INSVC_ROOT": "/elsewhere", "INSVC_SERVICE": "x"},
        {},
    ):
        assert names(file, start(**told)) is None
        file.remove_stale()
        assert not file.path.exists()


def test_a_process_that_says_nothing_must_be_younger_than_the_call(
    file: PidFile, start: Start
) -> None:
    asked = replace(file, called_at=time.monotonic())
    pid = start()
    assert names(asked, pid) == pid
    assert names(replace(file, called_at=time.monotonic() + 60.0), pid) is None


def test_a_process_is_known_by_its_program_or_its_unit(
    file: PidFile, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = start()
    program = str(Path(f"/proc/{pid}/exe").readlink())
    assert names(replace(file, program=program), pid) == pid
    assert names(replace(file, program="/usr/sbin/other"), pid) is None
    monkeypatch.setattr(pid_file, "_groups", lambda _: frozenset({"system.slice", "x.service"}))
    assert names(replace(file, unit="x.service"), pid) == pid
    assert names(replace(file, unit="y.service"), pid) is None


def test_a_dead_process_and_none_at_all_leave_a_stale_file(file: PidFile) -> None:
    assert file.hold_main() is None
    file.remove_stale()
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", ""])
    child.wait()
    assert names(file, child.pid) is None
    file.remove_stale()
    assert not file.path.exists()


def test_who_writes_the_file_must_be_one_who_may_end_the_process(
    file: PidFile, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = start(INSVC_ROOT=str(file.root), INSVC_SERVICE="x")
    assert names(file, own) == own
    real = Path.stat

    class Owned:
        st_uid = 4242

    def stat(path: Path, **more: Any) -> Any:
        return Owned() if path == file.path else real(path, **more)

    monkeypatch.setattr(Path, "stat", stat)
    assert file.hold_main() is None


def test_of_a_process_that_has_just_gone_nothing_is_told(file: PidFile) -> None:
    nobody = 2**22 + 1
    assert pid_file._environment(nobody) == {}
    assert pid_file._programs(nobody) == frozenset()
    assert pid_file._groups(nobody) == frozenset()
    assert not file._is_vouched_for(nobody)
    assert pid_file._groups(os.getpid())

"""`insvc.adapters.bounded`: commands with an end."""

import os
import signal
import time
from pathlib import Path

import pytest

from insvc.adapters.bounded import run_bounded, why_untrusted
from insvc.adapters.pidfd import read_identity
from insvc.errors import WorldError
from tests.fakes.host_folder import until


def shell(text: str, timeout_s: float = 20.0, **more: str) -> tuple[int | None, str]:
    done = run_bounded(["/bin/sh", "-c", text], timeout_s, more=more)
    return done.status, done.told


def test_a_command_tells_how_it_ended_and_what_it_said() -> None:
    assert shell("echo one; echo two >&2; exit 3") == (3, "one\ntwo\n")
    assert shell("kill -9 $$") == (-signal.SIGKILL, "")
    assert str(run_bounded(["/bin/sh", "-c", "echo why; exit 1"], 20.0)) == (
        "ended with status 1 (why)"
    )
    assert str(run_bounded(["/bin/true"], 20.0)) == "ended with status 0"


def test_its_environment_is_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAKED", "yes")
    status, told = shell("/usr/bin/env; pwd", OWN="1")
    assert status == 0
    lines = told.splitlines()
    assert "OWN=1" in lines
    assert "LC_ALL=C" in lines
    assert not any("LEAKED" in line for line in lines)
    assert lines[-1] == "/"


def test_a_daemon_that_keeps_the_output_open_does_not_hold_us_up(tmp_path: Path) -> None:
    began = time.monotonic()
    status, told = shell(f"setsid sleep 100 & echo $! > {tmp_path}/pid; echo started")
    assert (status, told) == (0, "started\n")
    assert time.monotonic() - began < 20
    pid = int((tmp_path / "pid").read_text())
    assert read_identity(pid) is not None
    os.kill(pid, signal.SIGKILL)


def test_what_a_daemon_writes_later_takes_no_memory_of_ours(tmp_path: Path) -> None:
    text = (
        f"(trap '' HUP; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done;"
        f" echo late 2> /dev/null || echo refused > {tmp_path}/end) & echo started"
    )
    assert shell(text) == (0, "started\n")
    (tmp_path / "go").touch()
    until = time.monotonic() + 20
    while not (tmp_path / "end").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert (tmp_path / "end").read_text() == "refused\n"


def test_only_the_end_of_much_output_is_told() -> None:
    status, told = shell("head -c 100000 /dev/zero | tr '\\0' x; echo; echo last")
    assert status == 0
    assert len(told) == 4096
    assert told.endswith("x\nlast\n")


def test_a_command_whose_time_is_over_is_ended_with_what_it_started(tmp_path: Path) -> None:
    began = time.monotonic()
    status, told = shell(f"echo begun; sleep 100 & echo $! > {tmp_path}/pid; wait", 2.0)
    assert (status, told) == (None, "begun\n")
    assert time.monotonic() - began < 20
    until(lambda: read_identity(int((tmp_path / "pid").read_text())) is None)


def test_a_command_that_will_not_be_told_is_killed(tmp_path: Path) -> None:
    text = f"trap '' TERM; touch {tmp_path}/deaf; while :; do sleep 0.05; done"
    assert shell(text, 2.0)[0] is None
    assert (tmp_path / "deaf").exists()


def test_somebody_may_watch_meanwhile() -> None:
    looks: list[float] = []
    run_bounded(["/bin/sleep", "0.2"], 20.0, watch=lambda: looks.append(0.0))
    assert len(looks) > 2


def test_what_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be run"):
        run_bounded([str(tmp_path / "absent")], 1.0)


def test_a_file_is_trusted_where_only_its_owner_could_have_written_it(tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text("#!/bin/sh\n")
    owner = os.geteuid()
    assert "is no file that can be run" in why_untrusted(file, owner)
    file.chmod(0o755)
    assert why_untrusted(file, owner) == ""
    (tmp_path / "link").symlink_to(file)
    assert why_untrusted(tmp_path / "link", owner) == ""
    file.chmod(0o775)
    assert "may be written by others" in why_untrusted(tmp_path / "link", owner)
    file.chmod(0o755)
    tmp_path.chmod(0o777)
    assert str(tmp_path) in why_untrusted(file, owner)
    tmp_path.chmod(0o700)
    assert "is no file" in why_untrusted(tmp_path, owner)
    assert "cannot be looked at" in why_untrusted(tmp_path / "absent", owner)
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "cannot be looked at" in why_untrusted(tmp_path / "a", owner)


def test_a_file_of_another_user_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "script"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    real = os.stat

    def of_another(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        seen = real(path, follow_symlinks=follow_symlinks)
        if str(path) != str(file):
            return seen
        return os.stat_result((*seen[:4], 4242, *seen[5:]))

    monkeypatch.setattr(os, "stat", of_another)
    assert "belongs to user 4242" in why_untrusted(file, os.geteuid())

"""`insvc.adapters.running_programs`: who runs what, told by real processes."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from insvc.adapters.running_programs import RunningPrograms

SLEEP = "/bin/sleep"
SESSIONS = itertools.count()
"""A session of another number at every look, as of a daemon that is just starting."""


@contextmanager
def running(*argv: str) -> Iterator[int]:
    with subprocess.Popen(argv, start_new_session=True) as child:
        try:
            yield child.pid
        finally:
            os.killpg(child.pid, signal.SIGKILL)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "daemon"
    shutil.copy(SLEEP, path)
    return path


def await_program(pid: int, program: Path) -> None:
    """The child has executed it: before that it is a copy of ourselves."""
    while Path(f"/proc/{pid}/exe").readlink() != program:
        pass


def test_a_program_is_known_by_what_is_executed_even_when_it_was_replaced(program: Path) -> None:
    with running(str(program), "100") as pid:
        await_program(pid, program)
        (program.parent / "link").symlink_to(program)
        now = RunningPrograms()
        assert now.roots(str(program)) == (pid,)
        assert now.roots(str(program.parent / "link")) == (pid,)
        assert now.runs(pid, str(program))
        assert not now.runs(pid, "/usr/sbin/other")
        assert not now.runs(os.getpid(), str(program))
        shutil.copy(SLEEP, program.parent / "new")
        (program.parent / "new").rename(program)
        assert RunningPrograms().roots(str(program)) == (pid,)
    assert RunningPrograms().roots(str(program)) == ()
    assert not RunningPrograms().is_there(pid)


def test_a_script_is_what_its_interpreter_runs(tmp_path: Path) -> None:
    script = tmp_path / "daemon.py"
    script.write_text("print('up', flush=True)\ninput()\n")
    child = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        assert RunningPrograms().roots(str(script)) == (child.pid,)
        child.kill()


def test_a_tree_holds_what_was_started_but_no_session_of_its_own(
    tmp_path: Path, program: Path
) -> None:
    text = (
        f"{program} 100 & setsid {program} 100 & echo $! > {tmp_path}/own;"
        f" touch {tmp_path}/up; wait"
    )
    with running("/bin/sh", "-c", text) as shell:
        while not (tmp_path / "up").exists():
            pass
        apart = int((tmp_path / "own").read_text())
        while len(RunningPrograms().roots(str(program))) < 2:
            pass
        now = RunningPrograms()
        tree = {one.pid for one in now.tree(shell)}
        assert shell in tree
        assert len(tree) == 2
        while os.getsid(apart) != apart:
            pass
        assert apart not in {one.pid for one in RunningPrograms().tree(shell)}
        assert set(now.roots(str(program))) == (tree - {shell}) | {apart}
        os.kill(apart, signal.SIGKILL)


def test_what_a_process_started_of_its_own_program_is_no_root(tmp_path: Path) -> None:
    program = tmp_path / "sh"
    shutil.copy("/bin/sh", program)
    with running(str(program), "-c", f"{program} -c 'sleep 100; :'; :") as pid:
        while len(RunningPrograms().tree(pid)) < 3:
            pass
        assert RunningPrograms().roots(str(program)) == (pid,)


def test_a_process_that_is_gone_has_no_tree() -> None:
    assert RunningPrograms().tree(2**22) == ()


def test_the_process_itself_is_of_its_tree_whatever_becomes_of_its_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("insvc.adapters.running_programs.os.getsid", lambda _: next(SESSIONS))
    assert [one.pid for one in RunningPrograms().tree(os.getpid())] == [os.getpid()]

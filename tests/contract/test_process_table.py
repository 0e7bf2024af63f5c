"""The port `ProcessTable`, in memory and on this machine's /proc with real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from insvc.adapters.procfs import ProcfsTable
from insvc.errors import WorldError
from insvc.ports import ProcessTable
from tests.fakes.process_table import FakeProcess, FakeProcessTable

PROGRAM = """
import mmap, subprocess, sys
mapped = []
rights = mmap.PROT_READ | mmap.PROT_EXEC
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        mapped.append(mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, rights))
child = None
if sys.argv[1] == "child":
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)
print(child.pid if child else 0, flush=True)
sys.stdin.read()
if child:
    child.communicate()
"""


class Stage(Protocol):
    """Where processes and files are made for a test."""

    table: ProcessTable

    def start(self, *files: Path, folder: Path, environment: Mapping[str, str]) -> int: ...
    def start_with_child(self) -> tuple[int, int]: ...
    def end(self, pid: int, *, reaped: bool) -> None: ...
    def write(self, path: Path) -> None: ...
    def remove(self, path: Path) -> None: ...
    def table_that_may_not_read(self, pid: int) -> ProcessTable: ...
    def close(self) -> None: ...


class FakeStage:
    """Processes in memory."""

    def __init__(self) -> None:
        self._fake = FakeProcessTable()
        self._pids = count(500)
        self.table: ProcessTable = self._fake

    def start(self, *files: Path, folder: Path, environment: Mapping[str, str]) -> int:
        return self._start(files, folder, environment, parent=1)

    def _start(
        self, files: tuple[Path, ...], folder: Path, environment: Mapping[str, str], parent: int
    ) -> int:
        pid = next(self._pids)
        self._fake.processes[pid] = FakeProcess(
            argv=("python3", "-c", PROGRAM, "alone", *map(str, files)),
            parent=parent,
            folder=str(folder),
            environment=dict(environment),
            mapped={str(path): self._fake.files[str(path)] for path in files},
            started_at=1000.0 + pid,
        )
        return pid

    def start_with_child(self) -> tuple[int, int]:
        parent = self._start((), Path("/"), {}, parent=1)
        return parent, self._start((), Path("/"), {}, parent=parent)

    def end(self, pid: int, *, reaped: bool) -> None:
        if reaped:
            del self._fake.processes[pid]
        else:
            self._fake.processes[pid].is_zombie = True

    def write(self, path: Path) -> None:
        self._fake.put_file(str(path))

    def remove(self, path: Path) -> None:
        del self._fake.files[str(path)]

    def table_that_may_not_read(self, pid: int) -> ProcessTable:
        self._fake.processes[pid].is_readable = False
        return self._fake

    def close(self) -> None:
        """Nothing is left."""


class RealStage:
    """Real processes and files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self.table: ProcessTable = ProcfsTable()

    def start(self, *files: Path, folder: Path, environment: Mapping[str, str]) -> int:
        return self._start("alone", files, folder, environment)[0]

    def start_with_child(self) -> tuple[int, int]:
        return self._start("child", (), Path("/"), {})

    def _start(
        self, kind: str, files: tuple[Path, ...], folder: Path, environment: Mapping[str, str]
    ) -> tuple[int, int]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", PROGRAM, kind, *map(str, files)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env=dict(environment),
        )
        self._running[process.pid] = process
        assert process.stdout is not None
        return process.pid, int(process.stdout.readline())

    def end(self, pid: int, *, reaped: bool) -> None:
        process = self._running[pid]
        assert process.stdin is not None
        process.stdin.close()
        if reaped:
            process.wait()
        else:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    def write(self, path: Path) -> None:
        draft = path.with_suffix(".new")
        draft.write_bytes(b"\x90" * 4096)
        draft.rename(path)

    def remove(self, path: Path) -> None:
        path.unlink()

    def table_that_may_not_read(self, pid: int) -> ProcessTable:
        """A procfs in which that process lives and its maps cannot be opened as a file."""
        proc = self._folder / "proc"
        (proc / str(pid) / "maps").mkdir(parents=True)
        (proc / str(pid) / "stat").symlink_to(f"/proc/{pid}/stat")
        (proc / "sys").symlink_to("/proc/sys")
        return ProcfsTable(proc)

    def close(self) -> None:
        for process in self._running.values():
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                stream.close()
            process.wait()


@pytest.fixture(params=["in memory", "procfs"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """The fake and the real thing."""
    made: Stage = FakeStage() if request.param == "in memory" else RealStage(tmp_path)
    yield made
    made.close()


def test_an_identity_stays_the_same_and_is_no_other_s(stage: Stage, tmp_path: Path) -> None:
    one = stage.start(folder=tmp_path, environment={})
    other = stage.start(folder=tmp_path, environment={})
    identity = stage.table.identity(one)
    assert identity is not None
    assert identity == stage.table.identity(one)
    assert (identity.pid, identity.boot_id) == (one, stage.table.boot_id())
    assert identity != stage.table.identity(other)
    assert {one, other} <= set(stage.table.pids())


@pytest.mark.parametrize("reaped", [True, False])
def test_what_has_ended_is_nothing_whether_reaped_or_a_zombie(
    stage: Stage, tmp_path: Path, reaped: bool
) -> None:
    pid = stage.start(folder=tmp_path, environment={"A": "b"})
    stage.end(pid, reaped=reaped)
    assert stage.table.identity(pid) is None
    assert stage.table.children(pid) == ()
    assert stage.table.command_line(pid) == ()
    assert stage.table.environment(pid) == {}
    assert stage.table.working_directory(pid) is None
    assert stage.table.started_at(pid) is None
    assert stage.table.replaced_mappings(pid) == ()


def test_a_process_is_told_by_its_arguments_environment_and_folder(
    stage: Stage, tmp_path: Path
) -> None:
    environment = {"INSVC_ROOT": str(tmp_path), "EMPTY": "", "EQUALS": "a=b"}
    pid = stage.start(folder=tmp_path, environment=environment)
    assert stage.table.command_line(pid)[-2:] == (PROGRAM, "alone")
    seen = stage.table.environment(pid)
    assert {name: seen.get(name) for name in environment} == environment
    assert stage.table.working_directory(pid) == str(tmp_path)


def test_children_are_found_and_forgotten(stage: Stage) -> None:
    parent, child = stage.start_with_child()
    assert stage.table.children(parent) == (child,)
    assert stage.table.children(child) == ()


def test_what_started_later_says_so(stage: Stage, tmp_path: Path) -> None:
    first = stage.table.started_at(stage.start(folder=tmp_path, environment={}))
    second = stage.table.started_at(stage.start(folder=tmp_path, environment={}))
    assert first is not None
    assert second is not None
    assert first <= second


def test_a_mapping_is_replaced_only_after_its_file_was(stage: Stage, tmp_path: Path) -> None:
    kept, renewed, gone = tmp_path / "kept.so", tmp_path / "my lib.so", tmp_path / "gone.so"
    for path in (kept, renewed, gone):
        stage.write(path)
    pid = stage.start(kept, renewed, gone, folder=tmp_path, environment={})
    assert stage.table.replaced_mappings(pid) == ()
    stage.write(renewed)
    stage.remove(gone)
    found = {mapping.path: mapping for mapping in stage.table.replaced_mappings(pid)}
    assert set(found) == {str(renewed), str(gone)}
    assert found[str(gone)].on_disk is None
    assert found[str(renewed)].on_disk not in {None, found[str(renewed)].mapped}
    after = stage.start(kept, renewed, folder=tmp_path, environment={})
    assert stage.table.replaced_mappings(after) == ()


def test_mappings_that_may_not_be_read_are_an_error_and_not_nothing(
    stage: Stage, tmp_path: Path
) -> None:
    pid = stage.start(folder=tmp_path, environment={})
    table = stage.table_that_may_not_read(pid)
    with pytest.raises(WorldError, match="its mappings cannot be read"):
        table.replaced_mappings(pid)

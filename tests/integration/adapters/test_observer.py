"""A host with real packages, real libraries and real processes, before and after a patch."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.observer import HostObserver
from insvc.adapters.procfs import ProcfsTable
from insvc.cloud.deb import DebFile, deb
from insvc.cloud.elf import shared_object
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Instance
from insvc.model.words import EvidenceKind, InstanceState, Manager, Verdict

pytestmark = pytest.mark.integration

SCRIPT = """\
import ctypes, subprocess, sys
code = ctypes.CDLL(sys.argv[1] + "/usr/lib/libcinder.so")
print(code.version(), flush=True)
sys.stdin.read()
"""
SCRIPT_ALONE = "print(0, flush=True)\nimport sys\nsys.stdin.read()\n"
ROW = ManagerRow(
    name="cinder-api",
    manager=Manager.SM,
    state=InstanceState.RUNNING,
    package="cinder",
    helpers="cinder-worker",
)


class Host:
    """One host in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        DpkgPackages.initialise(self.root)
        self._archive = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self.packages = DpkgPackages(self.root)
        self.observer = HostObserver(
            host="c0", root=self.root, processes=ProcfsTable(), packages=self.packages
        )

    def install(self, number: int) -> None:
        """Install version 1.0-NUMBER: a script, and a library whose code returns the number."""
        fields = {
            "Package": "cinder",
            "Version": f"1.0-{number}",
            "Architecture": "all",
            "Maintainer": "Nobody <nobody@localhost>",
            "Description": "made for a test",
        }
        library = shared_object("libcinder.so", {"version": number})
        files = {
            "usr/bin/cinder-api": DebFile(content=SCRIPT.encode(), mode=0o755),
            "usr/bin/cinder-worker": DebFile(content=SCRIPT.encode(), mode=0o755),
            "usr/bin/cinder-note": DebFile(content=SCRIPT_ALONE.encode(), mode=0o755),
            "usr/lib/libcinder.so": DebFile(content=library),
        }
        path = self._archive / f"cinder_1.0-{number}_all.deb"
        path.write_bytes(deb(fields, files))
        self.packages.install([str(path)])

    def start(self, name: str = "cinder-api") -> tuple[int, int]:
        """Start a program of the package; its pid and the version its code returned."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", f"{self.root}/usr/bin/{name}", str(self.root)],
            cwd=self.root,
            env={"INSVC_ROOT": str(self.root), "INSVC_SERVICE": "cinder-api"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._running.append(process)
        assert process.stdout is not None
        return process.pid, int(process.stdout.readline())

    def look_at(self, pid: int) -> Instance:
        """The service whose main process that is."""
        row = replace(ROW, pid=pid)
        seen = self.observer.observe([row], taken_at=time.time(), role=None, locked=False)
        assert seen.unseen == ()
        return seen.instances[0]

    def close(self) -> None:
        """End every process."""
        for process in self._running:
            process.kill()
            process.communicate()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host with version 1.0-1."""
    made = Host(tmp_path)
    made.install(1)
    yield made
    made.close()


def test_a_patch_makes_the_old_process_stale_and_a_new_one_is_current(host: Host) -> None:
    old, version = host.start()
    assert version == 1
    assert host.look_at(old).verdict is Verdict.CURRENT
    host.install(2)
    seen = host.look_at(old)
    assert seen.verdict is Verdict.STALE
    assert seen.version == "1.0-2"
    mapping = next(one for one in seen.evidence if one.kind is EvidenceKind.MAPPING_REPLACED)
    assert (mapping.subject, mapping.pid) == ("/usr/lib/libcinder.so", old)
    new, version = host.start()
    assert version == 2
    assert host.look_at(new).verdict is Verdict.CURRENT
    assert host.observer.stale_evidence(replace(ROW, pid=new)) == ()


def test_what_starts_right_after_an_installation_is_never_taken_for_stale(host: Host) -> None:
    for number in range(2, 8):
        host.install(number)
        pid, version = host.start()
        assert version == number
        assert host.look_at(pid).verdict is Verdict.CURRENT


def test_going_back_to_the_old_version_makes_stale_again(host: Host) -> None:
    host.install(2)
    pid, _ = host.start()
    host.install(1)
    assert host.look_at(pid).verdict is Verdict.STALE


def test_an_orphaned_worker_keeps_its_service_stale(host: Host) -> None:
    worker, _ = host.start("cinder-worker")
    host.install(2)
    main, _ = host.start()
    seen = host.look_at(main)
    assert seen.verdict is Verdict.STALE
    assert [process.pid for process in seen.processes] == [main, worker]
    assert {one.pid for one in seen.evidence} == {worker}


def test_a_worker_of_another_host_on_the_same_kernel_is_not_counted(
    host: Host, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Host(tmp_path / "other")
    other.install(1)
    try:
        other.start("cinder-worker")
        other.install(2)
        main, _ = host.start()
        seen = host.look_at(main)
        assert [process.pid for process in seen.processes] == [main]
        assert seen.verdict is Verdict.CURRENT
    finally:
        other.close()


def test_a_script_without_any_library_is_found_by_its_own_file(host: Host) -> None:
    pid, _ = host.start("cinder-note")
    # The file's time must differ from the process's start by more than the clock's coarseness.
    started_at = ProcfsTable().started_at(pid)
    assert started_at is not None
    while time.time() < started_at + 0.2:
        os.sched_yield()
    host.install(2)
    seen = host.look_at(pid)
    assert seen.verdict is Verdict.STALE
    assert EvidenceKind.SCRIPT_REPLACED in {one.kind for one in seen.evidence}


def test_a_process_that_was_killed_is_a_failure_and_not_current(host: Host) -> None:
    pid, _ = host.start()
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    seen = host.look_at(pid)
    assert (seen.state, seen.processes) == (InstanceState.FAILED, ())

"""Processes that only a file of pmon's folder describes, on a running cloud."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from insvc.adapters.ask import ask
from tests.fakes import pmon_host
from tests.fakes.host_shell import Shell

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@dataclass
class Folder:
    """The folder of a host of the cloud."""

    path: Path
    root: Path
    address: str = ""

    def told(self) -> list[str]:
        told = self.path / "run/told"
        return told.read_text().splitlines() if told.exists() else []

    def row(self, name: str) -> dict[str, object]:
        """What the host's managers say of it."""
        rows = ask(self.path / "run/agent.sock", {"ask": "managers"}, 30.0)
        return next((one for one in rows if one["name"] == name), {})


def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def folder(running_cloud: Path, controller: Shell) -> Iterator[Folder]:
    path = running_cloud / "hosts" / controller.place.host
    made = Folder(path=path, root=path / "root")
    yield made
    files = list((made.root / "etc/pmon.d").glob("*.conf"))
    pids = [made.row(one.stem).get("pid") for one in files]
    for file in files:
        file.unlink()
    until(lambda: not any(made.row(one.stem) for one in files))
    for pid in pids:
        if isinstance(pid, int):
            os.kill(pid, signal.SIGKILL)


def test_a_process_of_a_file_is_restarted_stopped_and_started_like_any_other(
    folder: Folder, controller: Shell
) -> None:
    pmon_host.passive(folder, "fm-api")
    until(lambda: folder.row("fm-api").get("state") == "running")
    before = folder.row("fm-api")["pid"]
    told = controller.run("pmon-restart fm-api")
    assert (told.returncode, told.stdout.startswith("fm-api restarted")) == (0, True), told
    assert folder.row("fm-api")["pid"] != before
    stopped = controller.run("pmon-stop fm-api")
    assert (stopped.returncode, stopped.stdout) == (0, "fm-api stopped for 30 minutes\n")
    started = controller.run("pmon-start fm-api")
    assert (started.returncode, started.stdout) == (0, "fm-api is running\n")


def test_what_only_its_script_judges_and_what_is_misconfigured_are_refused(
    folder: Folder, controller: Shell
) -> None:
    pmon_host.status(folder, "ceph-here")
    pmon_host.passive(folder, "bad", severity="grave")
    until(lambda: folder.row("ceph-here").get("state") == "running")
    until(lambda: folder.row("bad").get("state") == "unknown")
    for verb in ("restart", "stop", "start"):
        told = controller.run(f"pmon-{verb} ceph-here")
        assert (told.returncode, "status mode" in told.stderr) == (7, True), told
        told = controller.run(f"pmon-{verb} bad")
        assert (told.returncode, "misconfigured" in told.stderr) == (7, True), told


def test_pmon_itself_begins_anew_and_what_it_looks_after_runs_on(
    folder: Folder, controller: Shell
) -> None:
    before = folder.row("io-monitor-manager")
    told = controller.run("pmon-restart pmond")
    assert (told.returncode, told.stdout) == (0, "pmond restarted\n"), told
    assert folder.row("io-monitor-manager")["pid"] == before["pid"]

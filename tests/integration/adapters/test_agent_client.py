"""The controller's side and a real agent process, from a patch to its proof."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.agent_client import UnixAgents
from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.launcher import LIBRARY
from insvc.adapters.procfs import ProcfsTable
from insvc.cloud.deb import DebFile, deb
from insvc.errors import AgentUnreachable, InsvcError, StaleEpoch, WorldError
from insvc.model.act import Intent, PackageChange
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import Action, EvidenceKind, InstanceState, Verdict
from tests.fakes.host_folder import HostFolder, until

pytestmark = pytest.mark.integration

HOST, SERVICE, PACKAGE = "h", "note", "note"


class Cloud:
    """A cloud of one host with one service, and its agent as a process."""

    def __init__(self, directory: Path) -> None:
        self.folder = HostFolder(directory / "hosts" / HOST)
        self.agents = UnixAgents(directory)
        self._archive = directory
        program = self.folder.root / "usr/bin/plain"
        self._program = program.read_bytes()
        DpkgPackages(self.folder.root).install([self.build(1)])
        self.folder.define(SERVICE, "note", package=PACKAGE)
        self.agent = subprocess.Popen(
            [sys.executable, "-m", "insvc.agent", str(self.folder.path)],
            env={**os.environ, "PYTHONPATH": str(LIBRARY)},
            stderr=subprocess.DEVNULL,
        )

    def build(self, number: int) -> str:
        """The package file of version 1.0-NUMBER."""
        fields = {
            "Package": PACKAGE,
            "Version": f"1.0-{number}",
            "Architecture": "all",
            "Maintainer": "Nobody <nobody@localhost>",
            "Description": "made for a test",
        }
        path = self._archive / f"note_1.0-{number}_all.deb"
        path.write_bytes(deb(fields, {"usr/bin/note": DebFile(content=self._program)}))
        return str(path)

    def change(self, number: int) -> PackageChange:
        """The change to that version."""
        return PackageChange(
            package=PACKAGE,
            from_version="1.0-1",
            to_version=f"1.0-{number}",
            path=self.build(number),
        )

    def observe(self) -> HostObservation:
        """What the agent sees."""
        return asyncio.run(self.agents.observe(HOST))

    def instance(self) -> Instance:
        """The service as the agent sees it."""
        (found,) = self.observe().instances
        return found

    def is_up(self) -> bool:
        """Whether the service runs."""
        try:
            return self.instance().state is InstanceState.RUNNING
        except InsvcError:
            return False

    def has_aged(self) -> bool:
        """Whether its process is so old that a file put there now is surely newer."""
        started_at = ProcfsTable().started_at(self.instance().processes[0].pid)
        return started_at is not None and time.time() > started_at + 0.2

    def close(self) -> None:
        """End everything."""
        self.agent.kill()
        self.agent.wait()
        self.folder.clean()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """The cloud, with its service up."""
    made = Cloud(tmp_path)
    try:
        until(made.is_up)
        until(made.has_aged)
        yield made
    finally:
        made.close()


def restart(attempt: int = 1, epoch: int = 1, service: str = SERVICE) -> Intent:
    """A restart of the service."""
    return Intent(
        run="r1",
        step=f"{service}@{HOST}",
        attempt=attempt,
        epoch=epoch,
        action=Action.RESTART,
        service=service,
        dwell_s=0.05,
    )


def test_a_patch_is_installed_seen_cured_and_proven(cloud: Cloud) -> None:
    before = cloud.instance()
    assert (before.verdict, before.version) == (Verdict.CURRENT, "1.0-1")
    assert "note" in asyncio.run(cloud.agents.install(HOST, 1, [cloud.change(2)]))
    stale = cloud.instance()
    assert (stale.verdict, stale.version) == (Verdict.STALE, "1.0-2")
    assert EvidenceKind.SCRIPT_REPLACED in {one.kind for one in stale.evidence}
    assert stale.processes == before.processes
    facts = asyncio.run(cloud.agents.perform(HOST, restart()))
    assert facts.manager_done
    assert facts.before == before.processes
    assert facts.stale_evidence == ()
    after = cloud.instance()
    assert (after.verdict, after.evidence) == (Verdict.CURRENT, ())
    assert after.processes == facts.after != before.processes


def test_the_ledger_answers_the_second_time_and_epochs_fence(cloud: Cloud) -> None:
    async def story() -> None:
        agents = cloud.agents
        assert await agents.recall(HOST, "r1", f"{SERVICE}@{HOST}", 1) is None
        first = await agents.perform(HOST, restart(epoch=7))
        assert await agents.perform(HOST, restart(epoch=7)) == first
        assert await agents.recall(HOST, "r1", f"{SERVICE}@{HOST}", 1) == first
        assert (await agents.ping(HOST))["epoch"] == 7
        with pytest.raises(StaleEpoch):
            await agents.perform(HOST, restart(attempt=2, epoch=6))
        with pytest.raises(StaleEpoch):
            await agents.install(HOST, 6, [cloud.change(2)])
        (row,) = await agents.managers(HOST)
        assert row.pid == first.after[0].pid

    asyncio.run(story())


def test_a_package_that_dpkg_refuses_comes_back_as_its_words(cloud: Cloud) -> None:
    broken = cloud.change(3)
    Path(broken.path).write_bytes(b"this is no package")
    with pytest.raises(WorldError, match="dpkg ended with"):
        asyncio.run(cloud.agents.install(HOST, 1, [broken]))
    assert cloud.instance().verdict is Verdict.CURRENT


def test_a_shut_down_host_is_unreachable_and_runs_nothing(cloud: Cloud) -> None:
    (process,) = cloud.instance().processes
    asyncio.run(cloud.agents.shutdown(HOST))
    cloud.agent.wait(30)
    assert not Path(f"/proc/{process.pid}/maps").exists()
    with pytest.raises(AgentUnreachable):
        cloud.observe()

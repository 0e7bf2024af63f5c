"""Every command that the page prints, run as written on a running cloud: does it tell the truth?

What a command says is compared with what is there: which processes ran before it and after it.
"""

import asyncio
from pathlib import Path

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.bootstrap import connect
from insvc.catalog.entry import Entry
from insvc.compat.code import Code
from insvc.compat.page_files import lines_of
from insvc.flow import observe_cloud, observe_host
from insvc.model.observation import HostObservation, Instance, ProcessIdentity
from insvc.model.topology import Host
from insvc.model.words import InstanceState, Manager, Role
from tests.fakes.page_shell import PageShell

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CATALOG = builtin("titanium")
REFUSED_BY_A_SCRIPT = 157
SILENT = frozenset({"sm-api", "sm-eru", "sm-watchdog"})
"""Rows for which the page prints no command."""


class Row:
    """One row of the page on one host.

    Args:
        shell: a shell there.
        entry: the row.
        host: the host.
    """

    def __init__(self, shell: PageShell, entry: Entry, host: Host) -> None:
        self.shell = shell
        self._entry = entry
        self._host = host

    def seen(self) -> HostObservation:
        """What the host looks like now."""
        agents = connect(self.shell.place.cloud).agents
        return asyncio.run(observe_host(self._host.name, agents))

    def instances(self) -> list[Instance]:
        """What the row has on the host now."""
        seen = self.seen()
        found = [seen.instance(one.name) for one in self._entry.services]
        return [one for one in found if one is not None]

    def mains(self) -> dict[str, ProcessIdentity]:
        """The main process of each service that runs."""
        running = (one for one in self.instances() if one.state is InstanceState.RUNNING)
        return {one.service: one.processes[0] for one in running}


@pytest.fixture(scope="module")
def shells(running_cloud: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, PageShell]:
    """A shell on every host."""
    root = tmp_path_factory.mktemp("page")
    hosts = connect(running_cloud).topology.hosts
    return {one.name: PageShell(root / one.name, running_cloud, one, CATALOG) for one in hosts}


@pytest.fixture(scope="module")
def proven() -> set[tuple[str, str]]:
    """Host and line of what has run and told the truth: several rows print the same one."""
    return set()


def host_of(entry: Entry, directory: Path) -> Host:
    """A host on which the row has something to restart: where it is active."""
    world = connect(directory)
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    personalities = {one for service in entry.services for one in service.runs_on or entry.runs_on}
    return next(
        one
        for one in world.topology.hosts
        if any(map(one.serves_as, personalities)) and seen.host(one.name).role is not Role.STANDBY
    )


def check(line: str, row: Row, entry: Entry) -> None:
    """Run one line, and compare what it says with what it did."""
    before = row.mains()
    told = row.shell.run(line)
    after = row.mains()
    context = f"{line}: {told.stdout}{told.stderr}"
    if not entry.in_service_patchable:
        assert (told.returncode, after) == (REFUSED_BY_A_SCRIPT, before), context
        assert "law 1" in told.stderr, context
        return
    assert told.returncode == 0, context
    if entry.managed_by is Manager.CRON:
        assert told.stdout == f"{entry.name} has run\n"
        return
    if line.endswith(" stop"):
        assert (after, "stopped" in told.stdout) == ({}, True), context
        return
    assert set(after) == {one.service for one in row.instances()}, context
    for service, main in after.items():
        assert main != before.get(service), context
        assert service in told.stdout, context


def check_refused(row: Row, entry: Entry) -> None:
    """What has no command of its own is not restarted in service by any other either."""
    before = row.mains()
    told = row.shell.run(f"pmon-restart {entry.name}")
    assert (told.returncode, row.mains()) == (Code.REFUSED, before), told.stderr
    assert "law 1" in told.stderr


@pytest.mark.parametrize("entry", CATALOG.entries, ids=lambda one: one.name)
def test_every_command_of_a_row_runs_as_printed_and_tells_the_truth(
    entry: Entry,
    running_cloud: Path,
    shells: dict[str, PageShell],
    proven: set[tuple[str, str]],
) -> None:
    assert (lines_of(entry) == ()) is (entry.name in SILENT)
    host = host_of(entry, running_cloud)
    row = Row(shells[host.name], entry, host)
    if entry.name in SILENT:
        check_refused(row, entry)
    for line in lines_of(entry):
        if (host.name, line) not in proven:
            check(line, row, entry)
            proven.add((host.name, line))

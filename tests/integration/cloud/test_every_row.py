"""Every row of the operators' page is alive in the embedded cloud."""

import asyncio
import socket
from pathlib import Path

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.adapters.dpkg import DpkgPackages
from insvc.bootstrap import connect
from insvc.catalog.entry import Entry
from insvc.flow import observe_cloud
from insvc.model.observation import Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import InstanceState, Redundancy, Role, Verdict

pytestmark = pytest.mark.integration

ENTRIES = builtin("titanium").entries


@pytest.fixture(scope="module")
def seen(running_cloud: Path) -> tuple[Path, Topology, Observation]:
    world = connect(running_cloud)
    return (
        running_cloud,
        world.topology,
        asyncio.run(observe_cloud(world.topology, world.agents)),
    )


Seen = tuple[Path, Topology, Observation]


def places(entry: Entry, topology: Topology) -> list[tuple[str, Host]]:
    """(service, host) of every instance that the entry must have."""
    return [
        (service.name, host)
        for service in entry.services
        for host in topology.hosts
        if any(host.serves_as(one) for one in service.runs_on or entry.runs_on)
    ]


def test_the_catalog_has_every_row() -> None:
    assert len(ENTRIES) == 41


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_row_runs_where_it_belongs(entry: Entry, seen: Seen) -> None:
    directory, topology, observation = seen
    found = places(entry, topology)
    assert found
    for service, host in found:
        instance = observation.host(host.name).instance(service)
        assert instance is not None, f"{service} is not known on {host.name}"
        assert instance.verdict is Verdict.CURRENT
        is_standby = observation.host(host.name).role is Role.STANDBY
        alone = entry.redundancy_of(service) is Redundancy.ACTIVE_STANDBY
        if is_standby and alone:
            assert instance.state is InstanceState.STOPPED
        elif entry.managed_by == "cron":
            assert instance.state in {InstanceState.SCHEDULED, InstanceState.RUNNING}
        else:
            check_running(instance, directory / "hosts" / host.name / "root")


def check_running(instance: Instance, root: Path) -> None:
    """It has a process, a pid file that names it, and a socket that accepts."""
    assert instance.state is InstanceState.RUNNING, instance.service
    main = instance.processes[0]
    pidfile = root / "run" / f"{instance.service}.pid"
    assert int(pidfile.read_text()) == main.pid, instance.service
    assert instance.endpoint is not None, instance.service
    address, _, port = instance.endpoint.rpartition(":")
    with socket.create_connection((address, int(port)), timeout=10):
        pass


def test_every_package_comes_from_a_database_of_its_host_and_says_what_it_is(seen: Seen) -> None:
    directory, topology, _ = seen
    for host in topology.hosts:
        root = directory / "hosts" / host.name / "root"
        installed = DpkgPackages(root).installed()
        status = (root / "var" / "lib" / "dpkg" / "status").read_text()
        assert installed
        assert status.lower().count("stand-in") >= len(installed) - len(
            installed.keys() & {"sm", "sm-api", "sm-eru", "sm-watchdog"}
        )

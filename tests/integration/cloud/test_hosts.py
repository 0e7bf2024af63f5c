import json
import socket
from pathlib import Path

import pytest

from insvc.adapters.definitions import read_definitions, read_host
from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.formats import load, read_text
from insvc.cloud.hosts import free_network, make_hosts
from insvc.cloud.layout import PLACES, packages_on
from insvc.cloud.services import TABLE
from insvc.errors import WorldError
from insvc.model.topology import Topology
from insvc.model.words import Manager, Personality

pytestmark = pytest.mark.integration


def test_every_host_has_its_packages_in_a_database_of_its_own(made_cloud: Path) -> None:
    for place in PLACES:
        installed = DpkgPackages(made_cloud / "hosts" / place.name / "root").installed()
        assert installed == dict.fromkeys(packages_on(place.personality), "1.0-1")


def test_every_host_is_told_of_exactly_its_services(made_cloud: Path) -> None:
    for place in PLACES:
        root = made_cloud / "hosts" / place.name / "root"
        found, faults = read_definitions(root, frozenset(Manager))
        assert faults == ()
        assert set(found) == {row.name for row in TABLE if place.personality in row.runs_on}


def test_the_files_that_agents_and_clients_read_agree(made_cloud: Path) -> None:
    path = made_cloud / "topology.json"
    topology = load(Topology, read_text(path), str(path))
    for host in topology.hosts:
        assert read_host(made_cloud / "hosts" / host.name).address == host.address
    monitors = json.loads(
        (made_cloud / "hosts/compute-0/root/etc/ceph/monmap.json").read_text("utf-8")
    )
    storage = next(one for one in topology.hosts if one.personality is Personality.STORAGE)
    assert storage.address in {row["address"] for row in monitors}


def test_hosts_that_are_there_keep_their_addresses_and_packages(made_cloud: Path) -> None:
    before = (made_cloud / "topology.json").read_text("utf-8")
    lines: list[str] = []
    make_hosts(made_cloud, said=lines.append)
    assert lines == []
    assert (made_cloud / "topology.json").read_text("utf-8") == before


def test_a_network_on_which_a_cloud_runs_is_passed_over(made_cloud: Path) -> None:
    path = made_cloud / "topology.json"
    own = str(load(Topology, read_text(path), str(path)).hosts[0].address).rpartition(".")[0]
    other = own.rpartition(".")[0] + ".251"
    with socket.create_server((f"{own}.100", 8080)):
        assert free_network([own, other]) == other
        with pytest.raises(WorldError, match="no free"):
            free_network([own])

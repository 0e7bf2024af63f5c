import asyncio

import pytest

from insvc.errors import WorldError
from insvc.flow import install_patch, observe_cloud
from insvc.model.act import PackageChange
from insvc.model.observation import HostObservation
from insvc.model.topology import Host, Topology
from insvc.model.words import Personality
from tests.fakes.agents import FakeAgents
from tests.fakes.progress import FakeProgress

TOPOLOGY = Topology(
    hosts=(
        Host(name="controller-0", personality=Personality.CONTROLLER),
        Host(name="compute-0", personality=Personality.WORKER),
    )
)
CINDER = PackageChange(package="cinder", from_version="1.0", to_version="1.1", path="/c.deb")
NOVA = PackageChange(package="nova", from_version="1.0", to_version="1.1", path="/n.deb")


def agents() -> FakeAgents:
    return FakeAgents(HostObservation(host=host.name) for host in TOPOLOGY.hosts)


def test_every_host_is_observed_in_the_order_of_the_topology() -> None:
    seen = asyncio.run(observe_cloud(TOPOLOGY, agents()))
    assert [host.host for host in seen.hosts] == ["controller-0", "compute-0"]
    assert all(host.reachable for host in seen.hosts)


def test_a_host_that_does_not_answer_is_observed_as_unreachable() -> None:
    cloud = agents()
    cloud.unreachable.add("compute-0")
    lost = asyncio.run(observe_cloud(TOPOLOGY, cloud)).host("compute-0")
    assert not lost.reachable
    assert lost.unseen


def test_a_patch_is_installed_where_it_has_changes_only() -> None:
    cloud, progress = agents(), FakeProgress()
    patch = {"controller-0": (CINDER, NOVA), "compute-0": ()}
    asyncio.run(install_patch(TOPOLOGY, cloud, patch, 1, progress))
    assert cloud.installed == [("controller-0", (CINDER, NOVA))]
    assert progress.lines == ["controller-0: installed cinder, nova"]


def test_the_first_host_that_refuses_stops_the_installation() -> None:
    cloud = agents()
    cloud.refuses_install.add("controller-0")
    patch = {"controller-0": (CINDER,), "compute-0": (NOVA,)}
    with pytest.raises(WorldError, match="dpkg"):
        asyncio.run(install_patch(TOPOLOGY, cloud, patch, 1, FakeProgress()))
    assert cloud.installed == []

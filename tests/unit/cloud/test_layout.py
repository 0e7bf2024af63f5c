from pathlib import Path

from insvc.cloud.layout import (
    PLACES,
    backends,
    host_file,
    host_folder,
    monitor_map,
    network_of,
    oam_address,
    packages_on,
    topology,
)
from insvc.model.words import Personality

NETWORK = "127.20.30"


def test_the_topology_names_five_hosts_with_addresses_of_one_network() -> None:
    known = topology(NETWORK)
    assert [host.name for host in known.hosts] == [
        "controller-0",
        "controller-1",
        "storage-0",
        "compute-0",
        "compute-1",
    ]
    assert network_of(known) == NETWORK
    assert len({host.address for host in known.hosts} | {oam_address(NETWORK)}) == 6


def test_a_host_file_says_who_begins_as_active() -> None:
    files = [host_file(place, NETWORK, "/usr/bin/python3") for place in PLACES]
    roles = [one["initial_role"] for one in files]
    assert roles == ["active", "standby", None, None, None]
    assert files[0]["address"] == "127.20.30.2"
    assert files[0]["oam_address"] == "127.20.30.100"


def test_three_monitors_vote() -> None:
    assert [row["host"] for row in monitor_map(NETWORK)] == [
        "controller-0",
        "controller-1",
        "storage-0",
    ]


def test_the_front_knows_each_prefix_once() -> None:
    assert backends()["volume"] == {"service": "cinder-api", "port": 8776}
    assert len({str(one["port"]) for one in backends().values()}) == len(backends())


def test_packages_follow_personalities() -> None:
    assert packages_on(Personality.STORAGE) == ("ceph-mon", "ceph-osd")
    assert "nova-compute" in packages_on(Personality.WORKER)
    assert "nova-compute" not in packages_on(Personality.CONTROLLER)


def test_a_host_has_a_folder_of_its_own() -> None:
    assert host_folder(Path("/c"), "compute-0") == Path("/c/hosts/compute-0")

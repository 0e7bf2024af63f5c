"""Makes the hosts of a cloud on disk: folders, configuration, package databases, packages."""

import os
import random
import secrets
import socket
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.formats import dump, load, read_text
from insvc.adapters.heartbeat import KEY_FILE, make_key
from insvc.adapters.pair_lease import FOLDER as LEASE
from insvc.cloud.archive import archived
from insvc.cloud.files import json_text, write_whole
from insvc.cloud.layout import (
    FIRST_VERSION,
    PLACES,
    Place,
    backends,
    host_file,
    host_folder,
    monitor_map,
    network_of,
    oam_address,
    packages_on,
    topology,
)
from insvc.cloud.role_sm_api import TOKEN
from insvc.cloud.services import TABLE, packages
from insvc.errors import WorldError
from insvc.model.topology import Topology

ATTEMPTS = 50
PARTS = (16, 250)


def make_hosts(cloud: Path, *, said: Callable[[str], None]) -> None:
    """Make every host that is not there yet and install what it lacks.

    Args:
        cloud: the cloud's directory.
        said: told of each host.

    Raises:
        WorldError: a package could not be installed, or no free addresses were found.
        FaultyDocument: a topology is there and cannot be read.
    """
    network = _network(cloud)
    write_whole(cloud / "topology.json", json_text(dump(topology(network))))
    for folder in ("packages", "controller/reports"):
        (cloud / folder).mkdir(parents=True, exist_ok=True)
    (cloud / LEASE).mkdir(parents=True, exist_ok=True)
    make_key(cloud / KEY_FILE)
    for place in PLACES:
        _write_host(cloud, place, network)
    _write_tokens(cloud)
    for package in packages():
        archived(cloud, package, FIRST_VERSION)  # once, before several hosts want it
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        made = [(place, pool.submit(_install, cloud, place)) for place in PLACES]
        for place, installing in made:
            count = installing.result()
            if count:
                said(f"{place.name}: {count} packages installed")


def _network(cloud: Path) -> str:
    known = cloud / "topology.json"
    if known.is_file():
        return network_of(load(Topology, read_text(known), str(known)))
    return free_network(
        f"127.{random.randint(*PARTS)}.{random.randint(*PARTS)}"  # noqa: S311 - no secret
        for _ in range(ATTEMPTS)
    )


def free_network(candidates: Iterable[str]) -> str:
    """The first of these networks on which no other cloud runs.

    Raises:
        WorldError: all are taken.
    """
    for network in candidates:
        if _is_free(network):
            return network
    raise WorldError(
        "127.0.0.0/8", "no free loopback addresses were found", next_act="stop other clouds"
    )


def _is_free(network: str) -> bool:
    """Whether nobody listens on the addresses that a running cloud always holds."""
    front = next(row.port for row in TABLE if row.on_oam)
    places = [(f"{network}.{place.number}", 0) for place in PLACES]
    try:
        for address, port in [*places, (oam_address(network), front or 0)]:
            with socket.socket() as probe:
                probe.bind((address, port))
    except OSError:
        return False
    return True


def _write_host(cloud: Path, place: Place, network: str) -> None:
    folder = host_folder(cloud, place.name)
    root = folder / "root"
    for below in ("run", "log", "root/run", "root/etc/cron.d", "root/var/lib"):
        (folder / below).mkdir(parents=True, exist_ok=True)
    python = str(Path(sys.executable).resolve())
    write_whole(folder / "host.json", json_text(host_file(place, network, python)))
    write_whole(root / "etc/ceph/monmap.json", json_text(monitor_map(network)))
    write_whole(root / "etc/haproxy/backends.json", json_text(backends()))


def _write_tokens(cloud: Path) -> None:
    """Give every controller the one token with which their sm-api may be told to do something."""
    paths = [host_folder(cloud, one.name) / "root" / TOKEN for one in PLACES if one.initial_role]
    known = next((path.read_text("ascii") for path in paths if path.is_file()), "")
    for path in paths:
        if not path.is_file():
            known = known or f"{secrets.token_hex(32)}\n"
            write_whole(path, known, mode=0o600)


def _install(cloud: Path, place: Place) -> int:
    """Install what the host lacks, in one transaction; how many packages that were."""
    root = host_folder(cloud, place.name) / "root"
    DpkgPackages.initialise(root)
    database = DpkgPackages(root)
    there = database.installed()
    missing = [one for one in packages_on(place.personality) if one not in there]
    database.install([str(archived(cloud, one, FIRST_VERSION)) for one in missing])
    return len(missing)

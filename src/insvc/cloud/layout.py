"""Which hosts the embedded cloud has, where they listen, and what is installed on each."""

from dataclasses import dataclass
from pathlib import Path

from insvc.cloud.services import TABLE, packages
from insvc.model.topology import Host, Topology
from insvc.model.words import Personality, Role

OAM_NUMBER = 100
FIRST_VERSION = "1.0-1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One host of the layout.

    Attributes:
        name: of the host; `personality`: what it is for.
        number: the last part of its address.
        initial_role: which role it has when the cloud is made; absent on hosts that take no turns.
    """

    name: str
    personality: Personality
    number: int
    initial_role: Role | None = None


PLACES: tuple[Place, ...] = (
    Place(
        name="controller-0",
        personality=Personality.CONTROLLER,
        number=2,
        initial_role=Role.ACTIVE,
    ),
    Place(
        name="controller-1",
        personality=Personality.CONTROLLER,
        number=3,
        initial_role=Role.STANDBY,
    ),
    Place(name="storage-0", personality=Personality.STORAGE, number=10),
    Place(name="compute-0", personality=Personality.WORKER, number=20),
    Place(name="compute-1", personality=Personality.WORKER, number=21),
)


def topology(network: str) -> Topology:
    """The hosts at their addresses.

    Args:
        network: the first three parts of every address, `127.A.B`.
    """
    hosts = (
        Host(name=one.name, personality=one.personality, address=f"{network}.{one.number}")
        for one in PLACES
    )
    return Topology(hosts=tuple(hosts))


def network_of(known: Topology) -> str:
    """The network that a topology was made with."""
    return str(known.hosts[0].address).rpartition(".")[0]


def oam_address(network: str) -> str:
    """The floating address of the active controller's front proxy."""
    return f"{network}.{OAM_NUMBER}"


def host_file(place: Place, network: str, python: str) -> dict[str, object]:
    """What `host.json` tells a host's agent of it."""
    return {
        "host": place.name,
        "personality": place.personality.value,
        "subfunctions": [],
        "address": f"{network}.{place.number}",
        "oam_address": oam_address(network),
        "initial_role": place.initial_role.value if place.initial_role else None,
        "python": python,
        "pair": _pair(place, network),
    }


def _pair(place: Place, network: str) -> dict[str, object] | None:
    """The other controller, as its `host.json` names it; nothing for a host that takes no turns."""
    peers = (one for one in PLACES if one.initial_role and one is not place)
    peer = next(peers, None) if place.initial_role else None
    if peer is None:
        return None
    return {"peer": peer.name, "peer_address": f"{network}.{peer.number}"}


def monitor_map(network: str) -> list[dict[str, object]]:
    """Every storage monitor by rank, as `etc/ceph/monmap.json` holds it."""
    row = next(one for one in TABLE if one.name == "ceph-mon")
    return [
        {"host": place.name, "address": f"{network}.{place.number}", "port": row.port}
        for place in PLACES
        if place.personality in row.runs_on
    ]


def backends() -> dict[str, dict[str, object]]:
    """Where the front proxy forwards each path prefix, as `etc/haproxy/backends.json` holds it."""
    return {row.prefix: {"service": row.name, "port": row.port} for row in TABLE if row.prefix}


def packages_on(personality: Personality) -> tuple[str, ...]:
    """The packages of a host of that personality."""
    wanted = {row.package for row in TABLE if personality in row.runs_on}
    return tuple(one for one in packages() if one in wanted)


def host_folder(cloud: Path, host: str) -> Path:
    """The folder of one host."""
    return cloud / "hosts" / host

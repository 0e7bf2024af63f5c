"""What the clients of the embedded cloud ask for, and how often."""

from dataclasses import dataclass

from insvc.cloud.layout import PLACES, oam_address
from insvc.cloud.services import METADATA_NETWORKS, TABLE, Made
from insvc.model.topology import Topology
from insvc.model.words import Manager

FRONT_PERIOD_S = 0.5
DIRECT_PERIOD_S = 1.0
PATIENCE_S = 30.0
PATHS = {"ceph_mon": "/v1/status", "ceph_osd": "/v1/objects/load", "ceilometer": "/v1/meters"}


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadTarget:
    """One client's habit.

    Attributes:
        service: whose requests these are in the result.
        places: address and port of every instance that can answer, tried in turn.
        path: what is asked for; `method`: how.
        period_s: pause between two requests.
        front: the service that forwards the request and is to blame when it cannot be reached.
        patience_s: how long the client goes on asking when nobody can answer yet.
        logs_in: whether the client needs a session.
    """

    service: str
    places: tuple[tuple[str, int], ...]
    path: str = "/v1/items"
    method: str = "GET"
    period_s: float = DIRECT_PERIOD_S
    front: str | None = None
    patience_s: float = 0.0
    logs_in: bool = False


def load_targets(topology: Topology, network: str) -> tuple[LoadTarget, ...]:
    """Every client of the cloud: of the front, of the services themselves, of each worker."""
    front = next(row for row in TABLE if row.on_oam)
    through = ((oam_address(network), front.port or 0),)
    targets = [_of_front(row, through, front.name) for row in TABLE if row.prefix]
    targets.append(LoadTarget(service=front.name, places=through, path="/stats"))
    for row in TABLE:
        if row.port and not row.prefix and not row.on_oam and row.behaviour != "role":
            targets += _direct(row, topology)
    return tuple(targets)


def _of_front(row: Made, through: tuple[tuple[str, int], ...], front: str) -> LoadTarget:
    logs_in = row.behaviour == "horizon"
    return LoadTarget(
        service=row.name,
        places=through,
        path=f"/{row.prefix}/dashboard" if logs_in else f"/{row.prefix}/v1/items",
        period_s=FRONT_PERIOD_S,
        front=front,
        logs_in=logs_in,
    )


def _direct(row: Made, topology: Topology) -> list[LoadTarget]:
    """One client for all instances that stand in for one another, else one for each host."""
    addresses = _addresses(row, topology)
    port = row.port or 0
    path = PATHS.get(row.behaviour, "/v1/items")
    is_mon = row.behaviour == "ceph_mon"
    if is_mon or row.manager is Manager.SM:
        everyone = tuple((address, port) for address in addresses)
        patience_s = PATIENCE_S if is_mon else 0.0
        return [LoadTarget(service=row.name, places=everyone, path=path, patience_s=patience_s)]
    method = "PUT" if row.behaviour == "ceph_osd" else "GET"
    ports = [port, *METADATA_NETWORKS.values()] if row.behaviour == "dhcp_agent" else [port]
    return [
        LoadTarget(service=row.name, places=((address, one),), path=path, method=method)
        for address in addresses
        for one in ports
    ]


def _addresses(row: Made, topology: Topology) -> list[str]:
    return [
        str(topology.host(place.name).address)
        for place in PLACES
        if place.personality in row.runs_on
    ]

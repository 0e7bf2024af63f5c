"""What the embedded cloud does now: who keeps it, and what its hosts say."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from insvc.adapters.agent_client import UnixAgents
from insvc.adapters.formats import load, read_text
from insvc.cloud.keeper import keeper_of
from insvc.cloud.lifecycle import is_running
from insvc.errors import UnknownName
from insvc.flow import observe_cloud
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Topology


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudStatus:
    """One look at a cloud.

    Attributes:
        directory: where it is.
        keeper_pid: who keeps its agents alive; absent when it does not run.
        observation: what its hosts look like; hosts that do not answer are unreachable in it.
    """

    directory: Path
    keeper_pid: int | None
    observation: Observation


def cloud_status(directory: Path) -> CloudStatus:
    """Look at every host of the cloud.

    Raises:
        UnknownName: no cloud was ever started there.
        FaultyDocument: its topology cannot be read.
    """
    path = directory / "topology.json"
    if not path.is_file():
        raise UnknownName(
            str(directory),
            "holds no cloud (topology.json is missing)",
            next_act="start one there with `insvc cloud start`, or name another with --cloud",
        )
    topology = load(Topology, read_text(path), str(path))
    keeper = keeper_of(directory) if is_running(directory) else None
    return CloudStatus(
        directory=directory,
        keeper_pid=keeper[0] if keeper else None,
        observation=asyncio.run(observe_cloud(topology, UnixAgents(directory))),
    )


def status_document(status: CloudStatus) -> dict[str, object]:
    """The status as JSON-ready values."""
    return {
        "directory": str(status.directory),
        "running": status.keeper_pid is not None,
        "keeper_pid": status.keeper_pid,
        "hosts": [_host(one) for one in status.observation.hosts],
    }


def _host(seen: HostObservation) -> dict[str, object]:
    return {
        "host": seen.host,
        "reachable": seen.reachable,
        "role": seen.role.value if seen.role else None,
        "locked": seen.locked,
        "services": [_service(one) for one in seen.instances],
        "unseen": list(seen.unseen),
    }


def _service(one: Instance) -> dict[str, object]:
    return {
        "service": one.service,
        "manager": one.manager.value if one.manager else None,
        "state": one.state.value,
        "verdict": one.verdict.value,
        "pid": main_pid(one),
        "package": one.package,
        "version": one.version,
        "restarts": one.restarts,
        "endpoint": one.endpoint,
    }


def main_pid(one: Instance) -> int | None:
    """The pid of the instance's main process, where one runs."""
    return one.processes[0].pid if one.processes else None

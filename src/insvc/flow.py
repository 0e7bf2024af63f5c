"""The story on one page: catalog → inspect → plan → execute → report.

Speaks only to ports; `bootstrap` decides which adapters stand behind them.
"""

from collections.abc import Mapping, Sequence

from insvc.errors import AgentUnreachable
from insvc.model.act import PackageChange
from insvc.model.observation import HostObservation, Observation
from insvc.model.topology import Topology
from insvc.ports import Agents, Progress

Patch = Mapping[str, Sequence[PackageChange]]
"""The package changes of one patch, by host name."""


async def observe_cloud(topology: Topology, agents: Agents) -> Observation:
    """What every host looks like now; a host that does not answer is observed as unreachable."""
    seen = [await observe_host(host.name, agents) for host in topology.hosts]
    return Observation(hosts=tuple(seen))


async def observe_host(host: str, agents: Agents) -> HostObservation:
    """What one host looks like now; one that does not answer is observed as unreachable."""
    try:
        return await agents.observe(host)
    except AgentUnreachable as fault:
        return HostObservation(host=host, reachable=False, unseen=(str(fault),))


async def install_patch(
    topology: Topology, agents: Agents, patch: Patch, epoch: int, progress: Progress
) -> None:
    """Install a patch host by host, in the topology's order. Nothing is restarted by it.

    Raises:
        WorldError: a host refused or does not answer; hosts before it have the new packages, and
            the same call installs the rest.
    """
    for host in topology.hosts:
        changes = tuple(patch.get(host.name, ()))
        if not changes:
            continue
        await agents.install(host.name, epoch, changes)
        names = ", ".join(change.package for change in changes)
        progress.said(f"{host.name}: installed {names}")

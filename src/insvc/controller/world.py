"""Everything a run needs from outside itself, in one value."""

from dataclasses import dataclass, field
from pathlib import Path

from insvc.catalog.entry import Catalog
from insvc.model.topology import Topology
from insvc.plan.policy import Policy
from insvc.ports import Agents, Clock, Journal, Lease, Prober


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """One cloud as the controller reaches it. `bootstrap.connect` builds it.

    Attributes:
        directory: the cloud's directory; reports are written below it.
        topology: its hosts.
        catalog: what is known of their processes.
        agents: the hosts' side.
        journal: the durable records of every run.
        lease: the right to be the only writer.
        prober: the outside observer of outages.
        clock: time.
        policy: what a plan may do unless a person says more.
    """

    directory: Path
    topology: Topology
    catalog: Catalog
    agents: Agents
    journal: Journal
    lease: Lease
    prober: Prober
    clock: Clock
    policy: Policy = field(default_factory=Policy)

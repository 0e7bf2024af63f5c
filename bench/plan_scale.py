"""How long planning takes as the cloud grows, and how near its plans are to their lower bound."""

import resource
import time
from collections.abc import Iterator

from insvc.adapters.catalog_files import builtin
from insvc.catalog.entry import Catalog, Entry
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.topology import Host, Topology
from insvc.model.words import (
    EvidenceKind,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    Role,
    Verdict,
)
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy

SIZES = (5, 100, 1_000, 10_000, 100_000)
_MOST_S = 60.0
_GROWTH = 10
_SIGN = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/lib/x", found="1", expected="2")


def make_cloud(count: int, catalog: Catalog) -> tuple[Topology, Observation]:
    """Two controllers, two storage hosts, and compute hosts; everything in use is stale."""
    hosts = (
        Host(name="controller-0", personality=Personality.CONTROLLER),
        Host(name="controller-1", personality=Personality.CONTROLLER),
        Host(name="storage-0", personality=Personality.STORAGE),
        *(Host(name=f"compute-{n}", personality=Personality.WORKER) for n in range(count - 3)),
    )
    roles = {"controller-0": Role.ACTIVE, "controller-1": Role.STANDBY}
    seen = tuple(
        _seen(host, roles.get(host.name), catalog, boot) for boot, host in enumerate(hosts)
    )
    return Topology(hosts=hosts), Observation(hosts=seen)


def _seen(host: Host, role: Role | None, catalog: Catalog, boot: int) -> HostObservation:
    found = [
        _instance(entry, service.name, role, boot)
        for entry in catalog.entries
        if entry.in_service_patchable
        for service in entry.services
        if any(map(host.serves_as, service.runs_on or entry.runs_on))
    ]
    return HostObservation(host=host.name, role=role, instances=tuple(found))


def _instance(entry: Entry, service: str, role: Role | None, boot: int) -> Instance:
    state = InstanceState.RUNNING
    if entry.managed_by is Manager.CRON:
        state = InstanceState.SCHEDULED
    elif role is Role.STANDBY and entry.redundancy_of(service) is Redundancy.ACTIVE_STANDBY:
        state = InstanceState.STOPPED
    return Instance(
        service=service,
        manager=entry.managed_by,
        state=state,
        verdict=Verdict.STALE,
        evidence=(_SIGN,),
        processes=(ProcessIdentity(boot_id=f"boot-{boot}", pid=100, start_ticks=boot),),
        started_in_s=1.5,
    )


def _peak_mib() -> int:
    """The most memory this process has held so far, inputs and all, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def report() -> Iterator[str]:
    """One line a size, until one takes too long for the next."""
    catalog = builtin("titanium")
    policy = Policy(max_unavailable="10%", parallel_hosts={"worker": "10%"})
    took_s = 0.0
    for count in SIZES:
        if took_s * _GROWTH > _MOST_S:
            yield f"plan, {count:>7} hosts          not tried: the size before took {took_s:.1f} s"
            continue
        topology, observation = make_cloud(count, catalog)
        began = time.perf_counter()
        plan = make_plan(observation, catalog, topology, policy)
        took_s = time.perf_counter() - began
        ratio = plan.makespan_s / plan.lower_bound_s
        yield (
            f"plan, {count:>7} hosts          {took_s:.2f} s, {len(plan.steps)} steps, makespan "
            f"{plan.makespan_s:.1f} s = {ratio:.3f} x its lower bound, peak {_peak_mib()} MiB"
        )

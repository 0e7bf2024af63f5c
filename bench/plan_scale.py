"""How long plan and check take as the cloud grows, and how near plans are to their lower bound."""

import resource
import time
from collections.abc import Iterator

from insvc.adapters.catalog_files import builtin
from insvc.catalog.entry import Catalog, Entry
from insvc.check.plan_check import check_plan
from insvc.errors import UnsafePlan
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
from insvc.plan.planner import make_folded_plan
from insvc.plan.policy import Policy
from insvc.plan.turns import write_out

SIZES = (5, 100, 1_000, 10_000, 100_000)
_IN_TURNS = "10 % of each service, 10 % of the workers"
POLICIES = {
    "10 % of each service": Policy(max_unavailable="10%"),
    _IN_TURNS: Policy(max_unavailable="10%", parallel_hosts={"worker": "10%"}),
}
_WRITTEN_OUT = 2_000
_FIRST = 2
_LARGE = 100
_STORAGE = 8
_MOST_S = 60.0
_GROWTH = 10
_SIGN = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/lib/x", found="1", expected="2")


def make_cloud(count: int, catalog: Catalog, storage: int = 1) -> tuple[Topology, Observation]:
    """Two controllers, storage hosts, and compute hosts; everything in use is stale.

    Monitors of Ceph are on the controllers and the first storage host.
    """
    workers = count - 2 - storage
    hosts = (
        Host(name="controller-0", personality=Personality.CONTROLLER),
        Host(name="controller-1", personality=Personality.CONTROLLER),
        *(Host(name=f"storage-{n}", personality=Personality.STORAGE) for n in range(storage)),
        *(Host(name=f"compute-{n}", personality=Personality.WORKER) for n in range(workers)),
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
        and (service.name != "ceph-mon" or not host.name.startswith("storage-") or boot == _FIRST)
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
    """One line a size and policy, until one takes too long for the next."""
    catalog = builtin("titanium")
    for name, policy in POLICIES.items():
        took_s = 0.0
        for count in SIZES:
            if took_s * _GROWTH > _MOST_S:
                yield f"{name}, {count:>7} hosts: not tried, the size before took {took_s:.1f} s"
                continue
            storage = _STORAGE if count >= _LARGE else 1
            took_s, line = _measure(name, policy, count, storage, catalog)
            yield line
    # A tenth of the workers is no whole number here: a last turn is left for a few of them.
    yield _measure(f"uneven, {_IN_TURNS}", POLICIES[_IN_TURNS], SIZES[-1], 1, catalog)[1]
    yield _written_out(catalog)


def _measure(
    name: str, policy: Policy, count: int, storage: int, catalog: Catalog
) -> tuple[float, str]:
    """Seconds for plan and check, and the line that tells of them."""
    topology, observation = make_cloud(count, catalog, storage)
    began = time.perf_counter()
    plan = make_folded_plan(observation, catalog, topology, policy)
    planned_s = time.perf_counter() - began
    found = check_plan(plan, observation, catalog, topology)
    took_s = time.perf_counter() - began
    if found:
        raise UnsafePlan("the plan", str(found[0]), next_act="find out why")
    return took_s, (
        f"{name}, {count:>7} hosts: plan {planned_s:.2f} s, check {took_s - planned_s:.2f} s, "
        f"{plan.count_steps()} steps, makespan {plan.makespan_s:.1f} s = "
        f"{plan.makespan_s / plan.lower_bound_s:.3f} x its lower bound, peak {_peak_mib()} MiB"
    )


def _written_out(catalog: Catalog) -> str:
    """What every step of its own costs, for the judge above all."""
    topology, observation = make_cloud(_WRITTEN_OUT, catalog)
    folded = make_folded_plan(observation, catalog, topology, POLICIES[_IN_TURNS])
    began = time.perf_counter()
    plan = write_out(folded)
    wrote_s = time.perf_counter() - began
    check_plan(plan, observation, catalog, topology)
    checked_s = time.perf_counter() - began - wrote_s
    return (
        f"{_IN_TURNS}, {_WRITTEN_OUT:>7} hosts: {len(plan.steps)} steps written out in "
        f"{wrote_s:.2f} s, check of each {checked_s:.2f} s, peak {_peak_mib()} MiB"
    )

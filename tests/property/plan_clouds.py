"""Random clouds, catalogs and policies to plan for."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    Catalog,
    Command,
    Entry,
    Rule,
    Service,
)
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.topology import Host, Topology
from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    Role,
    Verdict,
)
from insvc.plan.policy import Limit, MaxStarts, Policy, Window

NAMES = ("a", "b", "c", "d", "e", "f")
HOSTS = (
    ("controller-0", Personality.CONTROLLER, Role.ACTIVE),
    ("controller-1", Personality.CONTROLLER, Role.STANDBY),
    ("storage-0", Personality.STORAGE, None),
    ("compute-0", Personality.WORKER, None),
    ("compute-1", Personality.WORKER, None),
    ("compute-2", Personality.WORKER, None),
)
SIGN = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/lib/x", found="1", expected="2")
WINDOWS = (Window(opens=20.0, closes=70.0), Window(opens="01:00", closes="04:00"))
LIMITS: tuple[Limit, ...] = (1, 2, 3, "40%")
SEVERAL = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple)


@dataclass(frozen=True)
class Case:
    """Everything a plan is made from."""

    observation: Observation
    catalog: Catalog
    topology: Topology
    policy: Policy


@st.composite
def rules(draw: st.DrawFn, name: str) -> tuple[Rule, ...]:
    """Special handling that may well contradict itself."""
    found: list[Rule] = []
    if draw(st.integers(0, 5)) == 0:
        names = draw(SEVERAL)
        everywhere = Before(entries=names)
        there_only = Before(entries=names, where="active-controller")
        found.append(draw(st.sampled_from((everywhere, there_only))))
    if draw(st.integers(0, 5)) == 0:
        found.append(AvoidTogether(entries=draw(SEVERAL)))
    if draw(st.integers(0, 9)) == 0:
        found.append(AtMostOneDown(service=name))
    if draw(st.integers(0, 7)) == 0:
        found.append(CarriesTraffic())
    return tuple(found)


@st.composite
def entries(draw: st.DrawFn, name: str) -> Entry:
    """One entry with one service of the same name, and sometimes a second one."""
    is_job = draw(st.integers(0, 9)) == 0
    services = (name, f"{name}2") if draw(st.integers(0, 3)) == 0 else (name,)
    dependants = draw(st.integers(0, 9)) == 0
    return Entry(
        name=name,
        title=name.upper(),
        function="Serves.",
        in_service_patchable=draw(st.integers(0, 9)) != 0,
        managed_by=Manager.CRON if is_job else Manager.SM,
        runs_on=tuple(Personality),
        redundancy=draw(st.sampled_from(Redundancy)),
        services=tuple(Service(name=one) for one in services),
        restart=(Command(run=f"sm-restart service {name}"),) if dependants else (),
        action=Action.NEXT_RUN if is_job else Action.RESTART,
        depends_on=draw(
            st.lists(st.sampled_from(NAMES[: NAMES.index(name)]), max_size=2).map(tuple)
        )
        if NAMES.index(name)
        else (),
        special_handling=draw(rules(name)),
    )


@st.composite
def instances(draw: st.DrawFn, entry: Entry, service: str, role: Role | None) -> Instance:
    """One instance, most often running stale code."""
    if entry.managed_by is Manager.CRON:
        state = draw(st.sampled_from((InstanceState.SCHEDULED, InstanceState.RUNNING)))
        return Instance(service=service, manager=Manager.CRON, state=state, evidence=(SIGN,))
    state = InstanceState.RUNNING
    if entry.redundancy is Redundancy.ACTIVE_STANDBY and role is Role.STANDBY:
        state = InstanceState.STOPPED
    elif draw(st.integers(0, 24)) == 0:
        state = draw(st.sampled_from(InstanceState))
    is_stale = draw(st.integers(0, 3)) != 0
    return Instance(
        service=service,
        manager=Manager.SM,
        state=state,
        verdict=Verdict.STALE if is_stale else Verdict.CURRENT,
        evidence=(SIGN,) if is_stale else (),
        processes=(ProcessIdentity(boot_id="b", pid=1, start_ticks=1),),
        started_in_s=draw(st.sampled_from((None, 0.5, 2.0))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A cloud of two to six hosts."""
    catalog = Catalog(
        name="random",
        entries=tuple(draw(entries(name)) for name in NAMES[: draw(st.integers(1, len(NAMES)))]),
    )
    chosen = HOSTS[: draw(st.integers(2, len(HOSTS)))]
    domains = st.sampled_from((None, None, "east", "west"))
    topology = Topology(
        hosts=tuple(
            Host(name=name, personality=personality, failure_domain=draw(domains))
            for name, personality, _ in chosen
        )
    )
    seen = []
    for name, _, role in chosen:
        if draw(st.integers(0, 29)) == 0:
            seen.append(HostObservation(host=name, reachable=False))
            continue
        found = tuple(
            draw(instances(entry, service.name, role))
            for entry in catalog.entries
            for service in entry.services
            if draw(st.integers(0, 4)) != 0
        )
        locked = role is None and draw(st.integers(0, 19)) == 0
        seen.append(HostObservation(host=name, role=role, locked=locked, instances=found))
    policy = Policy(
        max_unavailable=draw(st.sampled_from(LIMITS)),
        max_unavailable_per_domain=draw(st.sampled_from((None, None, 1, "50%"))),
        parallel_services=draw(st.integers(1, 3)),
        parallel_hosts=draw(
            st.dictionaries(
                st.sampled_from(("worker", "controller")), st.sampled_from((1, 2, "50%"))
            )
        ),
        allow_lock=draw(st.booleans()),
        revive_failed=draw(st.booleans()),
        soak_s=draw(st.sampled_from((0.0, 0.0, 0.0, 3.0))),
        soak_s_of=draw(
            st.dictionaries(st.sampled_from(("worker", "controller")), st.just(7.0), max_size=1)
        ),
        max_starts=draw(st.sampled_from((None, None, MaxStarts(count=2, within_s=30.0)))),
        windows=draw(st.sampled_from(((), (), WINDOWS))),
        prefer_first=draw(st.sampled_from(((), ("controller-1",)))),
    )
    return Case(
        observation=Observation(hosts=tuple(seen)),
        catalog=catalog,
        topology=topology,
        policy=policy,
    )


@st.composite
def crowds(draw: st.DrawFn) -> Case:
    """The same with several hosts in place of each one that does not take turns."""
    case = draw(cases())
    hosts: list[Host] = []
    seen: list[HostObservation] = []
    for host, looked in zip(case.topology.hosts, case.observation.hosts, strict=True):
        count = draw(st.integers(1, 7)) if looked.role is None else 1
        names = [host.name, *(f"{host.name}-{number}" for number in range(2, count + 1))]
        hosts += [replace(host, name=name) for name in names]
        plain = _plain(looked, case.catalog) if count > 1 else looked
        seen += [_again(plain, name) for name in names]
    return Case(
        observation=Observation(hosts=tuple(seen)),
        catalog=case.catalog,
        topology=Topology(hosts=tuple(hosts)),
        policy=replace(case.policy, windows=(), max_starts=None),
    )


def _plain(looked: HostObservation, catalog: Catalog) -> HostObservation:
    """The same where all that serves everywhere runs, and nothing else is there."""
    many = {Redundancy.PER_HOST, Redundancy.ACTIVE_ACTIVE}
    kept = tuple(
        replace(one, state=InstanceState.RUNNING)
        for one in looked.instances
        for entry in [catalog.entry_of(one.service)]
        if entry is not None
        and entry.redundancy in many
        and entry.managed_by is not Manager.CRON
        and entry.in_service_patchable
    )
    return replace(looked, reachable=True, locked=False, instances=kept)


def _again(looked: HostObservation, host: str) -> HostObservation:
    """The same on another host, in processes of its own."""
    instances = tuple(
        replace(one, processes=tuple(replace(process, boot_id=host) for process in one.processes))
        for one in looked.instances
    )
    return replace(looked, host=host, instances=instances)

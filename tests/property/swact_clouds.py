"""Random clouds in which a swact may cost less than many restarts in place."""

from dataclasses import replace

from hypothesis import strategies as st

from insvc.catalog.entry import (
    AvoidTogether,
    Before,
    CarriesTraffic,
    Catalog,
    Command,
    Entry,
    Rule,
    Service,
)
from insvc.model.observation import HostObservation, Instance, Observation, ProcessIdentity
from insvc.model.topology import Host, Topology
from insvc.model.words import Action, InstanceState, Manager, Personality, Redundancy, Role, Verdict
from insvc.plan.policy import MaxStarts, Policy
from tests.property.plan_clouds import HOSTS, NAMES, SIGN, WINDOWS, Case

_MAIN = (ProcessIdentity(boot_id="b", pid=1, start_ticks=1),)
# Ends of a range are drawn more often than its middle.
_RARE = st.integers(0, 17).map(lambda drawn: drawn == 7)


@st.composite
def entries(draw: st.DrawFn, name: str) -> Entry:
    """Most take turns, need what comes before, and take along what needs them."""
    place = NAMES.index(name)
    takes_turns = draw(st.integers(0, 4)) != 2
    is_job = not takes_turns and draw(_RARE)
    others = draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple))
    rules: list[Rule] = []
    for rule in (Before(entries=others), AvoidTogether(entries=others), CarriesTraffic()):
        rules += [rule] if draw(_RARE) else []
    return Entry(
        name=name,
        title=name.upper(),
        function="Serves.",
        in_service_patchable=takes_turns or not draw(_RARE),
        managed_by=Manager.CRON if is_job else Manager.SM,
        runs_on=tuple(Personality),
        redundancy=Redundancy.ACTIVE_STANDBY if takes_turns else Redundancy.PER_HOST,
        services=(Service(name=name),),
        restart=(Command(run=f"sm-restart service {name}"),) if takes_turns else (),
        action=Action.NEXT_RUN if is_job else Action.RESTART,
        depends_on=(NAMES[place - 1],) if place and not draw(_RARE) else (),
        special_handling=tuple(rules),
    )


@st.composite
def instances(draw: st.DrawFn, entry: Entry, role: Role | None) -> Instance:
    """Stale nearly everywhere; at rest on the standby what takes turns."""
    one = Instance(service=entry.name, manager=Manager.SM, package=entry.name)
    if entry.managed_by is Manager.CRON:
        state = draw(st.sampled_from((InstanceState.SCHEDULED, InstanceState.RUNNING)))
        signs = (SIGN,) if draw(st.booleans()) else ()
        return replace(one, manager=Manager.CRON, state=state, evidence=signs)
    takes_turns = entry.redundancy is Redundancy.ACTIVE_STANDBY
    if takes_turns and role is Role.STANDBY and not draw(_RARE):
        return replace(one, state=InstanceState.STOPPED)
    if draw(st.integers(0, 29)) == 7:
        return replace(one, state=draw(st.sampled_from(InstanceState)))
    if draw(st.integers(0, 6)) == 3:
        return replace(one, processes=_MAIN, started_in_s=9.0)
    return replace(one, verdict=Verdict.STALE, evidence=(SIGN,), processes=_MAIN, started_in_s=9.0)


@st.composite
def hosts(draw: st.DrawFn, name: str, role: Role | None, catalog: Catalog) -> HostObservation:
    """Hardly ever out of reach, locked or with an old package; other hosts have what they have."""
    if draw(st.integers(0, 39)) == 7:
        return HostObservation(host=name, reachable=False)
    chosen = [
        one
        for one in catalog.entries
        if one.redundancy is not Redundancy.ACTIVE_STANDBY or role is not None
        if draw(st.integers(0, 14)) != 7
    ]
    packages = {one.name: "2" for one in catalog.entries}
    if draw(_RARE):
        packages[draw(st.sampled_from(sorted(packages)))] = "1"
    return HostObservation(
        host=name,
        role=role,
        locked=draw(st.integers(0, 29)) == 7,
        instances=tuple(draw(instances(one, role)) for one in chosen),
        packages=packages,
    )


@st.composite
def swact_cases(draw: st.DrawFn) -> Case:
    """A pair of controllers and up to three other hosts."""
    catalog = Catalog(name="pair", entries=tuple(draw(entries(name)) for name in NAMES))
    chosen = HOSTS[: draw(st.integers(2, 5))]
    seen = tuple(draw(hosts(name, role, catalog)) for name, _, role in chosen)
    policy = Policy(
        swact="by-estimate",
        allow_lock=draw(st.booleans()),
        revive_failed=draw(st.booleans()),
        max_unavailable=draw(st.sampled_from((1, 2))),
        max_unavailable_per_domain=draw(st.sampled_from((None, None, None, 1))),
        soak_s=draw(st.sampled_from((0.0, 0.0, 3.0))),
        soak_s_of=draw(st.sampled_from(({}, {"controller": 7.0, "a": 40.0}))),
        parallel_hosts=draw(st.sampled_from(({}, {"controller": 1}))),
        max_starts=draw(st.sampled_from((None, None, MaxStarts(count=2, within_s=30.0)))),
        windows=draw(st.sampled_from(((), (), WINDOWS))),
    )
    domains = st.sampled_from((None, None, "east", "west"))
    topology = Topology(
        hosts=tuple(
            Host(name=name, personality=kind, failure_domain=draw(domains))
            for name, kind, _ in chosen
        )
    )
    return Case(Observation(hosts=seen), catalog, topology, policy)

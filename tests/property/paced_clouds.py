"""Random clouds under demanding policies: pauses, start limits, windows, domains, locked hosts."""

import dataclasses

from hypothesis import strategies as st

from insvc.catalog.entry import Entry, Service
from insvc.model.observation import HostObservation, Instance, ProcessIdentity
from insvc.model.words import InstanceState, Manager, Personality, Redundancy, Verdict
from insvc.plan.policy import MaxStarts, Policy, Window
from tests.property.plan_clouds import LIMITS, SIGN, Case, cases
from tests.property.swact_clouds import swact_cases

WINDOWS = (
    (),
    (Window(opens=20.0, closes=70.0), Window(opens=100.0, closes=4000.0)),
    (Window(opens="23:59", closes="00:01"), Window(opens="12:00", closes="13:00")),
)
PERSONALITIES = ("worker", "controller", "storage")
LOCKABLE = ("compute-0", "storage-0")
SM = Entry(
    name="sm",
    title="SM",
    function="Manages.",
    in_service_patchable=False,
    managed_by=Manager.PMON,
    redundancy=Redundancy.PER_HOST,
    runs_on=tuple(Personality),
    services=(Service(name="sm"),),
)


@st.composite
def paced_cases(draw: st.DrawFn) -> Case:
    """A cloud with a manager on each host, some hosts locked, and a policy with every wish."""
    case = draw(st.one_of(cases(), cases(), swact_cases()))
    sm = dataclasses.replace(SM, in_service_patchable=draw(st.booleans()))
    catalog = dataclasses.replace(case.catalog, entries=(*case.catalog.entries, sm))
    locked = draw(st.sets(st.sampled_from(LOCKABLE))) if draw(st.booleans()) else set()
    hosts = tuple(draw(_hosts(one, locked)) for one in case.observation.hosts)
    return Case(
        observation=dataclasses.replace(case.observation, hosts=hosts),
        catalog=catalog,
        topology=case.topology,
        policy=draw(_policies(case, tuple(sorted(locked & {one.host for one in hosts})))),
    )


@st.composite
def _hosts(draw: st.DrawFn, seen: HostObservation, locked: set[str]) -> HostObservation:
    if not seen.reachable:
        return seen
    instances = (
        dataclasses.replace(one, restarts=draw(st.sampled_from((0, 0, 0, 5))))
        for one in seen.instances
    )
    is_stale = draw(st.booleans())
    sm = Instance(
        service="sm",
        manager=Manager.PMON,
        state=draw(st.sampled_from((*[InstanceState.RUNNING] * 4, InstanceState.FAILED))),
        verdict=Verdict.STALE if is_stale else Verdict.CURRENT,
        evidence=(SIGN,) if is_stale else (),
        processes=(ProcessIdentity(boot_id="b", pid=1, start_ticks=1),),
    )
    return dataclasses.replace(
        seen, locked=seen.locked or seen.host in locked, instances=(*instances, sm)
    )


@st.composite
def _policies(draw: st.DrawFn, case: Case, locked: tuple[str, ...]) -> Policy:
    names = tuple(entry.name for entry in case.catalog.entries)
    services = tuple(one.name for entry in case.catalog.entries for one in entry.services)
    return dataclasses.replace(
        case.policy,
        max_unavailable=draw(st.sampled_from(LIMITS)),
        max_unavailable_of=draw(
            st.dictionaries(st.sampled_from(services), st.sampled_from((1, 2, "60%")), max_size=2)
        ),
        max_unavailable_per_domain=draw(st.sampled_from((None, 1, 2, "50%"))),
        parallel_hosts=draw(
            st.dictionaries(
                st.sampled_from(PERSONALITIES), st.sampled_from((1, 2, "50%")), max_size=3
            )
        ),
        allow_lock=draw(st.sampled_from((True, True, False))),
        unlock=locked if draw(st.booleans()) else (),
        swact=draw(st.sampled_from(("for-locks", "by-estimate"))),
        soak_s=draw(st.sampled_from((0.0, 3.0, 10.0))),
        soak_s_of=draw(
            st.dictionaries(
                st.sampled_from((*PERSONALITIES, *services)),
                st.sampled_from((0.0, 5.0, 20.0)),
                max_size=3,
            )
        ),
        max_starts=draw(
            st.sampled_from(
                (None, MaxStarts(count=1, within_s=30.0), MaxStarts(count=2, within_s=30.0))
            )
        ),
        windows=draw(st.sampled_from(WINDOWS)),
        starts_at=draw(st.sampled_from((None, 0.0, 43_150.0, 86_000.0))),
        carries_traffic=draw(st.sampled_from(((), (), (names[0],), (services[-1],)))),
    )

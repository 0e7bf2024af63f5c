"""Small clouds to explore, and what each of them promises."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from insvc.catalog.entry import AtMostOneDown, Before, Catalog, Command, Entry, Rule, Service
from insvc.execute import records
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import replay
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import InstanceState, Manager, Personality, Redundancy, Role
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from tests.fakes.cloud import host, instance
from tests.harness.small_world import Moment

OnFailure = Literal["stop", "continue"]


def entry(
    name: str,
    redundancy: Redundancy = Redundancy.PER_HOST,
    *rules: Rule,
    patchable: bool = True,
    needs: Sequence[str] = (),
) -> Entry:
    return Entry(
        name=name,
        title=name,
        function="Serves.",
        in_service_patchable=patchable,
        managed_by=Manager.SM if name == "sm" else Manager.PMON,
        runs_on=tuple(Personality),
        redundancy=redundancy,
        services=(Service(name=name),),
        depends_on=tuple(needs),
        special_handling=tuple(rules),
    )


@dataclass(frozen=True)
class World:
    """A cloud to explore, and the laws that are its own.

    Attributes:
        hosts: what runs; entries: what is known of it.
        policy: how it may be restarted.
        limits: members of a service that may be down at once.
        order: pairs of services, the first of which goes before the second.
        active_only: services that run on the active host alone.
    """

    hosts: tuple[HostObservation, ...]
    entries: tuple[Entry, ...]
    policy: Policy = field(default_factory=Policy)
    limits: tuple[tuple[str, int], ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    active_only: frozenset[str] = frozenset()

    def begin(self, left: Sequence[str]) -> Moment:
        """The first moment, with what may go wrong from here."""
        topology = Topology(hosts=tuple(Host(name=one.host, personality=P) for one in self.hosts))
        catalog = Catalog(name="small", entries=self.entries)
        plan = make_plan(Observation(hosts=self.hosts), catalog, topology, self.policy)
        created = records.created(plan, at=0.0, patch={}, stale_before=len(plan.steps))
        begun = Record(kind=RecordKind.CONTROLLER_STARTED, at=0.0, body={"pid": 1, "epoch": 1})
        return Moment(
            run=replay("run", [created, begun]),
            hosts={one.host: one for one in self.hosts},
            ledger={},
            going=frozenset(),
            hands=frozenset(),
            has_controller=True,
            left=tuple(sorted(left)),
            silent=frozenset(),
            active_only=self.active_only,
        )


P = Personality.CONTROLLER
QUORUM, PER_HOST = Redundancy.QUORUM, Redundancy.PER_HOST
PAIR = Redundancy.ACTIVE_STANDBY
ACTIVE, STANDBY = Role.ACTIVE, Role.STANDBY


def idle(service: str) -> Instance:
    """A service that rests on the standby host."""
    return instance(service, stale=False, state=InstanceState.STOPPED)


def three_mons(on_failure: OnFailure = "stop") -> World:
    mons = tuple(host(f"h{at}", instance("mon", at)) for at in (1, 2, 3))
    clients = replace(mons[0], instances=(*mons[0].instances, instance("volume", 9)))
    rule = AtMostOneDown(service="mon")
    return World(
        hosts=(clients, *mons[1:]),
        entries=(entry("mon", QUORUM, rule, Before(entries=("volume",))), entry("volume")),
        policy=Policy(on_failure=on_failure),
        limits=(("mon", 1), ("volume", 1)),
        order=(("mon", "volume"),),
    )


def a_pair() -> World:
    return World(
        hosts=(
            host("h1", instance("db", 1), instance("api", 2), instance("web", 3), role=ACTIVE),
            host("h2", instance("db", 4), instance("api", 5), role=STANDBY),
        ),
        entries=(
            entry("db", Redundancy.ACTIVE_ACTIVE, Before(entries=("api",))),
            entry("api", Redundancy.ACTIVE_ACTIVE),
            entry("web", needs=["api"]),
        ),
        limits=(("db", 1), ("api", 1)),
        order=(("db", "api"), ("api", "web")),
    )


def a_turn() -> World:
    return World(
        hosts=(
            host("h1", instance("sm", 1), instance("api", 2, stale=False), role=ACTIVE),
            host("h2", instance("sm", 3), idle("api"), role=STANDBY),
        ),
        entries=(entry("sm", patchable=False), entry("api", PAIR)),
        policy=Policy(allow_lock=True),
        active_only=frozenset({"api"}),
    )


def a_move() -> World:
    """Restarts of the api take the web along: a swact costs less, and the agent is left."""
    takes_along = {name: (Command(run=f"sm-restart service {name}"),) for name in ("api", "web")}
    entries = (entry("api", PAIR), entry("web", PAIR, needs=["api"]))
    return World(
        hosts=(
            host("h1", instance("api", 1), instance("web", 2), instance("agent", 3), role=ACTIVE),
            host("h2", idle("api"), idle("web"), instance("agent", 4), role=STANDBY),
        ),
        entries=(*(replace(one, restart=takes_along[one.name]) for one in entries), entry("agent")),
        policy=Policy(swact="by-estimate"),
        limits=(("agent", 1),),
        active_only=frozenset({"api", "web"}),
    )


def five_hosts(on_failure: OnFailure = "stop") -> World:
    return World(
        hosts=tuple(host(f"h{at}", instance("agent", at)) for at in range(1, 6)),
        entries=(entry("agent"),),
        policy=Policy(max_unavailable=2, on_failure=on_failure),
        limits=(("agent", 2),),
    )


def six_services() -> World:
    names = "abcdef"
    return World(
        hosts=(host("h1", *(instance(name, at) for at, name in enumerate(names, start=1))),),
        entries=tuple(
            entry(name, needs=[before] if before in names else [])
            for before, name in zip(" ab de", names, strict=True)
        ),
        order=(("a", "b"), ("b", "c"), ("d", "e"), ("e", "f")),
    )

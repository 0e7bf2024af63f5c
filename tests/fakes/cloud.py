"""A small simulated cloud behind the ports, as the controller sees it: acts take time there."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.controller.world import World
from insvc.errors import AgentUnreachable, WorldError
from insvc.model.act import ActFacts, Intent, PackageChange
from insvc.model.observation import Evidence, HostObservation, Instance, ProcessIdentity
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
from insvc.plan.plan import Plan, Step
from insvc.plan.policy import Policy
from tests.fakes.agents import FakeAgents
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal, Killed
from tests.fakes.lease import FakeLease, FakeLeaseStore
from tests.fakes.prober import FakeProber
from tests.fakes.progress import FakeProgress

BOOT = "boot-1"
ACT_S = 0.5
"""How long an act takes on a simulated host, in seconds of the fake clock."""

_TURNS_OF_A_LOOK = 3


class FakeCloud(FakeAgents):
    """The port `Agents` whose acts take time and whose hosts come and go.

    Attributes:
        act_s: how long each act takes, by `service@host`; `ACT_S` where absent.
        answers_after: hosts that do not answer before that time of the clock.
        kill_before: acts at which the controller is killed before the host hears of them.
        kill_after: acts at which the controller is killed once they are carried out.
        under_way: acts going on now; most: the most that ever went on at once.
        order: `service@host` of every act that was begun, in order.
        on_act: called with the name of each act when it begins.
        on_intent: called with the host and its intent when an act begins.
        forgets: acts that happen and whose end their agent does not know, once.
        on_look: called with the name of each host that is observed.
        on_silence: called whenever a host does not answer.
        breaks_down: acts that the machine refuses.
        on_install: called after each installation.
    """

    def __init__(
        self,
        hosts: Iterable[HostObservation],
        clock: FakeClock,
        journal: FakeJournal,
        *,
        active_only: Iterable[str] = (),
    ) -> None:
        super().__init__(hosts, active_only=tuple(active_only), now=clock.now)
        self.clock = clock
        self.journal = journal
        self.act_s: dict[str, float] = {}
        self.answers_after: dict[str, float] = {}
        self.kill_before: set[str] = set()
        self.kill_after: set[str] = set()
        self.under_way: set[str] = set()
        self.most = 0
        self.order: list[str] = []
        self.on_act: Callable[[str], None] = lambda _: None
        self.on_intent: Callable[[str, Intent], None] = lambda _host, _intent: None
        self.forgets: set[str] = set()
        self.on_look: Callable[[str], None] = lambda _: None
        self.on_silence: Callable[[], None] = lambda: None
        self.breaks_down: set[str] = set()
        self.on_install: Callable[[], None] = lambda: None

    async def perform(self, host: str, intent: Intent) -> ActFacts:
        """Carry out one intent; it takes its time, and a controller's death does not stop it."""
        name = f"{intent.service or intent.action}@{host}"
        if name in self.kill_before:
            self._kill()
        self.order.append(name)
        self.under_way.add(name)
        self.most = max(self.most, len(self.under_way))
        self.on_act(name)
        self.on_intent(host, intent)
        if name in self.breaks_down:
            raise WorldError(host, "no process can be started", next_act="mend the machine")
        try:
            await self.clock.sleep(self.act_s.get(name, ACT_S))
        finally:
            facts = await super().perform(host, intent)
            self.under_way.discard(name)
        if name in self.kill_after:
            self._kill()
        if name in self.forgets:
            self.forgets.discard(name)
            return ActFacts(step=intent.step, attempt=intent.attempt, said="unknown")
        return facts

    async def observe(self, host: str) -> HostObservation:
        """What the host looks like now; signals are delivered meanwhile."""
        self.on_look(host)
        try:
            return await super().observe(host)
        finally:
            for _ in range(_TURNS_OF_A_LOOK):
                await asyncio.sleep(0)

    async def install(self, host: str, epoch: int, changes: Sequence[PackageChange]) -> str:
        """Install packages."""
        said = await super().install(host, epoch, changes)
        self.on_install()
        return said

    def _kill(self) -> None:
        self.journal.is_dead = True
        raise Killed

    def _reach(self, host: str) -> HostObservation:
        if self.now() < self.answers_after.get(host, 0.0):
            self.on_silence()
            raise AgentUnreachable(host, "does not answer", next_act="wait for its agent")
        return super()._reach(host)

    def _started_again(self, before: Instance, name: str) -> Instance:
        """A failed instance starts again too, if its code does not fail any more."""
        is_down = before.state is InstanceState.FAILED and name not in self.fail
        return super()._started_again(
            replace(before, state=InstanceState.RUNNING) if is_down else before, name
        )


def identity(pid: int) -> ProcessIdentity:
    """A process of the simulated boot."""
    return ProcessIdentity(boot_id=BOOT, pid=pid, start_ticks=pid * 10)


def instance(service: str, pid: int = 0, *, stale: bool = True, **more: object) -> Instance:
    """A running service; where it is stale it maps a library that was replaced."""
    evidence = Evidence(
        kind=EvidenceKind.MAPPING_REPLACED,
        subject=f"/usr/lib/insvc/lib{service}.so",
        found="1.0-1",
        expected="1.0-2",
        pid=pid,
    )
    plain = Instance(
        service=service,
        manager=Manager.PMON,
        verdict=Verdict.STALE if stale else Verdict.CURRENT,
        evidence=(evidence,) if stale else (),
        processes=(identity(pid),) if pid else (),
        package=service,
        version="1.0-2",
        endpoint="127.0.0.1:1",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def host(name: str, *instances: Instance, role: Role | None = None) -> HostObservation:
    """One host with these services."""
    packages = {one.package: one.version for one in instances if one.package and one.version}
    return HostObservation(
        host=name, boot_id=BOOT, role=role, instances=instances, packages=packages
    )


def step(name: str, *after: str, **more: object) -> Step:
    """A restart, or with its action what is done to a host; `name` is `service@host`."""
    service, _, where = name.partition("@")
    if service in {"swact", "lock", "unlock"}:
        service = ""
    plain = Step(
        id=name, host=where, entry=service, service=service, after=after, timeout_s=5.0, dwell_s=1.0
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def plan_for(cloud: FakeCloud, *steps: Step, **policy: object) -> Plan:
    """A plan of these steps that expects what runs now; the policy is generous where not given."""
    made = []
    for at, one in enumerate(steps):
        seen = cloud.hosts[one.host].instance(one.service)
        expects = one.expects or (seen.processes if seen else ())
        made.append(replace(one, start_s=float(at), end_s=at + 1.0, expects=expects))
    locked = tuple(name for name, seen in cloud.hosts.items() if seen.locked)
    generous = {"parallel_services": 9, "allow_lock": True, "unlock": locked}
    return Plan(steps=tuple(made), policy=Policy(**generous | policy))  # type: ignore[arg-type]


def change(package: str, folder: Path, *, was: str | None = "1.0-1") -> PackageChange:
    """A package of a patch that went from `was` to 1.0-2."""
    return PackageChange(
        package=package,
        from_version=was,
        to_version="1.0-2",
        path=str(folder / f"{package}_1.0-2_all.deb"),
    )


@dataclass(kw_only=True)
class Scene:
    """A world of fakes; `again()` is a new controller in the same cloud after a crash."""

    cloud: FakeCloud
    clock: FakeClock
    journal: FakeJournal
    catalog: Catalog
    directory: Path = Path("/nonexistent")
    leases: FakeLeaseStore = field(default_factory=FakeLeaseStore)
    prober: FakeProber = field(default_factory=FakeProber)
    progress: FakeProgress = field(default_factory=FakeProgress)

    def world(self) -> World:
        """What a controller gets."""
        hosts = tuple(
            Host(name=name, personality=Personality.CONTROLLER) for name in self.cloud.hosts
        )
        return World(
            directory=self.directory,
            topology=Topology(hosts=hosts),
            catalog=self._whole_catalog(),
            agents=self.cloud,
            journal=self.journal,
            lease=FakeLease(self.leases),
            prober=self.prober,
            clock=self.clock,
        )

    def _whole_catalog(self) -> Catalog:
        """The catalog, and an entry for each service that came to a host since."""
        here = (one.service for seen in self.cloud.hosts.values() for one in seen.instances)
        new = [name for name in dict.fromkeys(here) if self.catalog.entry_of(name) is None]
        return replace(self.catalog, entries=(*self.catalog.entries, *map(_entry, new)))

    def interrupt(self) -> None:
        """A person presses Ctrl-C."""
        os.kill(os.getpid(), signal.SIGINT)

    def crash(self) -> None:
        """Whoever held the lease is dead; nothing kills the next controller."""
        self.leases.crash()
        self.journal.kill_before = self.journal.kill_after = None
        self.journal.is_dead = False
        self.cloud.kill_before.clear()
        self.cloud.kill_after.clear()
        self.cloud.under_way.clear()


def scene(hosts: Sequence[HostObservation], *, active_only: Iterable[str] = ()) -> Scene:
    """A world with these hosts."""
    clock, journal = FakeClock(), FakeJournal()
    cloud = FakeCloud(hosts, clock, journal, active_only=active_only)
    services = sorted({one.service for seen in hosts for one in seen.instances})
    turns = set(cloud.active_only)
    entries = tuple(_entry(name, takes_turns=name in turns) for name in services)
    catalog = Catalog(name="simulated", entries=entries)
    return Scene(cloud=cloud, clock=clock, journal=journal, catalog=catalog)


def _entry(name: str, *, takes_turns: bool = False) -> Entry:
    return Entry(
        name=name,
        title=name,
        function="Serves.",
        in_service_patchable=True,
        managed_by=Manager.PMON,
        redundancy=Redundancy.ACTIVE_STANDBY if takes_turns else Redundancy.PER_HOST,
        services=(Service(name=name),),
    )

"""A cloud in memory: restarts cure, installs make stale, epochs fence, ledgers remember."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from insvc.errors import AgentUnreachable, StaleEpoch, UnknownName, WorldError
from insvc.model.act import ActFacts, Intent, PackageChange
from insvc.model.observation import Evidence, HostObservation, Instance, ProcessIdentity
from insvc.model.words import Action, EvidenceKind, InstanceState, Role, Verdict


class FakeAgents:
    """The port `Agents` without machines.

    Instances are addressed as `service@host`, host acts as `swact@host`, `lock@host`, …

    Args:
        hosts: what each host looks like at first.
        active_only: services that run on the active host alone; a swact stops and starts them.
        now: the clock that stamps what is seen.

    Attributes:
        fail: acts that end with the service failed.
        stays_stale: restarts that leave replaced code mapped.
        not_ready: restarts after which it does not answer.
        restarts_in_dwell: how often the manager had to start it again meanwhile.
        loses: services that an act leaves stopped.
        refuses: acts the agent does not accept, with its words.
        breaks_before: acts during which the connection breaks before anything is begun, once.
        breaks_after: acts that are carried out and whose answer never comes, once.
        dies_during: acts begun whose end nobody will ever know, once.
        unreachable: hosts that do not answer.
        refuses_install: hosts whose package manager refuses.
        restarts: how often each instance was really restarted.
        intents: every intent that reached a host, repeated ones too.
        installed: every (host, changes) that was installed.
    """

    def __init__(
        self,
        hosts: Iterable[HostObservation],
        *,
        active_only: Collection[str] = (),
        now: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.hosts = {host.host: host for host in hosts}
        self.active_only = set(active_only)
        self.now = now
        self.fail: set[str] = set()
        self.stays_stale: set[str] = set()
        self.not_ready: set[str] = set()
        self.restarts_in_dwell: dict[str, int] = {}
        self.loses: dict[str, tuple[str, ...]] = {}
        self.refuses: dict[str, str] = {}
        self.breaks_before: set[str] = set()
        self.breaks_after: set[str] = set()
        self.dies_during: set[str] = set()
        self.unreachable: set[str] = set()
        self.refuses_install: set[str] = set()
        self.restarts: Counter[str] = Counter()
        self.intents: list[tuple[str, Intent]] = []
        self.installed: list[tuple[str, tuple[PackageChange, ...]]] = []
        self._ledger: dict[tuple[str, str, str, int], ActFacts] = {}
        self._epochs: Counter[str] = Counter()
        self._last_pid = 100_000

    async def observe(self, host: str) -> HostObservation:
        """What the host looks like now."""
        return replace(self._reach(host), taken_at=self.now())

    async def perform(self, host: str, intent: Intent) -> ActFacts:
        """Carry out one intent; asked again, answer from the ledger."""
        self._reach(host)
        name = f"{intent.service or intent.action}@{host}"
        self._fence(host, intent.epoch)
        self._break(host, name, self.breaks_before)
        self.intents.append((host, intent))
        key = (host, intent.run, intent.step, intent.attempt)
        if key not in self._ledger:
            unfinished = ActFacts(step=intent.step, attempt=intent.attempt, said="unknown")
            self._ledger[key] = unfinished
            self._break(host, name, self.dies_during)
            self._ledger[key] = self._act(host, intent, name)
        self._break(host, name, self.breaks_after)
        return self._ledger[key]

    async def recall(self, host: str, run: str, step: str, attempt: int) -> ActFacts | None:
        """What the host's ledger holds of an act."""
        self._reach(host)
        return self._ledger.get((host, run, step, attempt))

    async def install(self, host: str, epoch: int, changes: Sequence[PackageChange]) -> str:
        """Install packages: what runs of them becomes stale."""
        seen = self._reach(host)
        self._fence(host, epoch)
        if host in self.refuses_install:
            raise WorldError(host, "dpkg ended with 1, expected 0", next_act="mend the package")
        versions = {change.package: change.to_version for change in changes}
        self.hosts[host] = replace(
            seen,
            packages={**seen.packages, **versions},
            instances=tuple(_patched(one, versions) for one in seen.instances),
        )
        self.installed.append((host, tuple(changes)))
        return f"Setting up {', '.join(versions)}"

    def _reach(self, host: str) -> HostObservation:
        if host not in self.hosts:
            raise UnknownName(host, "no host is called so", next_act="use a host of the cloud")
        if host in self.unreachable or not self.hosts[host].reachable:
            raise AgentUnreachable(host, "does not answer", next_act="wait for its agent")
        return self.hosts[host]

    def _fence(self, host: str, epoch: int) -> None:
        if epoch < self._epochs[host]:
            reason = f"asked under epoch {epoch}, but epoch {self._epochs[host]} was seen"
            raise StaleEpoch(host, reason, next_act="stop; a newer controller is at work")
        self._epochs[host] = epoch

    def _break(self, host: str, name: str, when: set[str]) -> None:
        if name in when:
            when.discard(name)
            raise AgentUnreachable(host, "the connection broke", next_act="wait for its agent")

    def _act(self, host: str, intent: Intent, name: str) -> ActFacts:
        facts = ActFacts(
            step=intent.step, attempt=intent.attempt, times={"asked": self.now(), "ended": 0.0}
        )
        if name in self.refuses:
            return replace(facts, accepted=False, said=self.refuses[name])
        if intent.action in {Action.SWACT, Action.LOCK, Action.UNLOCK}:
            return self._act_on_host(host, intent, name, facts)
        before = self.hosts[host].instance(intent.service)
        if before is None:
            return replace(facts, accepted=False, said=f"no service is called {intent.service}")
        after = self._started_again(before, name)
        if intent.action is Action.NEXT_RUN:
            after = replace(before, evidence=(), verdict=Verdict.CURRENT)
        self._put(host, after)
        return self._facts(facts, before, after, name, intent)

    def _started_again(self, before: Instance, name: str) -> Instance:
        if name in self.fail:
            return replace(before, state=InstanceState.FAILED, processes=())
        if before.state is not InstanceState.RUNNING:
            return before
        self.restarts[name] += 1
        kept = before.evidence if name in self.stays_stale else ()
        return replace(
            before,
            processes=self._new_processes(before),
            evidence=kept,
            verdict=Verdict.STALE if kept else Verdict.CURRENT,
            restarts=before.restarts + 1,
        )

    def _new_processes(self, before: Instance) -> tuple[ProcessIdentity, ...]:
        boot_id = before.processes[0].boot_id if before.processes else "boot"
        self._last_pid += 1
        return (ProcessIdentity(boot_id=boot_id, pid=self._last_pid, start_ticks=self._last_pid),)

    def _facts(
        self, facts: ActFacts, before: Instance, after: Instance, name: str, intent: Intent
    ) -> ActFacts:
        lost = self._lose(name)
        ended = self.now()
        return replace(
            facts,
            manager_done=name not in self.fail,
            said="failed to start" if name in self.fail else "done",
            state=after.state,
            before=before.processes,
            after=after.processes,
            stale_evidence=after.evidence,
            is_ready=name not in self.not_ready and name not in self.fail,
            restarts_in_dwell=self.restarts_in_dwell.get(name, 0),
            dwelled_s=intent.dwell_s,
            lost=lost,
            drained=True if before.processes else None,
            times={**facts.times, "stopped": ended, "started": ended, "ready": ended}
            | {"ended": ended},
        )

    def _lose(self, name: str) -> tuple[str, ...]:
        host = name.partition("@")[2]
        for service in self.loses.get(name, ()):
            instance = self.hosts[host].instance(service)
            if instance is not None:
                self._put(host, replace(instance, state=InstanceState.FAILED, processes=()))
        return self.loses.get(name, ())

    def _act_on_host(self, host: str, intent: Intent, name: str, facts: ActFacts) -> ActFacts:
        facts = replace(facts, times={**facts.times, "ended": self.now()})
        if name in self.fail:
            return replace(facts, said="failed")
        seen = self.hosts[host]
        if intent.action is Action.SWACT:
            role = Role(intent.role or "standby")
            self.hosts[host] = replace(seen, role=role)
            self._switch(host, self.active_only, is_on=role is Role.ACTIVE)
        else:
            self.hosts[host] = replace(seen, locked=intent.action is Action.LOCK)
            services = {one.service for one in seen.instances if one.service != "sm"}
            if seen.role is Role.STANDBY:
                services -= self.active_only
            self._switch(host, services, is_on=intent.action is Action.UNLOCK)
        return replace(facts, manager_done=True, said="done", lost=self._lose(name))

    def _switch(self, host: str, services: Collection[str], *, is_on: bool) -> None:
        """Stop those services, or start them with the installed code."""
        for one in self.hosts[host].instances:
            if one.service not in services or one.state is InstanceState.SCHEDULED:
                continue
            state = InstanceState.RUNNING if is_on else InstanceState.STOPPED
            processes = self._new_processes(one) if is_on else ()
            self._put(
                host,
                replace(
                    one, state=state, processes=processes, evidence=(), verdict=Verdict.CURRENT
                ),
            )

    def _put(self, host: str, instance: Instance) -> None:
        seen = self.hosts[host]
        self.hosts[host] = replace(
            seen,
            instances=tuple(
                instance if one.service == instance.service else one for one in seen.instances
            ),
        )


def _patched(instance: Instance, versions: dict[str, str]) -> Instance:
    """The instance after its package was replaced."""
    version = versions.get(instance.package or "")
    if version is None or version == instance.version:
        return instance
    is_running = instance.state is InstanceState.RUNNING
    kind = EvidenceKind.MAPPING_REPLACED if is_running else EvidenceKind.PACKAGE_NEWER
    evidence = Evidence(
        kind=kind,
        subject=f"/usr/lib/insvc/lib{instance.package}.so" if is_running else f"{instance.package}",
        found=instance.version or "",
        expected=version,
        pid=instance.processes[0].pid if instance.processes else None,
    )
    has_evidence = is_running or instance.state is InstanceState.SCHEDULED
    return replace(
        instance,
        version=version,
        evidence=(evidence,) if has_evidence else (),
        verdict=Verdict.STALE if is_running else Verdict.CURRENT,
    )

"""A small cloud as a value: a run, its hosts, their ledgers, and what may still go wrong.

Everything is a moment between two events; `tests.harness.small_controller` and `world_moves` below
tell which events may come next. Time is left out: whatever takes time may end at any moment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from insvc.execute.run import Record
from insvc.execute.state import Run, apply
from insvc.model.act import ActFacts
from insvc.model.observation import HostObservation, Instance, ProcessIdentity
from insvc.model.words import Action, InstanceState, Role, Verdict
from insvc.plan.plan import Step

NEW_PID = 1000
_HOST_ACTS = {Action.SWACT, Action.LOCK, Action.UNLOCK}
_GONE_WITH_LOCK = {InstanceState.STOPPED, InstanceState.SCHEDULED}


@dataclass(frozen=True, order=True)
class Act:
    """One try of a step on one host; a swact has a second leg on the host that becomes active."""

    step: str
    attempt: int
    leg: int = 0


@dataclass(frozen=True, order=True)
class Hand:
    """What the controller is about to do for a step: ask, wait for the answer, or resolve."""

    phase: str
    act: Act
    was_lost: bool = False


@dataclass(frozen=True)
class Moment:
    """Everything there is at one moment.

    Attributes:
        run: as the journal tells it.
        hosts: what they look like.
        ledger: what the hosts remember of acts: `begun`, `good` or `bad`.
        going: acts under way.
        hands: what the controller is busy with; nothing where it is dead.
        has_controller: whether it lives.
        left: faults and wishes that may still come, each once for each time it is named.
        silent: hosts that will not answer any more.
        active_only: services that run on the active host alone.
    """

    run: Run
    hosts: Mapping[str, HostObservation]
    ledger: Mapping[Act, str]
    going: frozenset[Act]
    hands: frozenset[Hand]
    has_controller: bool
    left: tuple[str, ...]
    silent: frozenset[str]
    active_only: frozenset[str]

    @property
    def key(self) -> object:
        """Equal for moments from which the same can follow."""
        steps = tuple((one.state, one.attempt, one.starts) for one in self.run.steps.values())
        hosts = tuple(
            (seen.role, seen.locked, tuple((_life(one), one.state) for one in seen.instances))
            for seen in self.hosts.values()
        )
        return (
            (self.run.state, self.run.epoch > 0, steps),
            hosts,
            tuple(sorted(self.ledger.items())),
            self.going,
            self.hands,
            (self.has_controller, self.left, self.silent),
        )

    def told(self, record: Record) -> "Moment":
        """After one more record in the journal."""
        return replace(self, run=apply(self.run, record))

    def without(self, fault: str) -> "Moment":
        """After that fault has come."""
        left = list(self.left)
        left.remove(fault)
        return replace(self, left=tuple(left))

    def place_of(self, act: Act) -> str:
        """The host that carries the act out."""
        step = self.run.planned(act.step)
        return str(step.to_host) if act.leg else step.host


def _life(one: Instance) -> tuple[int, bool]:
    return (one.processes[0].pid if one.processes else 0, one.verdict is Verdict.STALE)


def world_moves(now: Moment) -> Iterator[tuple[str, Moment]]:
    """Every way in which the hosts can change without the controller."""
    for act in sorted(now.going):
        yield f"{act.step} ends well", _ended(now, act, "good")
        if "fail" in now.left:
            yield f"{act.step} fails", _ended(now.without("fail"), act, "bad")
        if "agent" in now.left:
            yield from _agent_deaths(now.without("agent"), act)
    if "leave" in now.left:
        for host in now.hosts:
            yield f"{host} falls silent", replace(now.without("leave"), silent=frozenset({host}))


def _agent_deaths(now: Moment, act: Act) -> Iterator[tuple[str, Moment]]:
    """The agent dies in the act: before it had an effect, after it, or between the two."""
    for effect in ("undone", "good", "bad"):
        hosts = _changed(now, act, effect)
        yield (
            f"the agent of {now.place_of(act)} dies, {act.step} is {effect}",
            replace(now, hosts=hosts, going=now.going - {act}),
        )


def begin(now: Moment, act: Act) -> Moment:
    """The host has written the intent down and has begun to act."""
    return replace(
        now,
        ledger={**now.ledger, act: "begun"},
        going=now.going | {act},
        hosts=_changed(now, act, "begun"),
    )


def _ended(now: Moment, act: Act, word: str) -> Moment:
    return replace(
        now,
        hosts=_changed(now, act, word),
        ledger={**now.ledger, act: word},
        going=now.going - {act},
    )


def _changed(now: Moment, act: Act, effect: str) -> dict[str, HostObservation]:
    """The hosts after an act has begun, has had its effect, has failed, or has done nothing."""
    step, host = now.run.planned(act.step), now.place_of(act)
    seen = now.hosts[host]
    if step.action in _HOST_ACTS:
        changed = _host_changed(now, seen, step, act.leg) if effect == "good" else seen
    else:
        before = now.run.steps[act.step].before
        changed = _put(seen, _instance_changed(seen, step, before, effect))
    return {**now.hosts, host: changed}


def _instance_changed(
    seen: HostObservation, step: Step, before: tuple[ProcessIdentity, ...], effect: str
) -> Instance:
    one = seen.instance(step.service)
    assert one is not None
    if effect == "good":
        return _fresh(one, before[0].pid if before else 0)
    if effect == "undone":
        return replace(one, state=InstanceState.RUNNING, processes=before)
    is_down = InstanceState.STARTING if effect == "begun" else InstanceState.FAILED
    return replace(one, state=is_down, processes=())


def _fresh(one: Instance, pid: int) -> Instance:
    new = ProcessIdentity(boot_id="boot", pid=pid + NEW_PID, start_ticks=pid + NEW_PID)
    return replace(
        one, state=InstanceState.RUNNING, processes=(new,), verdict=Verdict.CURRENT, evidence=()
    )


def _stopped(one: Instance) -> Instance:
    current = {"verdict": Verdict.CURRENT, "evidence": (), "processes": ()}
    return replace(one, state=InstanceState.STOPPED, **current)  # type: ignore[arg-type]


def _host_changed(now: Moment, seen: HostObservation, step: Step, leg: int) -> HostObservation:
    if step.action is Action.SWACT:
        role = Role.ACTIVE if leg else Role.STANDBY
        moved = replace(seen, role=role)
        return _switch(moved, now.active_only, is_on=leg == 1)
    is_lock = step.action is Action.LOCK
    names = {one.service for one in seen.instances if one.service != "sm"}
    if not is_lock and seen.role is Role.STANDBY:
        names -= now.active_only
    return _switch(replace(seen, locked=is_lock), frozenset(names), is_on=not is_lock)


def _switch(seen: HostObservation, names: frozenset[str], *, is_on: bool) -> HostObservation:
    for one in seen.instances:
        if one.service in names:
            pid = one.processes[0].pid if one.processes else 0
            seen = _put(seen, _fresh(one, pid) if is_on else _stopped(one))
    return seen


def _put(seen: HostObservation, changed: Instance) -> HostObservation:
    instances = tuple(changed if one.service == changed.service else one for one in seen.instances)
    return replace(seen, instances=instances)


def facts_of(now: Moment, act: Act) -> ActFacts:
    """What the host answers about an act that is not under way any more."""
    step, word = now.run.planned(act.step), now.ledger[act]
    plain = ActFacts(step=act.step, attempt=act.attempt)
    if word == "begun":
        return replace(plain, said="unknown")
    if step.action in _HOST_ACTS:
        return replace(plain, manager_done=word == "good", said=word)
    one = now.hosts[now.place_of(act)].instance(step.service)
    assert one is not None
    return replace(
        plain,
        manager_done=word == "good",
        said=word,
        state=one.state,
        before=now.run.steps[act.step].before,
        after=one.processes,
        stale_evidence=one.evidence,
        dwelled_s=step.dwell_s,
    )

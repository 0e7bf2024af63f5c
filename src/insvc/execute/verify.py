"""Judge what an agent saw: the ladder that a step must climb before it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insvc.model.act import ActFacts
from insvc.model.observation import Evidence, HostObservation, ProcessIdentity
from insvc.model.words import CODE, Action, InstanceState, Outcome, Role, Verdict
from insvc.plan.plan import Step

_DWELL_TOLERANCE_S = 0.05
_NEVER_ENDED = "unknown"
CURED_ON = "cured on "
"""How the rung begins that says what a swact has cured; the new active host follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One claim about a step and what was seen of it."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """How a step ended, what decided it, and the whole ladder."""

    outcome: Outcome
    why: str
    checks: tuple[Rung, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claim:
    """A rung before judgement; `otherwise` is the outcome where it does not hold."""

    name: str
    holds: bool
    detail: str
    otherwise: Outcome = Outcome.FAILED


def is_end_unknown(facts: ActFacts) -> bool:
    """Whether the agent itself does not know how the act ended (it died in it)."""
    return facts.accepted and not facts.manager_done and facts.said == _NEVER_ENDED


def judge(step: Step, facts: ActFacts, before: Sequence[ProcessIdentity] = ()) -> Judgement:
    """The outcome of an act on a service. The first rung that does not hold is named in `why`.

    Failure wins over what could not be verified, and nothing unknown is ever success.

    Args:
        step: what was to be done.
        facts: what the agent saw.
        before: its processes when the intent was written, beside those the agent saw.
    """
    if not facts.accepted:
        refused = f"the agent refused: {facts.said or 'it gave no reason'}"
        return _conclude([_Claim(name="accepted", holds=False, detail=refused)], Outcome.FAILED)
    if is_end_unknown(facts):
        unknown = "the agent does not know how the act ended"
        claim = _Claim(name="manager-done", holds=False, detail=unknown, otherwise=Outcome.UNKNOWN)
        return _conclude([claim], Outcome.UNKNOWN)
    if step.action is Action.NEXT_RUN:
        return _conclude([_manager_done(facts), _nothing_stale(facts)], Outcome.NEXT_RUN)
    claims = [_manager_done(facts)]
    in_place = step.action is Action.RELOAD or _is_handed_over(step, facts, before)
    if not in_place:
        claims.append(_new_identity(facts, before))
    claims += [_nothing_stale(facts), _ready(facts), _dwelled(step, facts), _nothing_lost(facts)]
    return _conclude(claims, Outcome.DONE if in_place else Outcome.RESTARTED)


def judge_host(step: Step, facts: Sequence[ActFacts], seen: Sequence[HostObservation]) -> Judgement:
    """The outcome of a swact, lock or unlock: done only if the hosts themselves show it.

    Args:
        step: what was to be done.
        facts: what each agent that was asked saw, in the order they were asked.
        seen: the hosts it is about, observed after the act.
    """
    claims = [
        _Claim(
            name="manager-done",
            holds=all(one.accepted and one.manager_done for one in facts),
            detail="; ".join(one.said for one in facts if one.said) or "the managers report it",
        )
    ]
    by_host = {one.host: one for one in seen}
    claims += [_shows(by_host.get(host), host, wanted) for host, wanted in goals(step)]
    if step.cures:
        claims.append(_cured(step, by_host.get(str(step.to_host))))
    if facts and step.action is not Action.LOCK:
        claims.append(_nothing_lost(facts[-1]))
    return _conclude(claims, Outcome.DONE)


def goals(step: Step) -> tuple[tuple[str, Role | bool], ...]:
    """What each host must show after a host action: its role, or whether it is locked."""
    if step.action is Action.SWACT:
        roles: list[tuple[str, Role | bool]] = [(step.host, Role.STANDBY)]
        if step.to_host is not None:
            roles.append((step.to_host, Role.ACTIVE))
        return tuple(roles)
    return ((step.host, step.action is Action.LOCK),)


def shows(seen: HostObservation, wanted: Role | bool) -> bool:
    """Whether a host has the role, or is (or is not) locked, as wanted."""
    return seen.reachable and wanted == (seen.locked if isinstance(wanted, bool) else seen.role)


def uncured(step: Step, seen: HostObservation) -> tuple[str, ...]:
    """Services that a swact is to cure and that do not run current code on the new active host."""
    found = ((service, seen.instance(service)) for service in step.cures)
    return tuple(
        service
        for service, one in found
        if one is None or one.state is not InstanceState.RUNNING or one.verdict is Verdict.STALE
    )


def is_stale_code(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The signs among them that replaced code runs."""
    return tuple(one for one in evidence if one.kind in CODE)


def _shows(seen: HostObservation | None, host: str, wanted: Role | bool) -> _Claim:
    word = ("locked" if wanted else "unlocked") if isinstance(wanted, bool) else wanted.value
    name = f"{host} is {word}"
    if seen is None or not seen.reachable:
        return _Claim(
            name=name, holds=False, detail=f"{host} was not seen", otherwise=Outcome.UNKNOWN
        )
    found = f"observed: role {seen.role or 'none'}, {'locked' if seen.locked else 'not locked'}"
    return _Claim(name=name, holds=shows(seen, wanted), detail=found)


def _cured(step: Step, seen: HostObservation | None) -> _Claim:
    """What the swact is to cure runs on the new active host, and nothing of it is stale."""
    name = f"{CURED_ON}{step.to_host}"
    if seen is None or not seen.reachable:
        return _Claim(
            name=name, holds=False, detail=f"{step.to_host} was not seen", otherwise=Outcome.UNKNOWN
        )
    left = uncured(step, seen)
    detail = f"{len(step.cures)} of {len(step.cures)} run there with the installed code"
    if left:
        detail = f"down or stale there: {', '.join(left)}"
    return _Claim(name=name, holds=not left, detail=detail)


def _manager_done(facts: ActFacts) -> _Claim:
    said = facts.said or ("the manager reports it done" if facts.manager_done else "no word of it")
    return _Claim(name="manager-done", holds=facts.manager_done, detail=said)


def _new_identity(facts: ActFacts, before: Sequence[ProcessIdentity]) -> _Claim:
    old = {*facts.before, *before}
    left = [one for one in facts.after if one in old]
    if not facts.after:
        detail = "no process runs"
    elif left:
        detail = f"an old process is left: {left[0]}"
    else:
        detail = f"{_listed(old) or 'nothing'} before, {_listed(facts.after)} after"
    return _Claim(name="new-identity", holds=bool(facts.after) and not left, detail=detail)


def _is_handed_over(step: Step, facts: ActFacts, before: Sequence[ProcessIdentity]) -> bool:
    """Whether its main process executed the new program in place, so that it stays.

    So does a master that hands its sockets over, as haproxy's, with new processes beside it, and
    systemd itself, whose handler is to execute itself. The identity remains, and what proves the
    hand-over is that no process of it is stale.
    """
    old = {*facts.before, *before}
    stays = bool(old & set(facts.after))
    if step.action is Action.HANDLER:
        return stays
    return step.action is Action.HANDOFF and stays and not old.issuperset(facts.after)


def _listed(processes: Iterable[ProcessIdentity]) -> str:
    return ", ".join(f"pid {one.pid}" for one in sorted(processes))


def _nothing_stale(facts: ActFacts) -> _Claim:
    left = is_stale_code(facts.stale_evidence)
    detail = str(left[0]) if left else "the re-scan found no replaced code"
    return _Claim(name="nothing-stale", holds=not left, detail=detail)


def _ready(facts: ActFacts) -> _Claim:
    if facts.is_ready is not None:
        detail = "it answers its readiness check"
        if not facts.is_ready:
            detail = f"it does not answer its readiness check; it is {facts.state}"
        return _Claim(name="ready", holds=facts.is_ready, detail=detail)
    unseen = facts.state is InstanceState.UNKNOWN
    return _Claim(
        name="ready",
        holds=facts.state is InstanceState.RUNNING,
        detail=f"it has no readiness check; it is {facts.state}",
        otherwise=Outcome.UNVERIFIED if unseen else Outcome.FAILED,
    )


def _dwelled(step: Step, facts: ActFacts) -> _Claim:
    if facts.restarts_in_dwell:
        times = f"{facts.restarts_in_dwell} times" if facts.restarts_in_dwell > 1 else "once"
        return _Claim(
            name="dwelled", holds=False, detail=f"it had to be started again {times} in its dwell"
        )
    return _Claim(
        name="dwelled",
        holds=facts.dwelled_s >= step.dwell_s - _DWELL_TOLERANCE_S,
        detail=f"it ran {facts.dwelled_s:.1f} s of {step.dwell_s:.1f} s without a restart",
        otherwise=Outcome.UNVERIFIED,
    )


def _nothing_lost(facts: ActFacts) -> _Claim:
    detail = "nothing else is down that ran before"
    if facts.lost:
        detail = f"ran before and does not now: {', '.join(facts.lost)}"
    return _Claim(name="nothing-lost", holds=not facts.lost, detail=detail)


def _conclude(claims: Sequence[_Claim], success: Outcome) -> Judgement:
    checks = tuple(Rung(name=one.name, passed=one.holds, detail=one.detail) for one in claims)
    broken = [one for one in claims if not one.holds]
    if not broken:
        return Judgement(outcome=success, why=_summary(claims), checks=checks)
    failed = [one for one in broken if one.otherwise is Outcome.FAILED]
    first = (failed or broken)[0]
    return Judgement(outcome=first.otherwise, why=f"{first.name}: {first.detail}", checks=checks)


def _summary(claims: Sequence[_Claim]) -> str:
    return "all hold: " + ", ".join(one.name for one in claims)

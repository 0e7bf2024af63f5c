"""Why a host cannot be locked for what only a locked host allows (law 1), in words."""

from collections.abc import Sequence

from insvc.errors import NeedsLock, PlanRefused
from insvc.model.observation import HostObservation
from insvc.model.words import Personality, Role
from insvc.plan.conflict import Premise, explain, smallest
from insvc.plan.needs import Need
from insvc.plan.view import View

_SHOWN = 4


def lock_not_allowed(barred: Sequence[Need]) -> NeedsLock:
    """The refusal where the policy allows no lock.

    Args:
        barred: what needs one; at least one.
    """
    which = "; ".join(f"{need.id} {need.cause}" for need in barred[:_SHOWN])
    more = f"; and {len(barred) - _SHOWN} more" if len(barred) > _SHOWN else ""
    titles = ", ".join(dict.fromkeys(need.entry.title for need in barred))
    why = (
        f"not patchable in service ({titles}): the host must be locked first, and the policy "
        f"allows no lock (law 1). {which}{more}"
    )
    return NeedsLock(
        ", ".join(need.id for need in barred),
        explain(why, _without_leave(barred)),
        next_act="plan with --allow-lock, or name the services to plan without these",
    )


def nobody_takes_over(view: View, host: str, need: Need) -> PlanRefused:
    """The refusal where the active controller must be locked and has nobody to hand over to."""
    others = [
        view.seen[one.name]
        for one in view.topology.hosts
        if one.serves_as(Personality.CONTROLLER) and one.name != host
    ]
    facts = [
        Premise(words=f"{one.host} {found}", change=cure)
        for one in others
        for found, cure in [_obstacle(one)]
    ]
    if not facts:
        facts = [Premise(words=f"{host} is the only controller", change="add a standby controller")]
    bring = ", or ".join(fact.change for fact in facts)
    premises = (
        *facts,
        Premise(words=f"{host} is the active controller", change="hand its activity over first"),
        Premise(words="law 4 wants somebody to take over first", change="it always holds"),
        _law_one(need),
        _wish(need),
    )
    return PlanRefused(
        need.id,
        explain(
            f"{need.entry.title} may only be restarted on a locked host, and {host} is the active "
            "controller with no unlocked standby controller in reach to take over",
            premises,
        ),
        next_act=f"{bring}, or leave {need.id} out of the plan",
    )


def _without_leave(barred: Sequence[Need]) -> tuple[Premise, ...]:
    """One of them is enough, with its law and the policy."""
    pairs = [(_wish(need), _law_one(need)) for need in barred]
    wishes = [wish for wish, _ in pairs]
    laws = dict.fromkeys(law for _, law in pairs)
    leave = Premise(words="the policy allows no lock (allow_lock: false)", change="--allow-lock")

    def is_infeasible(kept: Sequence[Premise]) -> bool:
        return leave in kept and any(wish in kept and law in kept for wish, law in pairs)

    return smallest([*reversed(wishes), *laws, leave], is_infeasible)


def _law_one(need: Need) -> Premise:
    return Premise(
        words=f"law 1 allows a restart of {need.entry.title} on a locked host alone",
        change="it holds whatever the policy says",
    )


def _wish(need: Need) -> Premise:
    return Premise(words=f"{need.id} must be restarted", change="leave it out of the plan")


def _obstacle(seen: HostObservation) -> tuple[str, str]:
    """Why that controller cannot take over, and what to do about it."""
    if not seen.reachable:
        return "does not answer", f"bring {seen.host} back"
    if seen.locked:
        return "is locked", f"unlock {seen.host} first (--unlock {seen.host})"
    found = "is active too" if seen.role is Role.ACTIVE else "is neither active nor standby"
    return found, f"make {seen.host} a standby"

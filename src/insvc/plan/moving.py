"""A swact instead of many restarts in place, where the estimate says it costs less (law 4).

A swact starts the active-standby services afresh on the standby: with the installed code, if that
is what the standby has. It moves all of them, stale or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from insvc.model.words import Action, Role
from insvc.plan.budgets import make_budget, make_domain_budget
from insvc.plan.halves import halve
from insvc.plan.host_durations import affected_by, swact_cost_s
from insvc.plan.leaving import needs_lock
from insvc.plan.needs import Need
from insvc.plan.policy import Policy
from insvc.plan.precedence import dependants
from insvc.plan.steps import restarts_dependants
from insvc.plan.takeover import find_unfit, standby_of
from insvc.plan.tasks import estimate_of
from insvc.plan.view import View
from insvc.plan.waves import outages_s

_NO_ROOM = "no window or budget has room for what comes before it, for it, and for what comes after"


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A swact that cures.

    Attributes:
        host: gives activity up; `to_host`: takes it over.
        cured: what it starts afresh; `first` and `then`: what is done before and after it.
        swact_s: what it costs, added up over all that it moves.
        in_place_s: what restarts of the cured ones in place would cost, added up.
    """

    host: str
    to_host: str
    cured: tuple[Need, ...]
    first: tuple[Need, ...]
    then: tuple[Need, ...]
    swact_s: float
    in_place_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Scales:
    """What either way costs on an active host, in seconds added up over services.

    Attributes:
        swact_s: all services that a swact moves.
        in_place_s: the stale ones among them, and what their restarts take along.
        hindrance: why it is no swact although that costs less; empty where it does not.
    """

    swact_s: float
    in_place_s: float
    hindrance: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """The choice: a swact, or none; and the scales of each active host with a choice.

    The scales hold as well where it turns out later that the swact finds no place.
    """

    move: Move | None = None
    scales: dict[str, Scales] = field(default_factory=dict)


def weigh(view: View, needs: Sequence[Need], policy: Policy) -> Weighed:
    """Compare both ways on every active host that has something to restart which a swact cures."""
    scales: dict[str, Scales] = {}
    for host in view.active:
        cured = _curable(view, needs, host)
        if not cured:
            continue
        known = Scales(
            swact_s=swact_cost_s(view, host), in_place_s=_in_place_s(view, cured, policy)
        )
        found: Move | str = ""
        if known.in_place_s > known.swact_s:
            found = _move(view, host, needs, cured, policy, known)
        if isinstance(found, Move):
            return Weighed(move=found, scales={host: replace(known, hindrance=_NO_ROOM)})
        scales[host] = replace(known, hindrance=found)
    return Weighed(scales=scales)


def _curable(view: View, needs: Sequence[Need], host: str) -> tuple[Need, ...]:
    moved = {one.service for one in affected_by(view, host, Action.SWACT)}
    return tuple(one for one in needs if one.host == host and one.disrupts and one.service in moved)


def _in_place_s(view: View, cured: Sequence[Need], policy: Policy) -> float:
    """The outages of restarts in place, with their drains, added up over all that they stop."""
    return sum(_outage_s(view, need, policy) for need in cured)


def _outage_s(view: View, need: Need, policy: Policy) -> float:
    own_s = estimate_of(view, need, policy).outage_s
    if not restarts_dependants(need.entry):
        return own_s
    along = set(dependants(view, need.host, need.entry))
    wave = [one for one in view.seen[need.host].instances if one.service in {need.service, *along}]
    found = outages_s(view, wave)
    return own_s + sum(found[service] for service in along)


def _move(
    view: View,
    host: str,
    needs: Sequence[Need],
    cured: tuple[Need, ...],
    policy: Policy,
    scales: Scales,
) -> Move | str:
    """The swact, or why it is none."""
    if policy.swact != "by-estimate":
        return "the policy has a swact for a lock alone (swact: for-locks)"
    to_host = standby_of(view)
    if not _gives(view, host) or to_host is None:
        return "no unlocked standby controller in reach can take over"
    ids = {one.id for one in cured}
    barred = [
        one
        for one in needs
        if needs_lock(one.entry) and one.disrupts and not view.seen[one.host].locked
    ]
    hindrance = _hindrance(view, host, to_host, cured, barred, policy)
    if hindrance is not None:
        return hindrance
    locked = {one.host for one in barred}
    halves = halve(view, needs, ids, host, to_host, policy.carries_traffic, locked)
    if isinstance(halves, str):
        return f"{halves} has to be restarted before it and after it"
    return Move(
        host=host,
        to_host=to_host,
        cured=cured,
        first=halves.first,
        then=halves.then,
        swact_s=scales.swact_s,
        in_place_s=scales.in_place_s,
    )


def _gives(view: View, host: str) -> bool:
    """Whether it has activity to give."""
    return view.seen[host].role is Role.ACTIVE and not view.seen[host].locked


def _hindrance(
    view: View,
    host: str,
    to_host: str,
    cured: Sequence[Need],
    barred: Sequence[Need],
    policy: Policy,
) -> str | None:
    own = next((one for one in barred if one.host in {host, to_host}), None)
    if own is not None:
        return f"{own.id} wants its host locked, and that decides about the swact"
    unfit = find_unfit(view, host, to_host, [one.service for one in cured])
    return unfit or _over_budget(view, host, policy)


def _over_budget(view: View, host: str, policy: Policy) -> str | None:
    for one in affected_by(view, host, Action.SWACT):
        budgets = (
            make_budget(view, one.service, policy),
            make_domain_budget(view, one.service, host, policy),
        )
        for budget in budgets:
            if budget is not None and budget.spare(frozenset({host})) < 1:
                return budget.obstacle(host).why
    return None

"""What is not patchable in service: swact, lock, restart, unlock, standby first (law 1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from insvc.model.words import Action, InstanceState, Personality
from insvc.plan.budgets import Budget, Obstacle, make_budget, make_domain_budget
from insvc.plan.host_durations import is_active_only
from insvc.plan.leaving import needs_lock
from insvc.plan.lock_conflict import lock_not_allowed, nobody_takes_over
from insvc.plan.needs import Need, omit
from insvc.plan.plan import Omission
from insvc.plan.policy import Policy
from insvc.plan.takeover import standby_of
from insvc.plan.view import View

# A lock is carried out by the service manager: it stops everything but its own daemon.
OUTLIVES_LOCK = frozenset({"sm"})


@dataclass(frozen=True, kw_only=True, slots=True)
class HostTurn:
    """One host's turn out of service.

    Attributes:
        host: which.
        because: the needs that cannot be met in service.
        restarts: those that a lock does not cure, to be restarted while it is locked.
        swact_to: the host that takes activity over first; absent where it has none to give.
    """

    host: str
    because: tuple[Need, ...]
    restarts: tuple[Need, ...]
    swact_to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Locking:
    """Turns in their order, the needs left to be met in service, and what a turn cures anyway."""

    turns: tuple[HostTurn, ...]
    in_service: tuple[Need, ...]
    cured: tuple[Omission, ...]


def plan_locking(view: View, needs: Iterable[Need], policy: Policy) -> Locking:
    """Choose the hosts that must be locked, and what their turns make superfluous.

    Raises:
        NeedsLock: the policy does not allow locks.
        PlanRefused: no host can take activity over.
    """
    wanted = tuple(needs)
    barred: dict[str, list[Need]] = {}
    for need in wanted:
        if needs_lock(need.entry) and need.disrupts and not view.seen[need.host].locked:
            barred.setdefault(need.host, []).append(need)
    if barred and not policy.allow_lock:
        raise lock_not_allowed([need for found in barred.values() for need in found])
    turns = tuple(_turn(view, host, barred[host], wanted) for host in _in_order(view, barred))
    in_service: list[Need] = []
    cured: list[Omission] = []
    for need in wanted:
        turn = next((one for one in turns if one.host == need.host), None)
        is_first = need.revives and need.service in OUTLIVES_LOCK
        if turn is None or need.action is Action.NEXT_RUN or is_first:
            in_service.append(need)
        elif need not in turn.restarts:
            cured.append(omit(view, need.host, need.service, _cure(view, turn, need)))
    return Locking(turns=turns, in_service=tuple(in_service), cured=tuple(cured))


def obstacles(view: View, turns: Iterable[HostTurn], policy: Policy) -> list[Obstacle]:
    """Services that cannot spare the member that a lock would stop."""
    found = []
    for turn in turns:
        for instance in view.seen[turn.host].instances:
            if instance.state is not InstanceState.RUNNING:
                continue
            moves = turn.swact_to is not None and is_active_only(view, instance.service)
            act = f"swact@{turn.host} moves it" if moves else f"lock@{turn.host} stops it"
            for budget in _budgets(view, instance.service, turn.host, policy):
                if budget.spare(frozenset({turn.host})) < 1:
                    bare = budget.obstacle(turn.host)
                    found.append(replace(bare, why=f"{act}, but {bare.why}"))
                    break
    return found


def _budgets(view: View, service: str, host: str, policy: Policy) -> Iterator[Budget]:
    yield make_budget(view, service, policy)
    in_domain = make_domain_budget(view, service, host, policy)
    if in_domain is not None:
        yield in_domain


def _turn(view: View, host: str, because: list[Need], needs: tuple[Need, ...]) -> HostTurn:
    restarts = tuple(
        need
        for need in needs
        if need.host == host and need.service in OUTLIVES_LOCK and need.disrupts
    )
    swact_to = None
    if host in view.active:
        swact_to = _peer(view, host, because[0])
    return HostTurn(host=host, because=tuple(because), restarts=restarts, swact_to=swact_to)


def _peer(view: View, host: str, need: Need) -> str:
    found = standby_of(view)
    if found is None:
        raise nobody_takes_over(view, host, need)
    return found


def _in_order(view: View, hosts: Iterable[str]) -> list[str]:
    """Workers and storage first, then the standby controller, then the active one."""
    return sorted(
        hosts,
        key=lambda name: (
            view.topology.host(name).serves_as(Personality.CONTROLLER),
            name in view.active,
            view.rank[name],
        ),
    )


def _cure(view: View, turn: HostTurn, need: Need) -> str:
    if turn.swact_to is not None and is_active_only(view, need.service):
        return (
            f"started with the installed code on {turn.swact_to} by swact@{turn.host}, which "
            f"stops it here (law 8); {need.cause}"
        )
    return f"stopped by lock@{turn.host} and started afresh by unlock@{turn.host}; {need.cause}"

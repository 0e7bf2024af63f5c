"""From needs to tasks: what each occupies, how long it takes, and its turn within its service."""

from collections.abc import Iterable, Mapping

from insvc.model.words import Action
from insvc.plan.budgets import Budget, Obstacle, domain_of, make_budget, make_domain_budget
from insvc.plan.durations import Estimate, drain_of, next_run_estimate, restart_estimate
from insvc.plan.needs import Need
from insvc.plan.pacing import settle_s, soak_of
from insvc.plan.policy import Policy
from insvc.plan.precedence import dependants
from insvc.plan.steps import restarts_dependants
from insvc.plan.task import Room, Task
from insvc.plan.view import View

_WITHIN = " in "


def estimate_of(view: View, need: Need, policy: Policy) -> Estimate:
    """What the act is expected to take."""
    if need.action is Action.NEXT_RUN:
        return next_run_estimate(need.instance)
    drain = drain_of(need.entry, need.service, policy)
    measured = view.history.get(need.service)
    return restart_estimate(need.instance, need.entry, drain, policy.dwell_s, measured)


def make_tasks(view: View, needs: Iterable[Need], policy: Policy) -> tuple[Task, ...]:
    """Every need as a task, those of one service in the order of their turns."""
    domains = _domains(view)
    order = {step: place for place, step in enumerate(policy.order)}
    tasks = [_task(view, need, policy, domains) for need in needs]
    return tuple(
        sorted(
            tasks,
            key=lambda task: (
                task.segment,
                order.get(task.need.id, len(order)),
                not view.is_standby(task.need.host),
                preference(policy, task.need.host),
                view.rank[task.need.host],
            ),
        )
    )


def make_rooms(
    view: View, tasks: Iterable[Task], policy: Policy
) -> tuple[dict[str, Room], list[Obstacle]]:
    """How many members of each occupied service may be worked on at once.

    Returns:
        the rooms by service, and what stands in the way where there is no room at all.
    """
    first_host: dict[str, str] = {}
    revived: dict[str, set[str]] = {}
    along: set[str] = set()
    for task in tasks:
        for key in task.occupies:
            first_host.setdefault(key, task.need.host)
        own = task.need.service
        along.update(key for key in task.occupies if key.partition(_WITHIN)[0] != own)
        if task.need.revives:
            revived.setdefault(task.need.service, set()).add(task.need.host)
    rooms: dict[str, Room] = {}
    obstacles: list[Obstacle] = []
    for key, host in first_host.items():
        budget = _budget_of(view, key, host, policy)
        # What stops with another service's step does not wait until its own peers are back.
        back = () if key in along else revived.get(budget.service, ())
        room = budget.spare(frozenset(back))
        if room < 1:
            obstacles.append(budget.obstacle(host))
        rooms[key] = Room(
            room=room, why=_room_why(budget, room), soak_s=soak_of(policy, budget.service)
        )
    return rooms, obstacles


def preference(policy: Policy, *names: str) -> int:
    """Its place among what the policy prefers first (below zero) or last (above zero)."""
    for place, name in enumerate(policy.prefer_first):
        if name in names:
            return place - len(policy.prefer_first)
    for place, name in enumerate(policy.prefer_last, start=1):
        if name in names:
            return place
    return 0


def _budget_of(view: View, key: str, host: str, policy: Policy) -> Budget:
    """The budget behind what a task occupies: of a service, or of it in one failure domain."""
    service, within, _ = key.partition(_WITHIN)
    in_domain = make_domain_budget(view, service, host, policy) if within else None
    return in_domain or make_budget(view, service, policy)


def _occupied(view: View, need: Need, policy: Policy) -> tuple[str, ...]:
    along = dependants(view, need.host, need.entry) if restarts_dependants(need.entry) else ()
    services = (need.service, *along) if need.disrupts else along
    domain = domain_of(view, need.host)
    if policy.max_unavailable_per_domain is None or domain is None:
        return services
    return (*services, *(f"{service}{_WITHIN}{domain}" for service in services))


def _room_why(budget: Budget, room: int) -> str:
    return f"at most {room} {budget.service} down by us at once: {budget.law}"


def _task(view: View, need: Need, policy: Policy, domains: Mapping[str, int]) -> Task:
    host = view.topology.hosts[view.rank[need.host]]
    if need.action is Action.NEXT_RUN:
        return Task(need=need, estimate=estimate_of(view, need, policy))
    active = need.host in view.active
    segment = (int(not need.revives), int(active), domains[host.failure_domain or ""])
    return Task(
        need=need,
        estimate=estimate_of(view, need, policy),
        occupies=_occupied(view, need, policy),
        segment=segment,
        segment_why=_segment_why(active=active, domain=host.failure_domain),
        soak_s=settle_s(need, policy),
    )


def _segment_why(*, active: bool, domain: str | None) -> str:
    if active:
        return "the active host is last (law 4)"
    if domain:
        return f"one failure domain after the other, now {domain}"
    return "what is down comes back first (law 2)"


def _domains(view: View) -> dict[str, int]:
    names = dict.fromkeys(host.failure_domain or "" for host in view.topology.hosts)
    return {name: place for place, name in enumerate(names)}

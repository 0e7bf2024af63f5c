"""From needs to tasks: what each occupies, how long it takes, and its turn within its service."""

from collections.abc import Iterable, Mapping

from insvc.model.words import Action
from insvc.plan.budgets import Budget, Obstacle, make_budget
from insvc.plan.durations import Estimate, drain_of, next_run_estimate, restart_estimate
from insvc.plan.needs import Need
from insvc.plan.policy import Policy
from insvc.plan.precedence import dependants
from insvc.plan.steps import restarts_dependants
from insvc.plan.task import Room, Task
from insvc.plan.view import View


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
    tasks = [_task(view, need, policy, domains) for need in needs]
    return tuple(
        sorted(
            tasks,
            key=lambda task: (
                task.segment,
                not view.is_standby(task.need.host),
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
    users: dict[str, list[str]] = {}
    revived: dict[str, set[str]] = {}
    along: set[str] = set()
    for task in tasks:
        for service in task.occupies:
            users.setdefault(service, []).append(task.need.host)
        along.update(service for service in task.occupies if service != task.need.service)
        if task.need.revives:
            revived.setdefault(task.need.service, set()).add(task.need.host)
    rooms: dict[str, Room] = {}
    obstacles: list[Obstacle] = []
    for service, hosts in users.items():
        budget = make_budget(view, service, policy)
        # What stops with another service's step does not wait until its own peers are back.
        back = () if service in along else revived.get(service, ())
        room = budget.spare(frozenset(back))
        if room < 1:
            obstacles.append(budget.obstacle(hosts[0]))
        rooms[service] = Room(room=max(room, 1), why=_room_why(budget, room))
    return rooms, obstacles


def _room_why(budget: Budget, room: int) -> str:
    return f"at most {room} {budget.service} down by us at once: {budget.law}"


def _task(view: View, need: Need, policy: Policy, domains: Mapping[str, int]) -> Task:
    host = view.topology.hosts[view.rank[need.host]]
    occupies: tuple[str, ...] = ()
    if need.disrupts:
        along = dependants(view, need.host, need.entry) if restarts_dependants(need.entry) else ()
        occupies = (need.service, *along)
    if need.action is Action.NEXT_RUN:
        return Task(need=need, estimate=estimate_of(view, need, policy))
    active = need.host in view.active
    segment = (int(not need.revives), int(active), domains.get(host.failure_domain or "", 0))
    return Task(
        need=need,
        estimate=estimate_of(view, need, policy),
        occupies=occupies,
        segment=segment,
        segment_why=_segment_why(active=active, domain=host.failure_domain),
    )


def _segment_why(*, active: bool, domain: str | None) -> str:
    if active:
        return "the active host is last (law 4)"
    if domain:
        return f"one failure domain at a time, now {domain} (law 5)"
    return "what is down comes back first (law 2)"


def _domains(view: View) -> dict[str, int]:
    names = dict.fromkeys(host.failure_domain or "" for host in view.topology.hosts)
    return {name: place for place, name in enumerate(names)}

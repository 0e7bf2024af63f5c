"""What no schedule can beat: the longest chain of precedences, or the busiest resource."""

from collections.abc import Iterable, Mapping

from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.schedule import Room
from insvc.plan.task import Placed


def lower_bound_s(
    placed: Iterable[Placed],
    rooms: Mapping[str, Room],
    policy: Policy,
    host_steps: Iterable[Step],
) -> float:
    """The earliest end that any order of these steps could have, in seconds."""
    busy: dict[tuple[str, str], float] = {}
    chain_s = 0.0
    for one in placed:
        chain_s = max(chain_s, one.least_end_s)
        duration_s = one.task.estimate.duration_s
        for service in one.task.occupies:
            key = ("service", service)
            busy[key] = busy.get(key, 0.0) + duration_s / rooms[service].room
        key = ("host", one.task.need.host)
        busy[key] = busy.get(key, 0.0) + duration_s / policy.parallel_services
    in_service_s = max([chain_s, *busy.values()])
    return round(in_service_s + sum(step.end_s - step.start_s for step in host_steps), 3)

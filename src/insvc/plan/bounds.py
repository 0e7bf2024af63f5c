"""What no schedule can beat: the longest chain of precedences, or the busiest resource."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.schedule import Room
from insvc.plan.task import Placed


def lower_bound_s(
    placed: Iterable[Placed],
    rooms: Mapping[str, Room],
    policy: Policy,
    last: Collection[str],
    host_steps: Iterable[Step],
) -> float:
    """The earliest end that any lawful order of these steps could have, in seconds.

    What carries the traffic (the entries `last`) and then the host steps come after everything
    else, one at a time.
    """
    chain_s = at_the_end_s = 0.0
    busy: defaultdict[tuple[str, str], float] = defaultdict(float)
    for one in placed:
        duration_s = one.task.estimate.duration_s
        if one.task.need.entry.name in last:
            at_the_end_s += duration_s
            continue
        chain_s = max(chain_s, one.least_end_s)
        for service in one.task.occupies:
            busy["service", service] += duration_s / rooms[service].room
        busy["host", one.task.need.host] += duration_s / policy.parallel_services
    hosts_s = sum(step.end_s - step.start_s for step in host_steps)
    return round(max([chain_s, *busy.values()]) + at_the_end_s + hosts_s, 3)

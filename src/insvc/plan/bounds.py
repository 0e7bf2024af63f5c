"""What no schedule can beat: the longest chain of precedences, or the busiest resource."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from insvc.model.words import Personality
from insvc.plan.plan import Step
from insvc.plan.policy import Policy, allowed
from insvc.plan.task import Placed
from insvc.plan.view import View


def lower_bound_s(
    placed: Iterable[Placed],
    view: View,
    policy: Policy,
    last: Collection[str],
    least_end_s: float,
    host_steps: Iterable[Step],
) -> float:
    """The earliest end that any lawful order of these steps could have, in seconds.

    What carries the traffic and then the host steps come after everything else, one at a time.

    Args:
        placed: the steps in service.
        view: what was seen.
        policy: how many steps a host takes at once, and how many hosts are worked on.
        last: entries that carry the traffic.
        least_end_s: what precedences and services alone demand of everything else.
        host_steps: what is done to whole hosts.
    """
    traffic_s = 0.0
    hosts_s: defaultdict[str, float] = defaultdict(float)
    for one in placed:
        duration_s = one.task.estimate.duration_s
        if one.task.need.entry.name in last:
            traffic_s += duration_s
        else:
            hosts_s[one.task.need.host] += duration_s / policy.parallel_services
    locks_s = sum(step.end_s - step.start_s for step in host_steps)
    turns_s = _turns_s(hosts_s, view, policy)
    return round(max([least_end_s, *hosts_s.values(), *turns_s]) + traffic_s + locks_s, 3)


def _turns_s(hosts_s: dict[str, float], view: View, policy: Policy) -> Iterator[float]:
    """For each limited personality, how long its hosts take when every slot is always used."""
    for name, limit in policy.parallel_hosts.items():
        hosts = [host for host in view.topology.hosts if host.serves_as(Personality(name))]
        worked_s = sum(hosts_s.get(host.name, 0.0) for host in hosts)
        yield worked_s / allowed(limit, len(hosts))

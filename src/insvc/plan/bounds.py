"""What no schedule can beat: the longest chain of precedences, or the busiest resource."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

from insvc.model.words import Personality
from insvc.plan.energy import Job, Load, jobs_ms, turns_ms, whole_ms
from insvc.plan.plan import Step
from insvc.plan.policy import Policy, allowed
from insvc.plan.task import Placed
from insvc.plan.view import View

_PER_S = 1000


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
    by_host: defaultdict[str, Counter[Job]] = defaultdict(Counter)
    for one in placed:
        length_s = one.task.estimate.duration_s
        if one.task.need.entry.name in last:
            traffic_s += length_s
        else:
            job = Job(whole_ms(length_s), head=whole_ms(one.least_start_s))
            by_host[one.task.need.host][job] += 1
    locks_s = sum(step.end_s - step.start_s for step in host_steps)
    busiest_ms = max(_busy_ms(by_host, view, policy), default=0)
    return round(max(least_end_s, busiest_ms / _PER_S) + traffic_s + locks_s, 3)


def _busy_ms(by_host: dict[str, Counter[Job]], view: View, policy: Policy) -> Iterator[int]:
    """How long each resource is busy: every host, and the hosts of every limited personality."""
    lanes = policy.parallel_services
    loads = {host: tuple(sorted(jobs.items())) for host, jobs in by_host.items()}
    for load in set(loads.values()):
        yield jobs_ms(dict(load), lanes)
    for name, limit in policy.parallel_hosts.items():
        hosts = [one.name for one in view.topology.hosts if one.serves_as(Personality(name))]
        alike = Counter(loads[host] for host in hosts if host in loads)
        slots = allowed(limit, len(hosts))
        yield turns_ms((Load(jobs, count) for jobs, count in alike.items()), lanes, slots)

"""What no schedule can beat: the longest chain of precedences, or the busiest resource."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from insvc.model.words import Personality
from insvc.plan.energy import Job, Load, jobs_ms, turns_ms, whole_ms
from insvc.plan.margins import Margins, make_margins, services_ms
from insvc.plan.plan import Step
from insvc.plan.policy import Policy, allowed
from insvc.plan.precedence import Precedence
from insvc.plan.task import Placed, Room
from insvc.plan.view import View

_PER_S = 1000


def lower_bound_s(
    placed: Iterable[Placed],
    view: View,
    policy: Policy,
    precedence: Precedence,
    rooms: Mapping[str, Room],
    least_end_s: float,
    host_steps: Iterable[Step],
) -> float:
    """The earliest end that any lawful order of these steps could have, in seconds.

    What carries the traffic and then the host steps come after everything else, one at a time.

    Args:
        placed: the steps in service.
        view: what was seen.
        policy: how many steps a host takes at once, and how many hosts are worked on.
        precedence: what goes before what, and which entries carry the traffic.
        rooms: how many members of each service may be worked on at once.
        least_end_s: what the schedule has found already for everything else.
        host_steps: what is done to whole hosts.
    """
    before: list[Placed] = []
    traffic_s = 0.0
    for one in placed:
        if one.task.need.entry.name in precedence.last:
            traffic_s += one.task.estimate.duration_s
        else:
            before.append(one)
    tasks = [one.task for one in before]
    lanes = policy.parallel_services
    margins = make_margins(tasks, precedence, view.active, rooms, lanes, view.counts)
    jobs = [(one.task, _job(one, margins)) for one in before]
    by_host: defaultdict[str, Counter[Job]] = defaultdict(Counter)
    for task, job in jobs:
        by_host[task.need.host][job] += 1
    busy_ms = (*services_ms(jobs, rooms, view.counts), *_busy_ms(by_host, view, policy))
    least_s = max(least_end_s, max(busy_ms, default=0) / _PER_S)
    locks_s = sum(step.end_s - step.start_s for step in host_steps)
    return round(least_s + traffic_s + locks_s, 3)


def _job(one: Placed, margins: Margins) -> Job:
    job = margins.job(one.task)
    return replace(job, head=max(job.head, whole_ms(one.least_start_s)))


def _busy_ms(by_host: dict[str, Counter[Job]], view: View, policy: Policy) -> Iterator[int]:
    """How long each resource is busy: every host, and the hosts of every limited personality."""
    lanes = policy.parallel_services
    loads = {host: tuple(sorted(jobs.items())) for host, jobs in by_host.items()}
    for load in set(loads.values()):
        yield jobs_ms(dict(load), lanes)
    for name, limit in policy.parallel_hosts.items():
        hosts = [one.name for one in view.topology.hosts if one.serves_as(Personality(name))]
        alike: Counter[tuple[tuple[Job, int], ...]] = Counter()
        for host in filter(loads.__contains__, hosts):
            alike[loads[host]] += view.count((host,))
        slots = allowed(limit, view.count(hosts))
        yield turns_ms((Load(jobs, count) for jobs, count in alike.items()), lanes, slots)

"""Members that share a budget, how many of them may be down, and who is down already."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from insvc.check.case import Case
from insvc.check.holdings import Holding
from insvc.model.topology import Host
from insvc.model.words import Redundancy
from insvc.plan.plan import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """Members of one service, everywhere or in one failure domain.

    Attributes:
        service: its name; where: the failure domain, or empty.
        total: how many members there are.
        held: what the steps hold of them, those that begin first before the others.
        limit: how many members may be down; `law` and `why` say by which rule.
        down: hosts whose member was down and that no step brings back.
        busy: how many members are taken to be down in lanes that are not looked at.
        votes: a majority of the members must be up.
    """

    service: str
    where: str
    total: int
    held: tuple[Holding, ...]
    limit: int
    law: int
    why: str
    down: tuple[str, ...]
    busy: int
    votes: bool

    @property
    def room(self) -> int:
        """How many the steps may hold down at once."""
        return self.limit - len(self.down) - self.busy


def make_pools(case: Case, held: Mapping[str, Sequence[Holding]]) -> Iterator[Pool]:
    """Every pool from which a step takes a member.

    A pool comes once for each set of lines that take from it and may be under way together.
    """
    for service, holdings in held.items():
        if not any(one.takes for one in holdings):
            continue
        hosts = case.facts.members[service]
        limit, law, why = _limit(case, service)
        yield from _pools(case, service, None, hosts, holdings, limit, law, why)
        per_domain = case.policy.max_unavailable_per_domain
        if per_domain is None:
            continue
        for domain, inside in _by_domain(case, hosts).items():
            absent = case.facts.absent.members(service, domain)
            most = allowed(per_domain, len(inside) + absent)
            why = f"the policy allows {most} in the failure domain {domain}"
            mine = [one for one in holdings if one.host in inside]
            if any(one.takes for one in mine):
                yield from _pools(case, service, domain, inside, mine, most, 5, why)


def allowed(limit: int | str, total: int) -> int:
    """How many of so many: a count, or a percentage rounded down, but one at least."""
    if isinstance(limit, int):
        return limit
    return max(1, int(total * float(limit.rstrip("%")) / 100))


def _pools(  # noqa: PLR0913, PLR0917 - the parts of one value
    case: Case,
    service: str,
    where: str | None,
    hosts: tuple[str, ...],
    held: Sequence[Holding],
    limit: int,
    law: int,
    why: str,
) -> Iterator[Pool]:
    """One pool, or one for each set of lines that may be under way together."""
    back = {one.host for one in held if not one.takes}
    gone = [one for one in hosts if one not in back and case.facts.is_missed(one, service)]
    for load in case.facts.absent.held(partial(_holds, case, service), where):
        yield Pool(
            service=service,
            where=where or "",
            total=len(hosts) + case.facts.absent.members(service, where),
            held=tuple(one for one in held if one.step not in load.apart),
            limit=limit,
            law=law,
            why=why,
            down=tuple(gone),
            busy=load.busy,
            votes=case.facts.redundancy(service) is Redundancy.QUORUM,
        )


def _limit(case: Case, service: str) -> tuple[int, int, str]:
    policy, facts = case.policy, case.facts
    total = len(facts.members[service]) + facts.absent.members(service)
    most = allowed(policy.max_unavailable_of.get(service, policy.max_unavailable), total)
    limit, law, why = most, 5, f"the policy allows {most} down"
    if facts.is_guarded(service):
        limit, law, why = min(most, 1), 2, "never two of its members may be down"
    needed = total // 2 + 1
    if facts.redundancy(service) is Redundancy.QUORUM and total - needed < limit:
        limit, why = total - needed, f"{needed} of {total} are needed for a majority"
    return limit, law, why


def _holds(case: Case, service: str, host: Host, step: Step) -> bool:
    """Whether the step takes the service down on such a host, itself or along with its own."""
    if step.service == service:
        return True
    entry = case.facts.entries.get(service)
    along = entry is not None and step.entry in case.facts.needs[entry.name]
    return step.with_dependants and along and host.name in case.facts.members[service]


def _by_domain(case: Case, hosts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in hosts:
        domain = case.facts.hosts[name].failure_domain
        if domain is not None:
            found[domain] = (*found.get(domain, ()), name)
    return found

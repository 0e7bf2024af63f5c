"""How many instances of a service may be down at once, and how many already are (laws 2 and 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insvc.catalog.entry import AtMostOneDown
from insvc.model.words import InstanceState, Redundancy
from insvc.plan.conflict import Premise, smallest
from insvc.plan.policy import Policy, allowed
from insvc.plan.view import Member, View

_RESTING = {InstanceState.STOPPED, InstanceState.DISABLED, InstanceState.SCHEDULED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """A counter-example.

    Attributes:
        subject: the instance that cannot be taken down.
        why: what would be left, in words.
        insist: whether another policy could allow it.
        next_act: what an operator can do about it.
        conflict: the smallest set of facts and laws that forbids it.
    """

    subject: str
    why: str
    insist: bool
    next_act: str
    conflict: tuple[Premise, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What one service can spare.

    Attributes:
        service: its name.
        total: how many members it has, seen or not.
        limit: how many of them may be down at once.
        down: members that are down or unknown now.
        law: which law sets the limit, in words.
        by_policy: the policy sets the limit, not the nature of the service.
    """

    service: str
    total: int
    limit: int
    down: tuple[Member, ...]
    law: str
    by_policy: bool

    def spare(self, without: frozenset[str] = frozenset()) -> int:
        """How many more may go down, when those on the hosts `without` do not count as down."""
        return self.limit - sum(member.host not in without for member in self.down)

    def obstacle(self, host: str) -> Obstacle:
        """Why its member on that host cannot be taken down."""
        down = [member for member in self.down if member.host != host]
        who = ", ".join(f"{self.service}@{member.host} is {member.state}" for member in down)
        left = self.total - len(down) - 1
        found = f"{who}, so" if who else "with all others up,"
        why = (
            f"taking {self.service}@{host} down is not allowed: {found} {left} of {self.total} "
            f"would be left, but {self.law} wants {self.total - self.limit} or more up"
        )
        return Obstacle(
            subject=f"{self.service}@{host}",
            why=why,
            insist=self.by_policy,
            next_act=self._advice(host, down),
            conflict=self._conflict(host, down),
        )

    def _advice(self, host: str, down: list[Member]) -> str:
        """What makes room: the members that are down, the limit, or more members."""
        if not down:
            return f"add members to {self.service}, or leave {self.service}@{host} out of the plan"
        acts = [_advice_on(self.service, member) for member in down]
        if self.by_policy:
            acts.append("allow more of them down")
        return ", or ".join(dict.fromkeys(acts))

    def _conflict(self, host: str, down: list[Member]) -> tuple[Premise, ...]:
        """The smallest set of what is down, the limit, and the wish that cannot hold together."""
        facts = [
            Premise(words=f"{self.service}@{one.host} is {one.state}", change=_remedy(one))
            for one in down
        ]
        raised = "raise it" if self.by_policy else "it holds whatever the policy says"
        if not self.by_policy and self.limit < 1:
            raised = "add members to the service"
        law = Premise(words=f"{self.law} lets {self.limit} be down", change=raised)
        wish = Premise(
            words=f"{self.service}@{host} must go down", change="leave out what takes it down"
        )

        def is_infeasible(kept: Sequence[Premise]) -> bool:
            missing = sum(one in facts for one in kept)
            return law in kept and wish in kept and self.limit - missing < 1

        return smallest([*reversed(facts), law, wish], is_infeasible)


def _advice_on(service: str, member: Member) -> str:
    name = f"{service}@{member.host}"
    if member.instance is None:
        return f"bring {member.host} back"
    if member.instance.state in {InstanceState.STARTING, InstanceState.STOPPING}:
        return f"wait until {name} has settled"
    if member.is_locked:
        return f"unlock {member.host} (--unlock {member.host})"
    if member.instance.state is InstanceState.FAILED:
        return f"start {name} first, which revive_failed does"
    return f"start {name} first"


def _remedy(member: Member) -> str:
    if member.instance is None:
        return "bring its host back"
    if member.instance.state in {InstanceState.STARTING, InstanceState.STOPPING}:
        return "wait until it has settled"
    return "unlock its host" if member.is_locked else "start it first"


def make_budget(view: View, service: str, policy: Policy) -> Budget:
    """What the service can spare, from its redundancy, the policy and what is down already."""
    members = view.members.get(service, ())
    total = view.count(one.host for one in members)
    return budget_of(view, service, policy, total, missed(view, service, members))


def budget_of(
    view: View, service: str, policy: Policy, total: int, down: tuple[Member, ...]
) -> Budget:
    """What a service with so many members can spare, of which these are down or unknown.

    Args:
        view: tells what kind of service it is.
        service: its name.
        policy: the plan's.
        total: how many members it has.
        down: those that are missed.
    """
    wanted = policy.max_unavailable_of.get(service, policy.max_unavailable)
    limit = allowed(wanted, total)
    by_policy = True
    law = f"law 5 (max_unavailable {wanted})"
    votes = view.redundancy(service) is Redundancy.QUORUM
    if votes or is_at_most_one(view, service):
        limit = 1
        by_policy = False
        law = "law 2 (never two members down)"
    if votes:
        needed = total // 2 + 1
        if total - needed < limit:
            limit = total - needed
            law = f"law 2 (a majority, {needed} of {total})"
    return Budget(
        service=service, total=total, limit=limit, down=down, law=law, by_policy=by_policy
    )


def make_domain_budget(view: View, service: str, host: str, policy: Policy) -> Budget | None:
    """What it can spare in the failure domain of that host, where the policy limits that."""
    domain = domain_of(view, host)
    if policy.max_unavailable_per_domain is None or domain is None:
        return None
    members = [one for one in view.members.get(service, ()) if domain_of(view, one.host) == domain]
    total = view.count(one.host for one in members)
    return domain_budget_of(service, policy, domain, total, missed(view, service, members))


def domain_budget_of(
    service: str, policy: Policy, domain: str, total: int, down: tuple[Member, ...]
) -> Budget | None:
    """The same for a number of members in that domain, of which these are down or unknown."""
    wanted = policy.max_unavailable_per_domain
    if wanted is None:
        return None
    return Budget(
        service=service,
        total=total,
        limit=allowed(wanted, total),
        down=down,
        law=f"law 5 (max_unavailable_per_domain {wanted} in {domain})",
        by_policy=True,
    )


def domain_of(view: View, host: str) -> str | None:
    """What fails together with the host; nothing where it stands alone."""
    return view.topology.hosts[view.rank[host]].failure_domain


def is_at_most_one(view: View, service: str) -> bool:
    """Whether a rule of its entry forbids two members down at one time."""
    entry = view.entries.get(service)
    rules = entry.special_handling if entry else ()
    return any(isinstance(rule, AtMostOneDown) and rule.service == service for rule in rules)


def missed(view: View, service: str, members: Iterable[Member]) -> tuple[Member, ...]:
    """Those that are not up and whose absence costs something now."""
    return tuple(one for one in members if not one.is_up and _is_missed(view, service, one))


def _is_missed(view: View, service: str, member: Member) -> bool:
    """Whether the absence of a member costs something.

    A member of a quorum is missed wherever it is. Of an active-standby service the standby is not
    meant to run. Elsewhere a locked host was taken out on purpose and costs nothing.
    """
    redundancy = view.redundancy(service)
    if redundancy is Redundancy.QUORUM or is_at_most_one(view, service):
        return True
    if redundancy is Redundancy.ACTIVE_STANDBY:
        return (
            member.instance is not None
            and member.instance.state not in _RESTING
            and not view.is_standby(member.host)
        )
    is_resting_job = (
        member.instance is not None and member.instance.state is InstanceState.SCHEDULED
    )
    return not member.is_locked and not is_resting_job

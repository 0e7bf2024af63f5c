"""What is judged: steps in their order, on the hosts as they were seen and as steps change them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from insvc.check.facts import HOST_ACTIONS, Facts, carries_traffic
from insvc.check.order import Order
from insvc.model.words import Action
from insvc.plan.plan import Step
from insvc.plan.policy import Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Steps, their order, and the facts they meet.

    Attributes:
        facts: what was seen before the first step.
        policy: what is allowed.
        steps: those that are judged, each known to the order.
        order: which of them precede which.
        host_steps: swacts, locks and unlocks, by action and host.
        carriers: entries that carry the traffic, by their own rule or by the policy.
    """

    facts: Facts
    policy: Policy
    steps: tuple[Step, ...]
    order: Order
    host_steps: dict[tuple[Action, str], Step]
    carriers: frozenset[str]
    _before: dict[str, int]
    _after: dict[str, int]
    _bits: dict[str, int]

    @classmethod
    def of(cls, facts: Facts, policy: Policy, steps: Sequence[Step], order: Order) -> Self:
        """Work out which steps come before and after which swacts, locks and unlocks."""
        host_steps = {(one.action, one.host): one for one in steps if one.action in HOST_ACTIONS}
        bits = {one.id: 1 << at for at, one in enumerate(host_steps.values())}
        marks = {order.place[name]: bit for name, bit in bits.items()}
        before = order.ancestors(marks) if marks else []
        after = order.descendants(marks) if marks else []
        return cls(
            facts=facts,
            policy=policy,
            steps=tuple(steps),
            order=order,
            host_steps=host_steps,
            carriers=frozenset(_carriers(facts, policy)),
            _before={one.id: before[order.place[one.id]] for one in steps if marks},
            _after={one.id: after[order.place[one.id]] for one in steps if marks},
            _bits=bits,
        )

    def host_step(self, action: Action, host: str) -> Step | None:
        """The swact, lock or unlock of that host, where there is one."""
        return self.host_steps.get((action, host))

    def node(self, step: Step) -> int:
        """Its place in the order."""
        return self.order.place[step.id]

    def is_after(self, step: Step, host_step: Step) -> bool:
        """Whether it starts only when that swact, lock or unlock has ended."""
        return bool(self._before[step.id] & self._bits[host_step.id])

    def is_before(self, step: Step, host_step: Step) -> bool:
        """Whether it has ended when that swact, lock or unlock starts."""
        return bool(self._after[step.id] & self._bits[host_step.id])

    def is_locked(self, step: Step) -> bool:
        """Whether its host is out of service for as long as it may be under way."""
        lock = self.host_step(Action.LOCK, step.host)
        unlock = self.host_step(Action.UNLOCK, step.host)
        locked = self.facts.seen[step.host].locked
        begins = locked if lock is None else self.is_after(step, lock)
        return begins and (unlock is None or self.is_before(step, unlock))

    def in_lock(self, step: Step) -> bool:
        """Whether its host is out of service meanwhile, and a step ends or begins that."""
        turn = (self.host_step(one, step.host) for one in (Action.LOCK, Action.UNLOCK))
        return any(turn) and self.is_locked(step)

    def may_be_active(self, step: Step) -> bool:
        """Whether its host may be the active one while it is under way."""
        host = step.host
        leaves = self.host_step(Action.SWACT, host)
        comes = [
            one
            for (action, _), one in self.host_steps.items()
            if action is Action.SWACT and one.to_host == host
        ]
        may_have_come = any(not self.is_before(step, one) for one in comes)
        if host not in self.facts.active:
            return may_have_come
        has_left = leaves is not None and self.is_after(step, leaves)
        return not has_left or may_have_come

    def acts(self) -> list[Step]:
        """Steps that act on one service now."""
        return [one for one in self.steps if is_act(one)]

    def carries(self, step: Step) -> bool:
        """Whether what it acts on carries the traffic (law 7)."""
        entry = self.facts.entries.get(step.service)
        return entry is not None and is_act(step) and entry.name in self.carriers


def _carriers(facts: Facts, policy: Policy) -> Iterator[str]:
    for name, entry in facts.named.items():
        names = {name, *(one.name for one in entry.services)}
        if carries_traffic(entry) or names & set(policy.carries_traffic):
            yield name


def is_act(step: Step) -> bool:
    """Whether it acts on one service now: a swact, a lock, an unlock and a next run do not."""
    return step.action not in HOST_ACTIONS and step.action is not Action.NEXT_RUN


def named(names: Sequence[str]) -> str:
    """Two names and how many more, as part of a sentence."""
    shown = list(names[:_NAMED])
    more = len(names) - len(shown)
    if more:
        return ", ".join(shown) + f" and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


_NAMED = 3

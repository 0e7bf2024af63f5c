"""Rules between entries that contradict one another: the shortest circle of them."""

from collections.abc import Sequence
from typing import Protocol

from insvc.errors import PlanRefused
from insvc.plan.conflict import Premise, explain


class Rule(Protocol):
    """One entry goes before another."""

    @property
    def first(self) -> str:
        """Goes before the other."""
        ...

    @property
    def then(self) -> str:
        """Goes after it."""
        ...

    @property
    def why(self) -> str:
        """The rule, in words."""
        ...


def contradiction(names: Sequence[str], rules: Sequence[Rule]) -> PlanRefused:
    """The refusal that names the shortest circle.

    Args:
        names: entries of which none can go first, in the catalog's order.
        rules: all rules between entries; at least one circle is among those of `names`.
    """
    circle = shortest_circle(names, rules)
    walk = [circle[0].first, *(rule.then for rule in circle)]
    premises = [Premise(words=rule.why, change="correct the rule") for rule in circle]
    told = "; ".join(rule.why for rule in circle)
    *others, one = walk[1:]
    wish = " and ".join([", ".join(others), one])
    premises.append(
        Premise(words=f"{wish} are to be restarted by one plan", change="plan one at a time")
    )
    return PlanRefused(
        " -> ".join(walk),
        explain(f"these rules contradict one another: {told}", premises),
        next_act="correct the catalog (`insvc catalog lint` finds circles), or plan fewer services",
    )


def shortest_circle(names: Sequence[str], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules of a circle than which none is shorter; of equal ones the earliest.

    Args:
        names: entries to look among; each is after another one of them.
        rules: all rules.
    """
    among = set(names)
    inside: dict[str, list[Rule]] = {name: [] for name in names}
    for rule in rules:
        if rule.first in among and rule.then in among:
            inside[rule.first].append(rule)
    found = [circle for name in names if (circle := _back_to(name, inside))]
    return min(found, key=len)


def _back_to(start: str, rules: dict[str, list[Rule]]) -> tuple[Rule, ...] | None:
    """The shortest way from an entry back to it, if there is one."""
    seen: set[str] = set()
    ways: list[tuple[Rule, ...]] = [()]
    for way in ways:
        at = way[-1].then if way else start
        for rule in rules[at]:
            if rule.then == start:
                return (*way, rule)
            if rule.then not in seen:
                seen.add(rule.then)
                ways.append((*way, rule))
    return None

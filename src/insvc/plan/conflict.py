"""The smallest set of facts and laws that cannot hold together: drop one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Premise:
    """One fact, law or wish of a plan.

    Attributes:
        words: what holds.
        change: what an operator can do about it.
    """

    words: str
    change: str


def smallest(
    premises: Sequence[Premise], is_infeasible: Callable[[Sequence[Premise]], bool]
) -> tuple[Premise, ...]:
    """Premises of which none can be left out while they still contradict one another.

    Args:
        premises: a set that contradicts itself; those that should rather be told come last.
        is_infeasible: whether so many of them do.
    """
    kept = list(premises)
    for one in premises:
        without = [other for other in kept if other is not one]
        if is_infeasible(without):
            kept = without
    return tuple(kept)


def tell(premises: Sequence[Premise]) -> str:
    """The set in words, each with what to change."""
    listed = ", ".join(
        f"({number}) {one.words} [{one.change}]" for number, one in enumerate(premises, start=1)
    )
    return f"these cannot hold together, and without any one of them it would work: {listed}"


def explain(why: str, premises: Sequence[Premise]) -> str:
    """A counter-example followed by the set: the one form of every refusal."""
    return f"{why}; {tell(premises)}"

"""`insvc.plan.circle`: of the rules that contradict one another, the fewest."""

from dataclasses import dataclass

import pytest

from insvc.plan.circle import contradiction, shortest_circle


@dataclass(frozen=True)
class Before:
    """One entry before another."""

    first: str
    then: str

    @property
    def why(self) -> str:
        return f"{self.first} before {self.then}"


def rules(*pairs: str) -> list[Before]:
    return [Before(first=pair[0], then=pair[1]) for pair in pairs]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        (("ab", "ba"), ["ab", "ba"]),
        (("ab", "bc", "ca"), ["ab", "bc", "ca"]),
        # A short circle behind a long one, and beside it.
        (("ab", "bc", "cd", "da", "cb"), ["bc", "cb"]),
        (("ab", "bc", "cd", "da", "ca"), ["ab", "bc", "ca"]),
        # Two ways of equal length: the earlier rule counts.
        (("ab", "ac", "bd", "cd", "da"), ["ab", "bd", "da"]),
        # What leads to a circle and what comes after it are no part of it.
        (("ab", "bc", "cb", "cd"), ["bc", "cb"]),
    ],
)
def test_no_circle_is_shorter(pairs: tuple[str, ...], found: list[str]) -> None:
    circle = shortest_circle("abcd", rules(*pairs))
    assert [rule.first + rule.then for rule in circle] == found


def test_rules_with_others_do_not_count() -> None:
    circle = shortest_circle("abc", rules("az", "za", "ab", "bc", "ca"))
    assert [rule.first + rule.then for rule in circle] == ["ab", "bc", "ca"]


def test_each_rule_of_it_and_the_wish_are_told_with_what_to_change() -> None:
    fault = contradiction("abc", rules("ab", "bc", "ca", "cb"))
    assert fault.subject == "b -> c -> b"
    assert fault.reason == (
        "these rules contradict one another: b before c; c before b; these cannot hold together, "
        "and without any one of them it would work: (1) b before c [correct the rule], "
        "(2) c before b [correct the rule], (3) c and b are to be restarted by one plan "
        "[plan one at a time]"
    )
    assert "insvc catalog lint" in fault.next_act


def test_a_longer_circle_lists_every_entry() -> None:
    fault = contradiction("abc", rules("ab", "bc", "ca"))
    assert "b, c and a are to be restarted by one plan" in fault.reason

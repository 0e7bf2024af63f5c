import pytest

from insvc.execute.tree import Tree

ODD, EVEN, TENTH = 1, 2, 4


def numbers(count: int) -> Tree[int]:
    return Tree.of((kinds_of(at), at) for at in range(count))


def kinds_of(at: int) -> int:
    return (ODD if at % 2 else EVEN) | (TENTH if at % 10 == 0 else 0)


@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 1024, 1025, 33_000])
def test_every_place_keeps_its_value_and_kinds(count: int) -> None:
    tree = numbers(count)
    for at in {0, 1, count // 2, count - 1} & set(range(count)):
        assert tree.look(at) == (kinds_of(at), at)


@pytest.mark.parametrize("count", [0, 1, 32, 33, 1025])
def test_places_of_a_kind_are_found_in_order(count: int) -> None:
    tree = numbers(count)
    assert list(tree.find(TENTH)) == list(range(0, count, 10))
    assert list(tree.find(ODD | EVEN)) == list(range(count))
    assert list(tree.find(8)) == []


def test_an_empty_sequence_has_no_kinds() -> None:
    assert numbers(0).kinds == 0


def test_a_change_is_seen_in_the_copy_alone() -> None:
    before = numbers(1025)
    after = before.put(1024, 8, -1)
    assert (before.look(1024), after.look(1024)) == ((EVEN, 1024), (8, -1))
    assert list(after.find(8)) == [1024]
    assert list(before.find(8)) == []


def test_the_last_of_a_kind_takes_the_kind_with_it() -> None:
    tree = numbers(2).put(1, EVEN, 1)
    assert tree.kinds == EVEN | TENTH

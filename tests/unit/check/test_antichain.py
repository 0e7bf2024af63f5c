from itertools import combinations
from random import Random

from insvc.check.antichain import transpose, widest


def closed(rows: list[int]) -> list[int]:
    """The same order with everything that follows from it."""
    for member, row in enumerate(rows):
        for before in range(member):
            if row >> before & 1:
                rows[member] |= rows[before]
    return rows


def brute_force(rows: list[int]) -> int:
    """How many members can be chosen of which none precedes another."""
    members = range(len(rows))
    return max(
        size
        for size in range(len(rows) + 1)
        for chosen in combinations(members, size)
        if not any(rows[b] >> a & 1 for a, b in combinations(chosen, 2))
    )


def test_a_chain_is_one_wide() -> None:
    assert widest([0, 1, 3, 7], 1) == ()
    assert len(widest([0, 1, 3, 7], 0)) == 1


def test_what_is_not_ordered_may_come_together() -> None:
    assert widest([0, 0, 0], 2) == (0, 1, 2)


def test_chains_are_exchanged_where_the_first_choice_was_poor() -> None:
    # The last two can both follow the first; one of them the second alone.
    assert widest([0, 0, 0b11, 0b10], 2) == ()


def test_it_is_exact_on_random_orders() -> None:
    random = Random(7)
    for _ in range(300):
        size = random.randint(1, 8)
        density = random.random()
        rows = closed(
            [
                sum(1 << before for before in range(member) if random.random() < density)
                for member in range(size)
            ]
        )
        width = brute_force(rows)
        assert widest(rows, width) == ()
        found = widest(rows, width - 1)
        assert len(found) == width
        assert not any(rows[b] >> a & 1 for a, b in combinations(found, 2))


def test_only_those_that_count_are_chosen() -> None:
    rows = [0, 0, 0b11, 0, 0b1100]
    assert widest(rows, 0, 0b00111) == (0, 1)
    assert widest(rows, 2, 0b00111) == ()
    assert widest(rows, 1, 0b01100) == (2, 3)
    assert widest(rows, 0, 0) == ()


def test_rows_are_turned() -> None:
    random = Random(1)
    for size in (0, 1, 2, 3, 8, 13):
        rows = [random.getrandbits(size) for _ in range(size)]
        turned = transpose(rows)
        assert len(turned) == size
        assert all(
            (turned[one] >> other & 1) == (rows[other] >> one & 1)
            for one in range(size)
            for other in range(size)
        )


def test_what_led_nowhere_once_is_not_tried_again() -> None:
    random = Random(2)
    rows = closed(
        [
            sum(1 << before for before in range(member) if random.random() < 0.02)
            for member in range(90)
        ]
    )
    found = widest(rows, 0)
    assert not any(rows[b] >> a & 1 for a, b in combinations(found, 2))
    assert widest(rows, len(found)) == ()
    assert widest(rows, len(found) - 1) == found

"""In which order services end that need each other."""

from hypothesis import given
from hypothesis import strategies as st

from insvc.supervise.stop_order import stop_order

NAMES = tuple("abcdef")


def test_who_needs_another_ends_before_it() -> None:
    needs = {"address": (), "disk": (), "mount": ("disk",), "server": ("mount", "address")}
    order = stop_order(needs)
    assert order.index("server") < order.index("mount") < order.index("disk")
    assert order.index("server") < order.index("address")


def test_what_is_needed_and_not_there_is_not_stopped() -> None:
    assert stop_order({"mount": ("disk",)}) == ("mount",)


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES)).map(tuple)))
def test_each_ends_once_and_a_circle_too(needs: dict[str, tuple[str, ...]]) -> None:
    order = stop_order(needs)
    assert sorted(order) == sorted(needs)


@given(st.permutations(NAMES), st.data())
def test_without_a_circle_nothing_ends_that_is_still_needed(
    line: list[str], data: st.DataObject
) -> None:
    needs = {
        name: tuple(data.draw(st.lists(st.sampled_from(line[:place])))) if place else ()
        for place, name in enumerate(line)
    }
    order = stop_order(needs)
    for name, of in needs.items():
        assert all(order.index(name) < order.index(one) for one in of)

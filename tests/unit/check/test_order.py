from insvc.check.order import make_order
from tests.unit.check.sample import order_of


def test_steps_are_numbered_after_what_they_wait_for() -> None:
    order = order_of(c="a b", b="a", a="", d="")
    assert all(before < node for node, befores in enumerate(order.after) for before in befores)


def test_marks_reach_whatever_comes_later_and_nothing_else() -> None:
    order = order_of(a="", b="a", c="b", d="")
    marks = {order.place["a"]: 1, order.place["b"]: 2}
    strict = order.ancestors(marks)
    assert [strict[order.place[name]] for name in "abcd"] == [0, 1, 3, 0]


def test_marks_reach_back_to_whatever_comes_before() -> None:
    order = order_of(a="", b="a", c="b", d="")
    strict = order.descendants({order.place["c"]: 1})
    assert [strict[order.place[name]] for name in "abcd"] == [1, 1, 0, 0]


def test_one_step_precedes_another_through_any_number_of_others() -> None:
    order = order_of(a="", b="a", c="b", d="c", e="a")
    place = order.place
    assert order.precedes(place["a"], place["d"])
    assert not order.precedes(place["e"], place["d"])
    assert not order.precedes(place["d"], place["a"])
    assert not order.precedes(place["a"], place["a"])


def test_what_is_near_is_one_or_two_waits_away() -> None:
    order = order_of(a="", b="a", c="b", d="c")
    assert order.near(order.place["d"]) == {order.place["c"], order.place["b"]}


def test_the_far_side_of_many_waits_is_not_near() -> None:
    many = {f"m{number}": "first" for number in range(20)}
    order = order_of(first="", **many, last=" ".join(many))
    assert order.place["first"] not in order.near(order.place["last"])


def test_steps_that_wait_for_one_another_are_named() -> None:
    order, circle = make_order({"a": ["b"], "b": ["a"], "c": []})
    assert order is None
    assert circle == ("a", "b")


def test_a_rest_anywhere_between_keeps_two_steps_apart() -> None:
    order = order_of(a="", b="a", c="b", d="c", e="a")
    marks = {order.place["a"]: 1, order.place["c"]: 2}
    rests = [name == "c" for name in order.ids]
    strict, rested = order.rested(marks, rests)
    assert [strict[order.place[name]] for name in "abcde"] == [0, 1, 1, 3, 1]
    assert [rested[order.place[name]] for name in "abcde"] == [0, 0, 1, 1, 0]


def test_pauses_are_those_of_the_longest_chain() -> None:
    order = order_of(a="", b="a", c="a", d="b c", e="")
    soaks = {"a": 9.0, "b": 1.0, "c": 4.0, "d": 2.0, "e": 7.0}
    found = order.pauses_s(order.place["a"], [soaks[name] for name in order.ids])
    told = {order.ids[node]: pause_s for node, pause_s in found.items()}
    assert told == {"a": 0.0, "b": 1.0, "c": 4.0, "d": 6.0}


def test_a_rest_on_the_way_is_found_whichever_way_that_is() -> None:
    order = order_of(a="", b="a", c="a", d="b c", e="d", f="")
    place = order.place
    rests = [name in {"a", "c"} for name in order.ids]
    assert order.precedes_with_rest(place["a"], place["e"], rests)
    assert order.precedes_with_rest(place["a"], place["c"], rests)
    assert not order.precedes_with_rest(place["a"], place["b"], rests)
    assert not order.precedes_with_rest(place["b"], place["e"], rests)
    assert not order.precedes_with_rest(place["a"], place["f"], rests)

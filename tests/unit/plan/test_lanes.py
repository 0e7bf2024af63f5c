"""`insvc.plan.lanes`: so many at once and no more, by chains."""

from insvc.plan.lanes import HostSlots, Lanes


def test_the_first_users_wait_for_nobody() -> None:
    lanes = Lanes(2, "why")
    assert lanes.free_s() == 0.0
    assert lanes.first_free() is None
    lanes.take("a", 5.0)
    assert lanes.free_s() == 0.0
    assert lanes.first_free() is None
    lanes.take("b", 3.0)
    assert lanes.free_s() == 3.0


def test_who_comes_later_follows_who_is_done_first() -> None:
    lanes = Lanes(2, "why")
    lanes.take("a", 5.0)
    lanes.take("b", 3.0)
    assert lanes.first_free() == "b"
    lanes.take("c", 9.0)
    assert lanes.first_free() == "a"
    lanes.take("d", 9.0)
    assert lanes.tails() == ((9.0, "c"), (9.0, "d"))


def test_hosts_take_turns_and_wait_for_all_of_the_former() -> None:
    slots = HostSlots(room=1, why="why")
    lanes = {"x": Lanes(2, ""), "y": Lanes(2, "")}
    assert slots.has("x")
    assert slots.waits_for("x", lanes) == ()
    slots.take("x", lanes)
    lanes["x"].take("a@x", 2.0)
    lanes["x"].take("b@x", 4.0)
    assert slots.has("x")
    assert not slots.has("y")
    waits = ((2.0, "a@x"), (4.0, "b@x"))
    assert slots.waits_for("x", lanes) == ()
    assert slots.waits_for("y", lanes) == waits
    slots.take("x", lanes)
    slots.take("y", lanes)
    assert slots.waits_for("y", lanes) == waits
    assert not slots.has("x")


def test_the_host_that_is_done_first_gives_way() -> None:
    slots = HostSlots(room=2, why="why")
    lanes = {name: Lanes(1, "") for name in "xyz"}
    for name, end_s in (("x", 7.0), ("y", 3.0)):
        slots.take(name, lanes)
        lanes[name].take(f"a@{name}", end_s)
    assert slots.waits_for("z", lanes) == ((3.0, "a@y"),)

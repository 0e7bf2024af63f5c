"""`insvc.plan.lanes`: so many at once and no more, by chains."""

from insvc.plan.lanes import HostSlots, Lanes


def test_the_first_users_wait_for_nobody() -> None:
    lanes = Lanes(2, "why")
    assert lanes.free_s(0.0) == 0.0
    assert lanes.first_free() is None
    lanes.take("a", 5.0)
    assert lanes.free_s(0.0) == 0.0
    assert lanes.first_free() is None
    lanes.take("b", 3.0)
    assert lanes.free_s(0.0) == 3.0


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
    slots = HostSlots(room=1, why="why", soak_s=0.0)
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
    slots = HostSlots(room=2, why="why", soak_s=0.0)
    lanes = {name: Lanes(1, "") for name in "xyz"}
    for name, end_s in (("x", 7.0), ("y", 3.0)):
        slots.take(name, lanes)
        lanes[name].take(f"a@{name}", end_s)
    assert slots.waits_for("z", lanes) == ((3.0, "a@y"),)


def test_a_lane_rests_as_long_as_the_longer_of_two_pauses() -> None:
    lanes = Lanes(1, "why", soak_s=2.0)
    assert lanes.free_s(9.0) == 0.0
    lanes.take("a", 5.0)
    assert lanes.free_s(0.0) == 7.0
    assert lanes.free_s(1.0) == 7.0
    assert lanes.free_s(9.0) == 14.0


def test_tails_are_in_the_order_of_their_ends() -> None:
    lanes = Lanes(3, "why")
    for step, end_s in (("a", 1.0), ("b", 3.0), ("c", 2.0)):
        lanes.take(step, end_s)
    assert lanes.tails() == ((1.0, "a"), (2.0, "c"), (3.0, "b"))


def test_a_host_gives_way_when_its_last_step_has_ended() -> None:
    slots = HostSlots(room=2, why="why", soak_s=0.0)
    lanes = {name: Lanes(2, "") for name in "xyz"}
    for step, end_s in (("a@x", 0.2), ("b@x", 0.8), ("a@y", 0.5)):
        slots.take(step[-1], lanes)
        lanes[step[-1]].take(step, end_s)
    assert slots.waits_for("z", lanes) == ((0.5, "a@y"),)


def test_of_hosts_that_are_done_together_the_one_begun_first_gives_way() -> None:
    slots = HostSlots(room=2, why="why", soak_s=0.0)
    lanes = {name: Lanes(1, "") for name in "xyz"}
    for name in "yx":
        slots.take(name, lanes)
        lanes[name].take(f"a@{name}", 3.0)
    slots.take("z", lanes)
    assert slots.has("x")
    assert not slots.has("y")

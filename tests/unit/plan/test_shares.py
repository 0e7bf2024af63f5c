"""`insvc.plan.shares`: every limit, divided between single hosts and hosts that are alike."""

import pytest

from insvc.model.words import Personality
from insvc.plan.shares import Shares, slot_key, slot_keys, waves
from tests.unit.plan.crowd import crowd, stages
from tests.unit.plan.sample import Cloud, entry, stale

WORKERS = slot_key(Personality.WORKER)


def db(alike: int, alone: int, room: int) -> Shares:
    """The shares of one service on so many hosts that are alike, and so many that are not."""
    cloud = crowd(Cloud(entry("db")), alike, stale("db"))
    for number in range(alone):
        cloud.host(f"storage-{number}", stale("db"), subfunctions=(Personality.WORKER,) * number)
    return stages(cloud, max_unavailable=room).shares


def divided(shares: Shares, key: str = "db") -> tuple[int, int]:
    """What the schedule may use, a line counting as one there; and what is left for the lines."""
    return shares.rooms[key].room, shares.left[key].room


def took_s(cloud: Cloud, parallel_services: int = 2) -> float:
    """How long one step takes."""
    found = stages(cloud, parallel_services=parallel_services)
    step = found.drafts[0].steps[0]
    return step.task.estimate.duration_s


def test_the_last_ones_of_a_count_take_a_turn_too() -> None:
    assert [waves(count, 3) for count in (1, 3, 4, 6, 7)] == [1, 1, 2, 2, 3]


def test_where_no_hosts_are_alike_everybody_has_the_whole_of_each_limit() -> None:
    shares = db(alike=0, alone=2, room=2)
    assert shares.rooms == shares.whole == shares.left
    assert shares.spans_s == {}


def test_where_all_hosts_are_alike_the_line_has_the_whole_limit() -> None:
    shares = db(alike=8, alone=0, room=3)
    assert divided(shares) == (1, 3)
    assert shares.whole["db"].room == 3
    assert shares.left["db"].why == shares.whole["db"].why


def test_a_part_is_kept_for_hosts_that_stand_for_themselves() -> None:
    # 6 of 18 members are single: of 9 places they have 3, and the line counts as one more.
    assert divided(db(alike=12, alone=6, room=9)) == (3 + 1, 6)
    assert divided(db(alike=5, alone=1, room=4)) == (1 + 1, 3)


def test_no_more_is_kept_than_there_are_single_hosts() -> None:
    schedule, left = divided(db(alike=4, alone=1, room=40))
    assert (schedule, left) == (2, 39)


def test_with_room_for_one_all_go_one_after_the_other() -> None:
    assert divided(db(alike=6, alone=2, room=1)) == (1, 1)


def test_single_hosts_wait_rather_than_that_a_crowd_takes_one_turn_more() -> None:
    # 6 hosts take 2 turns in 3 lanes, and would take 3 turns in the 2 that are left.
    assert divided(db(alike=6, alone=1, room=3)) == (1, 3)
    # 5 hosts take 2 turns in 4 lanes, and in 3 as well.
    assert divided(db(alike=5, alone=1, room=4)) == (2, 3)


def test_each_further_kind_has_a_place_in_the_schedule() -> None:
    cloud = crowd(crowd(Cloud(entry("db")), 6, stale("db")), 6, stale("db"), kind="storage")
    assert divided(stages(cloud, max_unavailable=4).shares) == (2, 3)
    assert divided(stages(cloud, max_unavailable=1).shares) == (1, 1)


def test_hosts_of_a_limited_personality_are_shared_out_as_services_are() -> None:
    cloud = crowd(Cloud(entry("db")), 6, stale("db"))
    cloud.host("storage-0", stale("db"), subfunctions=(Personality.WORKER,))
    cloud.host("storage-1", stale("db"))
    shares = stages(cloud, max_unavailable=9, parallel_hosts={"worker": "60%"}).shares
    assert shares.slots[Personality.WORKER].room + shares.left[WORKERS].room == 4 + 1
    assert "at most 4" in shares.left[WORKERS].why
    assert "law 5" in shares.left[WORKERS].why


def test_a_slot_rests_for_the_pause_of_its_personality() -> None:
    cloud = crowd(Cloud(entry("db")), 3, stale("db"))
    shares = stages(cloud, parallel_hosts={"worker": 2}, soak_s_of={"worker": 30.0}).shares
    assert shares.slots[Personality.WORKER].soak_s == 30.0
    assert shares.left[WORKERS].soak_s == 30.0


def test_a_host_falls_under_the_limits_of_all_that_it_serves_as() -> None:
    cloud = Cloud(entry("db"))
    cloud.host("compute-0", stale("db"), subfunctions=(Personality.STORAGE,))
    limited = (Personality.CONTROLLER, Personality.STORAGE, Personality.WORKER)
    keys = slot_keys(cloud.view(), "compute-0", limited)
    assert keys == [slot_key(Personality.STORAGE), WORKERS]


@pytest.mark.parametrize(("room", "turns"), [(1, 6), (2, 3), (4, 2), (6, 1)])
def test_a_line_takes_about_as_many_turns_as_its_room_wants(room: int, turns: int) -> None:
    cloud = crowd(Cloud(entry("db")), 6, stale("db"))
    spans_s = stages(cloud, max_unavailable=room).shares.spans_s
    assert spans_s == pytest.approx({"compute-0": turns * took_s(cloud)})


def test_the_next_host_begins_early_unless_hosts_are_limited() -> None:
    cloud = crowd(Cloud(entry("db"), entry("api")), 4, stale("db"), stale("api"))
    one_s = took_s(cloud, 1)
    free = stages(cloud, parallel_services=1).shares.spans_s
    tied = stages(cloud, parallel_services=1, parallel_hosts={"worker": 1}).shares.spans_s
    assert free == pytest.approx({"compute-0": 2 * one_s + 3 * one_s})
    assert tied == pytest.approx({"compute-0": 4 * 2 * one_s})


def test_hosts_of_another_personality_have_no_part_of_a_limit_on_hosts() -> None:
    cloud = crowd(Cloud(entry("db")), 6, stale("db"))
    for number in range(3):
        cloud.host(f"storage-{number}", stale("db"))
    shares = stages(cloud, max_unavailable=9, parallel_hosts={"worker": 5}).shares
    assert (shares.slots[Personality.WORKER].room, shares.left[WORKERS].room) == (1, 5)
    assert shares.slots[Personality.WORKER].soak_s == 0.0
    percent = stages(cloud, max_unavailable=9, parallel_hosts={"worker": "50%"}).shares
    assert percent.left[WORKERS].room == 3


def test_the_narrowest_limit_says_how_many_turns_a_line_takes() -> None:
    cloud = crowd(Cloud(entry("db"), entry("api")), 6, stale("db"), stale("api"))
    one_s = took_s(cloud)
    narrow = stages(cloud, max_unavailable=6, max_unavailable_of={"api": 2}).shares
    assert narrow.spans_s == pytest.approx({"compute-0": 3 * one_s})
    few = stages(cloud, max_unavailable=6, parallel_hosts={"worker": 2}).shares
    assert few.spans_s == pytest.approx({"compute-0": 3 * one_s})


def test_the_longest_step_of_a_turn_says_how_long_a_line_takes() -> None:
    cloud = Cloud(entry("db"), entry("api"))
    crowd(cloud, 4, stale("db", started_in_s=1.0), stale("api", started_in_s=30.0))
    found = stages(cloud, parallel_services=2)
    times_s = [one.task.estimate.duration_s for draft in found.drafts for one in draft.steps]
    assert min(times_s) < max(times_s)
    assert found.shares.spans_s == pytest.approx({"compute-0": 4 * max(times_s)})

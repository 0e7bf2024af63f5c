"""`insvc.plan.stages`: which steps of alike hosts form one line, and which go together."""

from typing import Any

from insvc.catalog.entry import Before, CarriesTraffic, Command, Entry
from insvc.model.words import Personality
from insvc.plan.stages import Draft
from tests.unit.plan.crowd import crowd, stages
from tests.unit.plan.sample import Cloud, entry, fresh, stale

DB = entry("db")
API = entry("api", depends_on=("db",))


def drafts(cloud: Cloud, **policy: Any) -> list[Draft]:
    return list(stages(cloud, **policy).drafts)


def steps(draft: Draft) -> list[str]:
    return [one.task.need.id for one in draft.steps]


def two_kinds(*entries: Entry, storage: int = 4, compute: int = 4) -> Cloud:
    """So many storage hosts alike, and so many compute hosts, with all services on both."""
    found = [stale(one.name) for one in entries]
    cloud = crowd(Cloud(*entries), storage, *found, kind="storage")
    return crowd(cloud, compute, *found)


def test_without_hosts_that_are_alike_there_is_no_line() -> None:
    assert drafts(Cloud(DB).host("compute-0", stale("db"))) == []


def test_what_waits_only_on_its_own_host_is_one_line() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 4, stale("db"), stale("web"))
    (line,) = drafts(cloud, parallel_services=1)
    assert (line.id, line.first) == ("line@compute-0", "compute-0")
    assert steps(line) == ["db@compute-0", "web@compute-0"]
    assert line.after == {}


def test_an_order_that_holds_everywhere_splits_a_kind_in_two_lines() -> None:
    first, then = drafts(crowd(Cloud(DB, API), 4, stale("db"), stale("api")))
    assert (first.id, steps(first)) == ("line@compute-0", ["db@compute-0"])
    assert (then.id, steps(then)) == ("line-2@compute-0", ["api@compute-0"])
    assert list(then.after) == ["line@compute-0"]


def test_what_nothing_waits_for_joins_the_last_line_of_its_kind() -> None:
    cloud = crowd(Cloud(DB, API, entry("web")), 4, stale("db"), stale("api"), stale("web"))
    first, then = drafts(cloud)
    assert steps(first) == ["db@compute-0"]
    assert sorted(steps(then)) == ["api@compute-0", "web@compute-0"]


def test_a_step_of_another_host_between_two_of_a_kind_splits_it() -> None:
    # The one instance of b waits for every a, and every c waits for it.
    chain = (entry("a"), entry("b", depends_on=("a",)), entry("c", depends_on=("b",)))
    cloud = crowd(Cloud(*chain), 4, stale("a"), stale("c")).host("storage-0", stale("b"))
    assert [steps(one) for one in drafts(cloud)] == [["a@compute-0"], ["c@compute-0"]]


def test_kinds_share_a_limit_by_what_they_have_to_do() -> None:
    # One place of nine is the schedule's; 4 of the other 8 for each of two alike.
    even = drafts(two_kinds(DB, storage=12, compute=12), max_unavailable=9)
    assert [one.at_once for one in even] == [4, 4]
    first, then = drafts(two_kinds(DB, storage=30, compute=10), max_unavailable=9)
    assert first.at_once > then.at_once
    assert first.at_once + then.at_once <= 8
    assert (first.after, then.after) == ({}, {})


def test_no_more_hosts_go_at_once_than_saves_a_turn() -> None:
    (line,) = drafts(crowd(Cloud(DB), 10, stale("db")), max_unavailable=8)
    # 8 at once would take two turns, and so do 5.
    assert line.at_once == 5
    (all_at_once,) = drafts(crowd(Cloud(DB), 10, stale("db")), max_unavailable=10)
    assert all_at_once.at_once == 10


def test_the_narrowest_limit_says_how_many_go_at_once_and_why() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 6, stale("db"), stale("web"))
    (line,) = drafts(cloud, max_unavailable=6, max_unavailable_of={"web": 2})
    assert line.at_once == 2
    assert "web" in line.why
    (line,) = drafts(cloud, max_unavailable=6, parallel_hosts={"worker": 3})
    assert line.at_once == 3
    assert "worker" in line.why


def test_kinds_with_too_little_room_go_one_after_the_other() -> None:
    first, then = drafts(two_kinds(DB), max_unavailable=1)
    assert (first.at_once, then.at_once) == (1, 1)
    assert then.after == {first.id: "it uses what they use (laws 5 and 11)"}


def test_a_third_kind_waits_for_both_that_share_the_room() -> None:
    cloud = two_kinds(DB)
    crowd(cloud, 4, stale("db"), at=10, failure_domain="east")
    one, two, three = drafts(cloud, max_unavailable=4)
    assert (one.after, two.after) == ({}, {})
    assert set(three.after) == {one.id, two.id}


def test_kinds_that_share_no_limit_do_not_wait_for_one_another() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 4, stale("db"))
    crowd(cloud, 4, stale("web"), kind="storage")
    assert [one.after for one in drafts(cloud)] == [{}, {}]


def test_what_carries_the_traffic_goes_one_at_a_time() -> None:
    net = entry("net", special_handling=(CarriesTraffic(),))
    first, then = drafts(two_kinds(net), max_unavailable=8)
    assert [first.at_once, then.at_once] == [1, 1]
    assert "one at a time (law 7)" in first.why
    assert (first.by_host, then.by_host) == (True, True)
    assert list(then.after) == [first.id]


def test_a_lane_passes_on_step_by_step_where_nothing_forbids_it() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 4, stale("db"), stale("web"))
    (line,) = drafts(cloud)
    assert not line.by_host


def test_a_lane_passes_on_host_by_host_where_hosts_are_limited() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 4, stale("db"), stale("web"))
    (line,) = drafts(cloud, parallel_hosts={"worker": 1})
    assert line.by_host
    (line,) = drafts(cloud, parallel_hosts={"storage": 1})
    assert not line.by_host


def test_what_carries_the_traffic_waits_for_all_else_on_all_hosts() -> None:
    net = entry("net", special_handling=(CarriesTraffic(),))
    first, then = drafts(crowd(Cloud(net, DB), 4, stale("net"), stale("db")))
    assert steps(first) == ["db@compute-0"]
    assert steps(then) == ["net@compute-0"]
    assert list(then.after) == [first.id]


def test_a_lane_passes_on_host_by_host_where_two_steps_take_the_same_down() -> None:
    both = [entry(name, restart=(Command(run=f"sm-restart service {name}"),)) for name in "ab"]
    (line,) = drafts(crowd(Cloud(*both), 4, stale("a"), stale("b")))
    assert not line.by_host
    # What needs both stops along with each of them.
    web = entry("web", depends_on=("a", "b"))
    (line,) = drafts(crowd(Cloud(*both, web), 4, stale("a"), stale("b"), fresh("web")))
    assert line.by_host


def test_kinds_share_a_limit_by_the_time_that_their_work_takes() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 12, stale("db"), kind="storage")
    crowd(cloud, 12, stale("db"), stale("web"))
    # Twice the work, twice the part of six places: 1 + 2 lanes, and 1 + 4, of which 4 will do.
    assert [one.at_once for one in drafts(cloud, max_unavailable=9)] == [3, 4]


def test_a_kind_waits_for_those_only_whose_limit_it_uses() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 4, stale("db"), kind="storage")
    crowd(cloud, 4, stale("web"))
    crowd(cloud, 4, stale("db"), at=10)
    by_id = {one.id: one for one in drafts(cloud)}
    assert set(by_id["line@compute-10"].after) == {"line@storage-0"}


def test_kinds_have_no_part_of_a_limit_that_they_do_not_use() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 8, stale("db"), kind="storage")
    crowd(cloud, 8, stale("web"))
    assert [one.at_once for one in drafts(cloud, max_unavailable=8)] == [8, 8]


def three_kinds(*, room: int) -> list[Draft]:
    """Three kinds that the schedule takes together, whether or not there is room for them all."""
    cloud = two_kinds(DB)
    crowd(cloud, 4, stale("db"), at=10, subfunctions=(Personality.STORAGE,))
    return drafts(cloud, max_unavailable=room)


def test_no_more_kinds_go_together_than_there_is_room_for() -> None:
    one, two, three = three_kinds(room=4)
    assert (one.after, two.after) == ({}, {})
    assert set(three.after) == {one.id, two.id}
    one, two, three = three_kinds(room=2)
    assert (one.after, set(two.after)) == ({}, {one.id})
    assert {one.id, two.id} >= set(three.after) >= {two.id}


def test_an_order_on_the_active_controller_divides_no_kind() -> None:
    rule = Before(entries=("web",), where="active-controller")
    first = entry("db", special_handling=(rule,))
    cloud = Cloud(first, entry("web")).host("controller-0", stale("db"), stale("web"))
    crowd(cloud, 4, stale("db"), stale("web"))
    assert [sorted(steps(one)) for one in drafts(cloud)] == [["db@compute-0", "web@compute-0"]]


def test_steps_of_two_kinds_that_wait_for_the_same_go_together() -> None:
    cloud = crowd(Cloud(DB, API), 4, stale("api"), kind="storage")
    crowd(cloud, 4, stale("db"), stale("api"))
    by_id = {one.id: one for one in drafts(cloud, max_unavailable=4)}
    assert "line@storage-0" not in by_id["line-2@compute-0"].after
    assert "line-2@compute-0" not in by_id["line@storage-0"].after


def test_a_chain_of_three_makes_three_lines_and_the_first_goes_with_others() -> None:
    web = entry("web", depends_on=("db", "api"))
    cloud = crowd(Cloud(DB, API, web), 4, stale("db"), kind="storage")
    crowd(cloud, 4, stale("db"), stale("api"), stale("web"))
    found = drafts(cloud, max_unavailable=4)
    by_id = {one.id: steps(one) for one in found if one.first == "compute-0"}
    assert list(by_id.values()) == [["db@compute-0"], ["api@compute-0"], ["web@compute-0"]]
    storage = next(one for one in found if one.first == "storage-0")
    assert storage.after == {}
    assert found[[one.id for one in found].index("line@compute-0")].after == {}


def test_what_nothing_waits_for_goes_with_the_first_line_of_another_kind() -> None:
    cloud = crowd(Cloud(DB, API, entry("free")), 4, stale("db"), stale("api"))
    crowd(cloud, 4, stale("free"), at=10)
    found = {one.id: one for one in drafts(cloud, max_unavailable=4, parallel_hosts={"worker": 4})}
    assert found["line@compute-0"].after == found["line@compute-10"].after == {}
    assert set(found["line-2@compute-0"].after) == {"line@compute-0", "line@compute-10"}

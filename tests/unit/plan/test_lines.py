"""`insvc.plan.lines`: lines get their hosts and their times, and single steps make room."""

import dataclasses
from typing import Any

import pytest

from insvc.catalog.entry import Probe, Service
from insvc.model.words import Personality
from insvc.plan.lines import lay_out
from insvc.plan.policy import Policy
from insvc.plan.turns import line_times
from tests.unit.plan.crowd import crowd, folded_plan, only_line, stages
from tests.unit.plan.sample import Cloud, entry, fresh, stale

DB = entry("db")
API = entry("api", depends_on=("db",))


def test_without_lines_the_schedule_stays_as_it_was() -> None:
    cloud = Cloud(DB).host("compute-0", stale("db"))
    layout = stages(cloud).layout
    assert layout.lines == ()
    assert [one.task.need.id for one in layout.placed] == ["db@compute-0"]
    assert layout.tails == ("db@compute-0",)
    assert layout.end_s == layout.placed[0].end_s > 0
    assert lay_out(cloud.view(), {}, (), Policy(), ()).end_s == 0.0


def test_a_line_has_every_host_of_its_kind_and_the_steps_of_the_first() -> None:
    layout = stages(crowd(Cloud(DB), 5, stale("db")), max_unavailable=2).layout
    (line,) = layout.lines
    assert layout.placed == ()
    assert [one.host for one in line.hosts] == [f"compute-{number}" for number in range(5)]
    assert [step.id for step in line.turn] == ["db@compute-0"]
    assert (line.at_once, line.after, layout.tails) == (2, (), (line.id,))
    assert layout.end_s == line.end_s


def test_each_host_has_its_own_processes_and_its_own_address() -> None:
    probed = Service(name="db", readiness=Probe(kind="tcp", port=80))
    cloud = Cloud(entry("db", services=(probed,)), entry("web"))
    for number in range(3):
        address = f"10.0.0.{number}"
        crowd(cloud, 1, stale("db"), stale("web"), at=number, address=address)
    line = only_line(folded_plan(cloud))
    for number, one in enumerate(line.hosts):
        assert [process.boot_id for (process,) in one.expects] == [f"compute-{number}"] * 2
        assert one.endpoints == (f"10.0.0.{number}:80", None)
    assert line.turn[0].endpoint == line.hosts[0].endpoints[0]


def test_an_endpoint_that_was_seen_goes_before_what_the_catalog_says() -> None:
    probed = Service(name="db", readiness=Probe(kind="tcp", port=80))
    cloud = Cloud(entry("db", services=(probed,)))
    for number, seen in enumerate(["10.9.9.9:81", None, None]):
        address = None if number == 2 else "10.0.0.1"
        cloud.host(f"compute-{number}", stale("db", endpoint=seen), address=address)
    line = only_line(folded_plan(cloud))
    assert [one.endpoints for one in line.hosts] == [("10.9.9.9:81",), ("10.0.0.1:80",), (None,)]


def test_what_a_host_has_is_found_whatever_the_order_it_was_reported_in() -> None:
    cloud = Cloud(DB, entry("web"))
    crowd(cloud, 3, stale("web"), stale("db"), fresh("other"))
    line = only_line(folded_plan(cloud, parallel_services=1))
    assert [step.service for step in line.turn] == ["db", "web"]
    assert all(len(one.expects) == len(one.endpoints) == 2 for one in line.hosts)


def test_a_single_host_waits_for_a_line_as_a_whole() -> None:
    cloud = crowd(Cloud(DB, API), 4, stale("db")).host("storage-0", stale("api"))
    layout = stages(cloud).layout
    (line,), (api,) = layout.lines, layout.placed
    assert api.after == {line.id: "api depends on db (law 3)"}
    assert api.start_s == line.end_s
    assert api.end_s == layout.end_s > line.end_s
    assert layout.tails == ("api@storage-0",)


def test_a_line_waits_for_single_hosts_and_says_why() -> None:
    cloud = crowd(Cloud(DB, API), 4, stale("api")).host("storage-0", stale("db"))
    layout = stages(cloud).layout
    (line,), (db,) = layout.lines, layout.placed
    (api,) = line.turn
    assert line.after == ()
    assert api.after == ("db@storage-0",)
    assert api.start_s == db.end_s
    assert "after db@storage-0: api depends on db (law 3)" in api.reason


def test_only_what_depends_on_a_single_host_is_held_up_by_it() -> None:
    cloud = crowd(Cloud(DB, API, entry("free")), 4, stale("free"), stale("api"))
    (line,) = stages(cloud.host("storage-0", stale("db"))).layout.lines
    starts = {step.service: step.start_s for step in line.turn}
    assert starts["free"] == 0.0
    assert starts["api"] > 0.0


def test_a_line_waits_for_a_line() -> None:
    first, then = folded_plan(crowd(Cloud(DB, API), 4, stale("db"), stale("api"))).lines
    assert then.after == (first.id,)
    assert then.turn[0].start_s == first.end_s
    assert f"after {first.id}: it uses what they use" in then.reason
    assert f"after {first.id}: api depends on db (law 3)" in then.turn[0].reason


def test_a_reason_says_how_many_go_at_once_in_how_many_turns_by_which_limit() -> None:
    line = only_line(folded_plan(crowd(Cloud(DB), 5, stale("db")), max_unavailable=2))
    assert line.reason.startswith("5 hosts alike, 2 at once in 3 turns: at most 2 db down by us")
    assert "law 5" in line.reason


def test_a_line_ends_when_its_last_turn_does() -> None:
    line = only_line(folded_plan(crowd(Cloud(DB), 5, stale("db")), max_unavailable=2))
    one_s = line.turn[0].end_s - line.turn[0].start_s
    assert line.end_s == pytest.approx(3 * one_s)
    *_, last = line_times(line)
    assert last[0][1] == pytest.approx(line.end_s)


def test_the_longest_pause_of_its_services_holds_between_the_hosts_of_a_line() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 3, stale("db"), stale("web"))
    line = only_line(folded_plan(cloud, soak_s=5.0, soak_s_of={"web": 20.0}))
    assert line.pause_s == 20.0


def test_the_pause_of_a_personality_holds_only_where_hosts_are_limited() -> None:
    cloud = crowd(Cloud(DB), 3, stale("db"))
    pauses: dict[str, Any] = {"soak_s": 5.0, "soak_s_of": {"worker": 30.0, "storage": 90.0}}
    assert only_line(folded_plan(cloud, **pauses)).pause_s == 5.0
    limited = only_line(folded_plan(cloud, **pauses, parallel_hosts={"worker": 1}))
    assert limited.pause_s == 30.0
    one_s = limited.turn[0].end_s - limited.turn[0].start_s
    assert limited.end_s == pytest.approx(3 * one_s + 2 * 30.0)


def test_a_line_rests_after_what_it_waits_for_and_not_before_the_run() -> None:
    cloud = crowd(Cloud(DB, API), 3, stale("db"), stale("api"))
    first, then = folded_plan(cloud, soak_s=7.0).lines
    assert first.turn[0].start_s == 0.0
    assert then.turn[0].start_s == pytest.approx(first.end_s + 7.0)


def test_a_single_step_rests_after_the_line_it_waits_for() -> None:
    cloud = crowd(Cloud(DB), 3, stale("db"))
    cloud.host("compute-9", stale("db"), failure_domain="east")
    plan = folded_plan(cloud, soak_s=7.0)
    (alone,) = plan.steps
    assert alone.after == (only_line(plan).id,)
    assert alone.soak_s == 7.0
    assert alone.start_s == pytest.approx(only_line(plan).end_s + 7.0)


def test_everything_ends_with_the_last_line_and_the_last_single_step() -> None:
    cloud = Cloud(*map(entry, ("db", "web", "one", "two")))
    crowd(cloud, 4, stale("db", started_in_s=9.0)).host("storage-8", stale("one"))
    crowd(cloud, 4, stale("web"), kind="storage").host("storage-9", stale("two"))
    layout = stages(cloud).layout
    lines, singles = layout.lines, layout.placed
    assert len({line.end_s for line in lines}) == len(lines) == len(singles) == 2
    assert layout.end_s == max(line.end_s for line in lines) > max(one.end_s for one in singles)
    late = dataclasses.replace(singles[0], end_s=layout.end_s + 1)
    longer = dataclasses.replace(layout, placed=(*singles, late))
    assert longer.end_s == late.end_s
    longer = dataclasses.replace(layout, placed=(late, *singles))
    assert longer.end_s == late.end_s


def test_times_of_lines_are_whole_milliseconds() -> None:
    cloud = crowd(Cloud(DB, API), 3, stale("db"), stale("api"))
    first, then = folded_plan(cloud, soak_s=7.0123449).lines
    start_s = then.turn[0].start_s
    assert start_s == round(first.end_s + 7.0123449, 3) != round(first.end_s + 7.0123449, 2)
    assert start_s != round(first.end_s + 7.0123449, 4)
    assert then.end_s == round(then.end_s, 3) != round(then.end_s, 2)


def test_a_single_step_waits_for_the_last_of_all_it_waits_for() -> None:
    cloud = crowd(Cloud(DB, entry("web"), entry("api", depends_on=("db", "web"))), 4, stale("db"))
    cloud.host("storage-0", stale("web")).host("storage-1", stale("api"))
    layout = stages(cloud).layout
    found = {one.task.need.id: one for one in layout.placed}
    (line,) = layout.lines
    assert found["web@storage-0"].start_s == 0.0
    assert found["api@storage-1"].start_s == line.end_s > found["web@storage-0"].end_s


def test_a_line_waits_for_the_last_of_all_single_hosts() -> None:
    cloud = crowd(Cloud(DB, entry("web"), entry("api", depends_on=("db", "web"))), 4, stale("api"))
    cloud.host("storage-0", stale("web")).host("storage-1", stale("db", started_in_s=9.0))
    layout = stages(cloud).layout
    ends_s = sorted(one.end_s for one in layout.placed)
    assert ends_s[0] < ends_s[1] == layout.lines[0].turn[0].start_s


def test_a_line_has_its_times_after_all_single_hosts_between_two_lines() -> None:
    chain = [
        entry("a"),
        entry("b", depends_on=("a",)),
        entry("c", depends_on=("b",)),
        entry("d", depends_on=("c",)),
    ]
    cloud = crowd(Cloud(*chain), 4, stale("a"), stale("d"))
    layout = stages(cloud.host("storage-0", stale("b")).host("storage-1", stale("c"))).layout
    first, then = layout.lines
    found = {one.task.need.id: one for one in layout.placed}
    assert found["b@storage-0"].start_s == first.end_s
    assert (
        then.turn[0].start_s
        == found["c@storage-1"].end_s
        == found["b@storage-0"].end_s * 2 - (first.end_s)
    )


def test_a_line_ends_with_the_last_step_of_its_last_turn() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 3, stale("db"), stale("web"))
    line = only_line(folded_plan(cloud, max_unavailable=3, parallel_services=1))
    assert line.end_s == line.turn[1].end_s > line.turn[0].end_s


def test_hosts_that_are_limited_rest_only_where_the_policy_says_so() -> None:
    limited = folded_plan(crowd(Cloud(DB), 3, stale("db")), parallel_hosts={"worker": 1})
    assert only_line(limited).pause_s == 0.0


def test_a_line_waits_for_all_that_use_its_limit_and_tells_how_many() -> None:
    cloud = crowd(Cloud(DB, entry("web")), 4, stale("db"), kind="storage")
    crowd(cloud, 4, stale("db"))
    crowd(cloud, 4, stale("db"), stale("web"), at=10, subfunctions=(Personality.STORAGE,))
    one, two, three = folded_plan(cloud, max_unavailable=4, parallel_services=1).lines
    assert three.after == (two.id, one.id) == ("line@compute-0", "line@storage-0")
    assert three.reason.endswith(
        "; after line@compute-0 and 1 more: it uses what they use (laws 5 and 11)"
    )
    assert [step.after for step in three.turn] == [(), (three.turn[0].id,)]
    assert three.turn[0].start_s == max(one.end_s, two.end_s)
    assert three.turn[1].start_s == three.turn[0].end_s

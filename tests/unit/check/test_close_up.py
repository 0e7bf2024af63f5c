"""`insvc.check.close_up`: a plan with lines, seen by a few hosts of each."""

import dataclasses
from typing import Any

import pytest

from insvc.check.close_up import CloseUp, check_ends, close_up
from insvc.check.line_form import make_known
from insvc.model.observation import HostObservation
from insvc.model.topology import Host
from insvc.model.words import Personality
from insvc.plan.plan import Omission, Plan
from insvc.plan.turns import write_out
from tests.unit.plan.crowd import crowd, folded_plan, only_line
from tests.unit.plan.sample import Cloud, entry, fresh, ids, stale

DB = entry("db")
WEB = entry("web")
API = entry("api", depends_on=("db",))


def near(cloud: Cloud, plan: Plan) -> CloseUp:
    known = make_known(plan, cloud.observation, cloud.topology)
    return close_up(plan, cloud.observation, cloud.topology, known)


def seen_at(found: CloseUp) -> list[str]:
    """Which hosts are looked at."""
    return [host.name for host in found.topology.hosts]


def both(count: int = 12, **policy: Any) -> tuple[Plan, CloseUp]:
    """A line of so many hosts, with two steps on each."""
    cloud = crowd(Cloud(DB, WEB), count, stale("db"), stale("web"))
    plan = folded_plan(cloud, **policy)
    return plan, near(cloud, plan)


def test_four_hosts_of_a_line_are_looked_at_and_the_rest_is_counted() -> None:
    _, found = both(12, max_unavailable=3)
    assert seen_at(found) == [f"compute-{number}" for number in range(4)]
    assert [one.host for one in found.observation.hosts] == seen_at(found)
    assert found.plan.lines == ()
    assert len(found.plan.steps) == 8
    (gone,) = found.absent.crowds
    assert (gone.count, gone.host.name, gone.seen.host) == (8, "compute-4", "compute-4")
    (lanes,) = found.absent.lanes
    assert (lanes.count, lanes.rest, lanes.spare) == (3, 1, frozenset())
    assert lanes.shown == set(ids(found.plan))


def test_the_hosts_are_dealt_out_to_two_lanes_where_there_are_so_many() -> None:
    _, wide = both(12, max_unavailable=3)
    assert wide.plan.step("db@compute-2").after == ("db@compute-0",)
    assert wide.plan.step("db@compute-3").after == ("db@compute-1",)
    _, narrow = both(12)
    assert narrow.plan.step("db@compute-1").after == ("db@compute-0",)
    (lanes,) = narrow.absent.lanes
    assert (lanes.count, lanes.rest) == (1, 0)


def test_steps_pass_on_as_when_they_are_written_out() -> None:
    for policy in ({}, {"parallel_hosts": {"worker": 1}}, {"soak_s": 5.0, "parallel_services": 1}):
        plan, found = both(4, **policy)  # all of the hosts, in one lane
        written = {one.id: one for one in write_out(plan).steps}
        for step in found.plan.steps:
            other = written[step.id]
            assert set(step.after) == set(other.after)
            assert (step.soak_s, step.expects) == (other.soak_s, other.expects)
            assert step.start_s == pytest.approx(other.start_s, abs=0.002)
            assert step.end_s == pytest.approx(other.end_s, abs=0.002)


def test_the_last_hosts_have_the_times_of_the_last_turn() -> None:
    plan, found = both(12, max_unavailable=2)
    line = only_line(plan)
    one_s = line.turn[0].end_s - line.turn[0].start_s
    assert found.plan.step("db@compute-0").start_s == 0.0
    assert found.plan.step("db@compute-3").end_s == pytest.approx(6 * one_s, abs=0.002)
    assert max(step.end_s for step in found.plan.steps) == pytest.approx(line.end_s, abs=0.002)


def test_in_one_lane_the_first_three_turns_are_seen_in_their_times() -> None:
    plan, found = both(12)
    one_s = only_line(plan).turn[0].end_s
    ends = [found.plan.step(f"db@compute-{number}").end_s for number in range(4)]
    assert ends == pytest.approx([one_s, 2 * one_s, 3 * one_s, 12 * one_s], abs=0.002)


def test_where_all_go_in_one_turn_all_that_are_looked_at_do() -> None:
    plan, found = both(12, max_unavailable=12)
    assert only_line(plan).at_once == 12
    assert all(not step.after for step in found.plan.steps if step.service == "db")
    (lanes,) = found.absent.lanes
    # Two lanes count as they are looked at; the other two are among the ten that are counted.
    assert (lanes.count, lanes.rest) == (12, 10)
    assert lanes.spare == {
        f"{name}@compute-{number}" for name in ("db", "web") for number in (2, 3)
    }
    assert lanes.shown.isdisjoint(lanes.spare)


def test_a_few_hosts_are_all_looked_at() -> None:
    _, found = both(3)
    assert len(found.topology.hosts) == 3
    assert found.absent.crowds == ()


def test_idle_hosts_that_are_alike_are_thinned_out() -> None:
    cloud = crowd(Cloud(DB), 4, stale("db"))
    crowd(cloud, 9, fresh("db"), kind="storage")
    crowd(cloud, 2, fresh("db"), kind="storage", at=20, failure_domain="east")
    cloud.host("storage-30", fresh("db"), locked=True)
    found = near(cloud, folded_plan(cloud))
    assert seen_at(found)[4:] == [f"storage-{number}" for number in (0, 1, 2, 3, 20, 21, 30)]
    assert [one.count for one in found.absent.crowds] == [5]
    assert found.absent.members("db") == 5


def test_hosts_that_have_a_step_of_their_own_are_all_looked_at() -> None:
    cloud = crowd(Cloud(DB, API), 6, stale("db"))
    crowd(cloud, 6, stale("api"), kind="storage")
    names = [f"storage-{number}" for number in range(6)]
    found = near(cloud, folded_plan(cloud, prefer_first=tuple(names)))
    assert set(names) <= set(seen_at(found))
    assert {f"api@{name}" for name in names} <= set(ids(found.plan))


def test_hosts_of_which_nothing_was_seen_are_all_looked_at() -> None:
    cloud = crowd(Cloud(DB), 4, stale("db"))
    plan = folded_plan(cloud)
    cloud.hosts += [Host(name=f"storage-{at}", personality=Personality.STORAGE) for at in range(6)]
    assert len(seen_at(near(cloud, plan))) == 10


def test_what_is_left_out_is_told_of_the_hosts_that_are_looked_at_and_of_strangers() -> None:
    cloud = crowd(Cloud(DB), 8, stale("db"))
    cloud.seen.append(HostObservation(host="nowhere"))
    omitted = tuple(
        Omission(host=name, service="x", reason="why")
        for name in ("compute-1", "compute-7", "nowhere")
    )
    plan = dataclasses.replace(folded_plan(crowd(Cloud(DB), 8, stale("db"))), omitted=omitted)
    assert [one.host for one in near(cloud, plan).plan.omitted] == ["compute-1", "nowhere"]


def test_what_waits_for_a_line_waits_for_the_last_hosts_that_are_looked_at() -> None:
    cloud = crowd(Cloud(DB, API), 9, stale("db")).host("storage-0", stale("api"))
    found = near(cloud, folded_plan(cloud, max_unavailable=3))
    assert found.plan.step("api@storage-0").after == ("db@compute-2", "db@compute-3")


def test_a_line_after_a_line_waits_for_it_and_is_never_beside_it() -> None:
    cloud = crowd(Cloud(DB, API), 9, stale("db"), stale("api"))
    found = near(cloud, folded_plan(cloud, max_unavailable=3))
    last = ("db@compute-2", "db@compute-3")
    for name in ("api@compute-0", "api@compute-1"):
        assert found.plan.step(name).after == last
    assert found.plan.step("api@compute-2").after == ("api@compute-0",)
    assert [one.beside for one in found.absent.lanes] == [
        {"line@compute-0"},
        {"line-2@compute-0"},
    ]


def test_lines_of_two_kinds_may_be_beside_one_another_unless_something_comes_between() -> None:
    cloud = crowd(crowd(Cloud(DB), 4, stale("db")), 4, stale("db"), kind="storage")
    names = {"line@compute-0", "line@storage-0"}
    together = near(cloud, folded_plan(cloud, max_unavailable=4))
    assert [one.beside for one in together.absent.lanes] == [names, names]
    # Here one host comes after the one kind, and the other kind after it.
    chain = Cloud(DB, API, entry("end", depends_on=("api",)))
    crowd(crowd(chain, 4, stale("db")), 4, stale("end"), kind="storage")
    chain.host("compute-9", stale("api"), failure_domain="east")
    apart = near(chain, folded_plan(chain))
    assert [one.beside for one in apart.absent.lanes] == [{"line@compute-0"}, {"line@storage-0"}]


def test_lines_that_wait_for_one_another_for_ever_are_cut_all_the_same() -> None:
    cloud = crowd(Cloud(DB, API), 4, stale("db"), stale("api"))
    plan = folded_plan(cloud)
    first, then = plan.lines
    circle = dataclasses.replace(
        plan, lines=(dataclasses.replace(first, after=(then.id, "nothing")), then)
    )
    found = near(cloud, circle)
    assert "db@compute-3" in found.plan.step("api@compute-0").after
    assert "api@compute-3" in found.plan.step("db@compute-0").after


def test_a_line_that_ends_otherwise_than_its_last_turn_is_told() -> None:
    plan, _ = both(12, max_unavailable=5)
    assert list(check_ends(plan)) == []
    line = only_line(plan)
    late = dataclasses.replace(plan, lines=(dataclasses.replace(line, end_s=line.end_s + 1.0),))
    (one,) = check_ends(late)
    assert (one.code, one.subject) == ("plan.timeline", line.id)
    assert f"is said to end at {line.end_s + 1.0} s, but its last turn ends at" in one.reason

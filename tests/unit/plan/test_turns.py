"""`insvc.plan.turns`: when the turns of a line take place, and its steps one by one."""

import dataclasses
import re
from typing import Any

import pytest

from insvc.plan.plan import Line, LineHost, Plan, Step
from insvc.plan.turns import line_times, tails_of, write_out
from tests.unit.plan.crowd import crowd, folded_plan
from tests.unit.plan.sample import Cloud, entry, ids, stale


def step(name: str, length_s: float, *after: str, soak_s: float = 0.0) -> Step:
    return Step(
        id=name,
        host="c0",
        service=name.partition("@")[0],
        reason="is stale",
        end_s=length_s,
        after=after,
        soak_s=soak_s,
    )


A = step("a@c0", 2.0)
B = step("b@c0", 3.0, "a@c0")


def line(*turn: Step, hosts: int = 5, at_once: int = 2, by_host: bool = False, **more: Any) -> Line:
    names = [f"c{number}" for number in range(hosts)]
    members = tuple(
        LineHost(host=name, expects=((),) * len(turn), endpoints=(f"{name}:1",) * len(turn))
        for name in names
    )
    made = Line(
        id="line@c0",
        hosts=members,
        at_once=at_once,
        by_host=by_host,
        turn=turn,
        reason="alike (law 5)",
    )
    return dataclasses.replace(made, **more)


def written(*lines: Line, steps: tuple[Step, ...] = ()) -> dict[str, Step]:
    """The steps of a plan with these lines, written out, by id."""
    found = write_out(Plan(lines=lines, steps=steps))
    assert found.lines == ()
    assert list(found.steps) == sorted(found.steps, key=lambda one: (one.start_s, one.id))
    return {one.id: one for one in found.steps}


B_AT = dataclasses.replace(B, start_s=2.0, end_s=5.0)


def second_turn(*turn: Step, **fields: Any) -> list[tuple[float, float]]:
    """The times of the turn after the first one in its lane."""
    _, second, *_ = line_times(line(*turn, **fields))
    return second


def test_the_first_turn_has_the_times_of_the_first_host() -> None:
    assert next(line_times(line(A, B_AT))) == [(0, 2), (2, 5)]


def test_a_step_rests_after_what_precedes_it_in_its_turn() -> None:
    rested = dataclasses.replace(B_AT, soak_s=4.0)
    assert second_turn(A, rested, by_host=True)[1] == (11, 14)


def test_a_lane_that_passes_on_by_host_waits_for_the_whole_turn() -> None:
    assert second_turn(A, B_AT, by_host=True, pause_s=1.0) == [(6, 8), (8, 11)]


def test_a_lane_that_passes_on_step_by_step_begins_as_soon_as_the_same_step_has_ended() -> None:
    assert second_turn(A, B_AT) == [(2, 4), (5, 8)]
    # The pause holds between the same steps of two hosts, the step's own within its host.
    assert second_turn(A, B_AT, pause_s=4.0) == [(6, 8), (12, 15)]
    rested = dataclasses.replace(B_AT, soak_s=6.0)
    assert second_turn(A, rested, pause_s=4.0)[1] == (14, 17)


def test_what_a_step_waits_for_outside_of_the_line_delays_no_later_turn() -> None:
    late = dataclasses.replace(B, start_s=9.0, end_s=12.0, after=("a@c0", "z@s0"))
    assert second_turn(A, late, by_host=True) == [(12, 14), (14, 17)]


def test_a_line_has_as_many_turns_as_its_lanes_want() -> None:
    assert list(line_times(line(A, hosts=5, at_once=2))) == [[(0, 2)], [(2, 4)], [(4, 6)]]
    assert len(list(line_times(line(A, hosts=5, at_once=9)))) == 1
    late = dataclasses.replace(A, start_s=7.0, end_s=9.0)
    assert next(line_times(line(late))) == [(7, 9)]


def test_nothing_of_a_turn_waits_for_its_tails() -> None:
    alone = step("x@c0", 1.0)
    assert tails_of((A, alone, B)) == ("x@c0", "b@c0")


def test_a_plan_without_lines_is_answered_as_it_is() -> None:
    plan = Plan(steps=(A,))
    assert write_out(plan) is plan


def test_every_step_of_every_host_is_written_out_with_its_own() -> None:
    steps = written(line(A, B_AT, hosts=3, at_once=2))
    assert set(steps) == {f"{name}@c{number}" for name in "ab" for number in range(3)}
    assert {one.id: one.host for one in steps.values()} == {
        name: name.partition("@")[2] for name in steps
    }
    assert steps["a@c2"].endpoint == "c2:1"
    assert (steps["a@c2"].start_s, steps["b@c2"].end_s) == (2.0, 8.0)
    assert (steps["a@c1"].start_s, steps["b@c1"].end_s) == (0.0, 5.0)


def test_step_by_step_each_waits_for_the_same_one_lane_back_and_for_its_own_turn() -> None:
    steps = written(line(A, B))
    assert steps["a@c0"].after == steps["a@c1"].after == ()
    assert steps["b@c1"].after == ("a@c1",)
    assert steps["a@c3"].after == ("a@c1",)
    assert steps["b@c4"].after == ("a@c4", "b@c2")


def test_host_by_host_a_turn_waits_for_the_last_steps_of_the_whole_turn_before() -> None:
    alone = step("x@c0", 1.0)
    steps = written(line(A, alone, B, by_host=True))
    assert steps["a@c2"].after == steps["x@c2"].after == ("b@c0", "x@c0")
    assert steps["b@c2"].after == ("a@c2",)


def test_the_pause_holds_wherever_a_step_waits_for_another_host() -> None:
    rested = dataclasses.replace(B, soak_s=2.0)
    by_step = written(line(A, rested, pause_s=9.0))
    assert [by_step[name].soak_s for name in ("a@c0", "b@c0", "a@c2", "b@c2")] == [0, 2, 9, 9]
    by_host = written(line(A, rested, pause_s=9.0, by_host=True))
    assert [by_host[name].soak_s for name in ("a@c0", "b@c0", "a@c2", "b@c2")] == [0, 2, 9, 2]
    waiting = written(line(A, pause_s=9.0, after=("z@s0",)), steps=(step("z@s0", 1.0),))
    assert waiting["a@c0"].soak_s == 9


def test_the_first_hosts_of_all_lanes_wait_for_what_the_line_waits_for() -> None:
    steps = written(line(A, B, after=("z@s0",)), steps=(step("z@s0", 1.0),))
    assert steps["a@c0"].after == steps["a@c1"].after == ("z@s0",)
    assert steps["b@c0"].after == ("a@c0",)
    assert steps["a@c2"].after == ("a@c0",)


def test_what_a_step_waits_for_outside_counts_on_the_first_host_of_each_lane() -> None:
    late = dataclasses.replace(B, after=("a@c0", "z@s0"), soak_s=3.0)
    steps = written(line(A, late), steps=(step("z@s0", 1.0),))
    assert steps["b@c0"].after == ("a@c0", "z@s0")
    assert steps["b@c1"].after == ("a@c1", "z@s0")
    assert steps["b@c2"].after == ("a@c2", "b@c0")
    head = dataclasses.replace(A, after=("z@s0",), soak_s=3.0)
    steps = written(line(head), steps=(step("z@s0", 1.0),))
    assert (steps["a@c1"].after, steps["a@c1"].soak_s) == (("z@s0",), 3.0)
    assert (steps["a@c2"].after, steps["a@c2"].soak_s) == (("a@c0",), 0.0)


def test_what_waits_for_a_line_waits_for_the_last_of_each_lane() -> None:
    waiting = step("z@s0", 1.0, "line@c0", "y@s0")
    steps = written(line(A, B), steps=(waiting, step("y@s0", 1.0)))
    assert steps["z@s0"].after == ("b@c3", "b@c4", "y@s0")
    few = written(line(A, B, hosts=2, at_once=9), steps=(waiting,))
    assert few["z@s0"].after == ("b@c0", "b@c1", "y@s0")


def test_a_line_that_waits_for_a_line_waits_for_the_last_of_each_lane() -> None:
    second = line(step("c@c0", 1.0), id="line-2@c0", after=("line@c0",))
    steps = written(line(A), second)
    assert steps["c@c0"].after == steps["c@c1"].after == ("a@c3", "a@c4")


def test_reasons_tell_on_which_host_it_was_seen_and_why_in_line() -> None:
    steps = written(line(A))
    assert steps["a@c0"].reason == "is stale; alike (law 5)"
    assert steps["a@c1"].reason == "as on c0: is stale; alike (law 5)"


def test_a_reason_that_names_a_line_tells_how_many_turns_that_is() -> None:
    near = line(A, hosts=3)
    waiting = dataclasses.replace(
        step("z@s0", 1.0, "line@c0"), reason="after line@c0: z depends on a (law 3)"
    )
    steps = written(near, steps=(waiting,))
    assert steps["z@s0"].reason == "after all 3 turns of line@c0: z depends on a (law 3)"


def test_lines_of_which_one_name_begins_with_the_other_are_told_apart() -> None:
    ten = dataclasses.replace(
        line(step("a@c00", 1.0), hosts=2),
        id="line@c00",
        hosts=(LineHost(host="c00", expects=((),), endpoints=(None,)),),
        turn=(dataclasses.replace(A, id="a@c00", host="c00"),),
    )
    waiting = dataclasses.replace(
        step("z@s0", 1.0, "line@c0", "line@c00"), reason="after line@c0, line@c00: law 3"
    )
    steps = written(line(A, hosts=3), ten, steps=(waiting,))
    told = "after all 3 turns of line@c0, all 1 turns of line@c00: law 3"
    assert steps["z@s0"].reason == told


@pytest.mark.parametrize("policy", [{}, {"parallel_hosts": {"worker": 2}}, {"soak_s": 5.0}])
def test_the_times_written_out_keep_every_wait_and_fill_the_makespan(
    policy: dict[str, Any],
) -> None:
    cloud = crowd(Cloud(entry("db"), entry("web")), 7, stale("db"), stale("web"))
    cloud.host("storage-0", stale("db"))
    plan = folded_plan(cloud, max_unavailable=2, **policy)
    assert plan.lines
    found = write_out(plan)
    ends = {one.id: one.end_s for one in found.steps}
    for one in found.steps:
        ready_s = max((ends[name] for name in one.after), default=0.0)
        assert one.start_s >= ready_s + (one.soak_s if one.after else 0.0) - 0.002
    assert max(ends.values()) == pytest.approx(found.makespan_s, abs=0.002)
    assert sorted(ids(found)) == sorted(ids(cloud.plan(max_unavailable=2)))
    assert all(re.search(r"law \d", one.reason) for one in found.steps)


def test_times_written_out_are_whole_milliseconds() -> None:
    odd = dataclasses.replace(A, end_s=0.1234567)
    steps = written(line(odd, hosts=2, at_once=1))
    assert (steps["a@c0"].end_s, steps["a@c1"].start_s) == (0.123, 0.123)


def test_what_a_step_waits_for_is_in_order_whatever_the_lines_are_called() -> None:
    last = line(step("z@c0", 1.0), hosts=1, at_once=1)
    waiting = step("w@s0", 1.0, "line@c0", "y@s0")
    steps = written(last, steps=(waiting, step("y@s0", 1.0)))
    assert steps["w@s0"].after == ("y@s0", "z@c0")

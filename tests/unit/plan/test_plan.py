"""`insvc.plan.plan`: a plan finds its steps."""

import pytest

from insvc.plan.plan import Impairment, Line, LineHost, Plan, Step

PLAN = Plan(steps=(Step(id="a@h0", host="h0"), Step(id="a@h1", host="h1")))


def test_a_step_is_found_by_its_id() -> None:
    assert PLAN.step("a@h1").host == "h1"


def test_a_step_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="a@h2"):
        PLAN.step("a@h2")


def test_what_a_file_leaves_out_of_a_step_takes_no_time_and_is_waited_for_a_minute() -> None:
    step = PLAN.step("a@h0")
    assert (step.start_s, step.end_s, step.soak_s, step.expected_outage_s) == (0.0, 0.0, 0.0, 0.0)
    assert (step.cost_s, step.instead_s) == (0.0, 0.0)
    assert (step.timeout_s, step.dwell_s) == (60.0, 1.0)
    assert not step.with_dependants
    assert not step.clear_sessions


def test_what_a_file_leaves_out_of_a_plan_lasts_no_time_and_hurts_nobody() -> None:
    one = Impairment(entry="a")
    assert (one.from_s, one.until_s, one.outage_s, one.is_interrupted) == (0.0, 0.0, 0.0, False)
    assert (Plan().makespan_s, Plan().lower_bound_s) == (0.0, 0.0)


def test_hosts_and_steps_in_lines_count_as_when_they_are_written_out() -> None:
    hosts = tuple(LineHost(host=f"h{number}") for number in range(1, 6))
    turn = (Step(id="b@h1", host="h1"), Step(id="c@h1", host="h1"))
    lines = (
        Line(id="line@h1", hosts=hosts, at_once=2, by_host=False, turn=turn),
        Line(id="line-2@h1", hosts=hosts, at_once=1, by_host=False, turn=turn[:1]),
    )
    plan = Plan(steps=(*PLAN.steps, Step(id="z@h0", host="h0")), lines=lines)
    assert plan.count_steps() == 3 + 5 * 2 + 5
    assert plan.count_hosts() == 6
    assert (PLAN.count_steps(), PLAN.count_hosts()) == (2, 2)

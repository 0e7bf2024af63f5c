"""Hosts that are alike are planned as one: the plan holds all the same when it is written out."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from insvc.check.plan_check import check_plan
from insvc.check.violation import Violation
from insvc.errors import PlanRefused
from insvc.plan.plan import Line, Plan
from insvc.plan.planner import make_folded_plan, make_plan
from insvc.plan.turns import write_out
from tests.property.plan_clouds import Case, crowds

CALM = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FEWEST = 2


def folded(case: Case) -> Plan | None:
    try:
        return make_folded_plan(
            case.observation, case.catalog, case.topology, case.policy, fewest=FEWEST
        )
    except PlanRefused:
        return None


def faults(case: Case, plan: Plan) -> list[Violation]:
    """What is wrong with it, but for the timeline, which a mutant does not keep up."""
    found = check_plan(plan, case.observation, case.catalog, case.topology)
    return [one for one in found if one.code != "plan.timeline"]


def spoilt(line: Line) -> Iterator[Line]:
    """The line with one thing wrong, or not wrong by luck."""
    yield replace(line, at_once=line.at_once + 1)
    yield replace(line, at_once=len(line.hosts))
    yield replace(line, by_host=not line.by_host)
    yield replace(line, after=())
    yield replace(line, turn=tuple(replace(step, after=()) for step in line.turn))
    yield replace(line, hosts=line.hosts[:-1])
    yield replace(line, hosts=(*line.hosts[:-1], replace(line.hosts[-1], expects=())))


@CALM
@given(case=crowds())
def test_a_plan_written_out_from_its_lines_keeps_every_law(case: Case) -> None:
    plan = folded(case)
    if plan is None:
        return
    event(f"{len(plan.lines)} lines")
    assert faults(case, write_out(plan)) == []
    assert check_plan(plan, case.observation, case.catalog, case.topology) == ()


@CALM
@given(case=crowds())
def test_what_is_refused_is_refused_with_and_without_lines(case: Case) -> None:
    try:
        whole = make_plan(case.observation, case.catalog, case.topology, case.policy)
    except PlanRefused:
        assert folded(case) is None
        return
    plan = folded(case)
    assert plan is not None
    assert {step.id for step in write_out(plan).steps} == {step.id for step in whole.steps}


@CALM
@given(case=crowds(), choice=st.integers(0, 6))
def test_no_fault_of_a_line_shows_only_when_it_is_written_out(case: Case, choice: int) -> None:
    plan = folded(case)
    for at, line in enumerate(plan.lines if plan else ()):
        assert plan is not None
        lines = list(plan.lines)
        lines[at] = list(spoilt(line))[choice]
        bad = replace(plan, lines=tuple(lines))
        shows = bool(not lines[at].hosts[-1].expects or faults(case, write_out(bad)))
        event(f"{choice}: shows: {shows}")
        if shows:
            assert faults(case, bad)

"""`insvc.adapters.improve_cpsat`: OR-Tools CP-SAT, for real."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from insvc.adapters.improve_cpsat import solve
from insvc.bootstrap import make_solver
from insvc.check.plan_check import check_plan
from insvc.errors import PlanRefused
from insvc.plan.improve import improve_plan
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.plan.puzzle import Limit, Puzzle
from tests.fakes.solver import end_of, faults, solve_by_trying
from tests.property.plan_clouds import Case, cases
from tests.unit.plan.sample import Cloud, entry, stale

pytestmark = pytest.mark.integration

CALM = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_ENOUGH = 1.0


def one_after_another(lengths: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(lengths[:at]) for at in range(len(lengths)))


@st.composite
def puzzles(draw: st.DrawFn) -> Puzzle:
    """Up to five jobs with limits, spans among them, and a chain."""
    lengths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    places = st.sampled_from(range(len(lengths)))
    chosen = st.lists(places, min_size=1, unique=True).map(sorted).map(tuple)
    limits = tuple(
        Limit(room=draw(st.integers(1, 2)), members=tuple((at,) for at in draw(chosen)))
        for _ in range(draw(st.integers(0, 2)))
    )
    if len(lengths) > 2 and draw(st.booleans()):
        limits += (Limit(room=1, members=((0, 1), *((at,) for at in range(2, len(lengths))))),)
    border = draw(st.integers(0, len(lengths)))
    halves = (tuple(range(border)), tuple(range(border, len(lengths))))
    pairs = (halves,) if all(halves) else ()
    is_wish = draw(st.booleans())
    return Puzzle(
        ids=tuple(f"step-{at}" for at in range(len(lengths))),
        lengths=tuple(lengths),
        starts=one_after_another(lengths),
        limits=limits,
        chains=() if is_wish else pairs,
        wishes=pairs if is_wish else (),
        is_loose=True,
    )


@CALM
@given(puzzle=puzzles())
def test_small_puzzles_are_solved_as_well_as_by_trying_every_order(puzzle: Puzzle) -> None:
    assert faults(puzzle, puzzle.starts) == []
    found, best = solve(puzzle, _ENOUGH), solve_by_trying(puzzle)
    assert faults(puzzle, found.starts) == []
    assert end_of(puzzle, found.starts) == found.bound <= best.bound
    if all(len(member) == 1 for limit in puzzle.limits for member in limit.members):
        assert found.bound == best.bound


def improved(case: Case, plan: Plan) -> Plan:
    return improve_plan(
        plan, case.observation, case.catalog, case.topology, None, make_solver(0.05)
    )


@CALM
@given(case=cases())
def test_an_improved_plan_is_never_worse_keeps_every_law_and_comes_out_equal_twice(
    case: Case,
) -> None:
    try:
        plan = make_plan(case.observation, case.catalog, case.topology, case.policy)
    except PlanRefused:
        return
    better = improved(case, plan)
    event("shorter" if better.makespan_s < plan.makespan_s else "as long")
    assert plan.lower_bound_s <= better.lower_bound_s <= better.makespan_s <= plan.makespan_s
    assert {step.id for step in better.steps} == {step.id for step in plan.steps}
    assert check_plan(better, case.observation, case.catalog, case.topology) == ()
    assert improved(case, plan) == better


@st.composite
def uneven(draw: st.DrawFn) -> Case:
    """A few hosts with restarts of many lengths, where the order matters."""
    names = "abcdefg"[: draw(st.integers(4, 7))]
    depends = {name: draw(st.sampled_from(("", "", "a", "b"))) for name in names[2:]}
    cloud = Cloud(*(entry(name, depends_on=tuple(depends.get(name, ""))) for name in names))
    for number in range(draw(st.integers(1, 3))):
        lengths = st.sampled_from((0.2, 1.0, 3.3, 7.9))
        found = [stale(name, started_in_s=draw(lengths)) for name in names]
        cloud.host(f"compute-{number}", *found)
    policy = Policy(
        max_unavailable=draw(st.integers(1, 2)),
        parallel_hosts=draw(st.sampled_from(({}, {"worker": 2}))),
    )
    return Case(cloud.observation, cloud.catalog, cloud.topology, policy)


@CALM
@given(case=uneven())
def test_restarts_of_many_lengths_are_often_put_in_a_shorter_order(case: Case) -> None:
    plan = make_plan(case.observation, case.catalog, case.topology, case.policy)
    better = improved(case, plan)
    event("shorter" if better.makespan_s < plan.makespan_s else "as long")
    assert plan.lower_bound_s <= better.lower_bound_s <= better.makespan_s <= plan.makespan_s
    assert check_plan(better, case.observation, case.catalog, case.topology) == ()
    assert improved(case, plan) == better


def rows(count: int) -> Puzzle:
    """Many jobs of many lengths on three lanes: more than can be settled at once."""
    lengths = tuple(100 + 37 * at % 211 for at in range(count))
    return Puzzle(
        ids=tuple(f"step-{at}" for at in range(count)),
        lengths=lengths,
        starts=one_after_another(lengths),
        limits=(Limit(room=3, members=tuple((at,) for at in range(count))),),
        chains=tuple(((at,), (at + 9,)) for at in range(0, count - 9, 2)),
        wishes=(),
        is_loose=True,
    )


def test_work_is_bounded_by_its_own_measure_and_not_by_the_clock() -> None:
    puzzle = rows(40)
    little, much = solve(puzzle, 1e-9), solve(puzzle, 0.1)
    assert faults(puzzle, little.starts) == faults(puzzle, much.starts) == []
    assert end_of(puzzle, much.starts) < end_of(puzzle, puzzle.starts)
    assert end_of(puzzle, much.starts) <= end_of(puzzle, little.starts)
    assert little == solve(puzzle, 1e-9)
    assert much == solve(puzzle, 0.1)


def test_the_solver_tells_its_version() -> None:
    assert solve(rows(2), _ENOUGH).by.startswith("OR-Tools CP-SAT 9.")


def test_a_start_that_breaks_a_rule_leads_to_no_solution_that_does() -> None:
    puzzle = rows(4)
    wrong = Puzzle(
        ids=puzzle.ids,
        lengths=puzzle.lengths,
        starts=(0, 0, 0, 0),
        limits=(Limit(room=1, members=puzzle.limits[0].members),),
        chains=(),
        wishes=(),
        is_loose=True,
    )
    found = solve(wrong, _ENOUGH)
    assert found.starts == wrong.starts
    assert found.bound == 0


def test_a_long_restart_is_brought_forward() -> None:
    cloud = Cloud(entry("a"), entry("b"), entry("long"))
    cloud.host("compute-0", stale("a"), stale("b"), stale("long", started_in_s=3.3))
    case = Case(cloud.observation, cloud.catalog, cloud.topology, cloud.plan().policy)
    better = improved(case, cloud.plan())
    assert better.makespan_s == better.lower_bound_s == pytest.approx(4.6)

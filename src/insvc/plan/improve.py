"""Look for a shorter order of a plan's steps: a solver proposes, the planner places, as ever."""

from dataclasses import replace

from insvc.catalog.entry import Catalog
from insvc.errors import PlanRefused
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.model.words import Action
from insvc.plan.energy import whole_ms
from insvc.plan.history import History
from insvc.plan.locking import plan_locking
from insvc.plan.needs import find_needs
from insvc.plan.plan import Improvement, Plan
from insvc.plan.planner import make_plan
from insvc.plan.preamble import brought_back, hosts_to_unlock
from insvc.plan.precedence import order_entries
from insvc.plan.puzzle import Puzzle, Solution, Solve, make_puzzle
from insvc.plan.tasks import make_rooms, make_tasks
from insvc.plan.view import View, make_view

_PER_S = 1000
_DIGITS = 3


def improve_plan(
    plan: Plan,
    observation: Observation,
    catalog: Catalog,
    topology: Topology,
    history: History | None,
    solve: Solve,
) -> Plan:
    """The better of a plan and of the one that a solver's order leads to.

    The order decides only who is placed first: waits, pauses, windows and start limits come from
    the planner, so the laws hold whatever the solver says. A plan that ends as early as any can is
    left as it is, and so is one whose steps are not all that the needs ask for one by one.

    Args:
        plan: made from the same.
        observation: what was seen, of every host.
        catalog: what is known of what runs there.
        topology: the hosts.
        history: what former runs measured.
        solve: the solver.
    """
    view = make_view(observation, catalog, topology, history)
    hosts = hosts_to_unlock(view, plan.policy)
    if hosts:
        later = brought_back(observation, view, hosts)
        view = make_view(later, catalog, topology, history)
    puzzle = _puzzle_of(plan, view)
    if puzzle is None or plan.lower_bound_s >= plan.makespan_s:
        return plan
    solution = solve(puzzle)
    policy = replace(plan.policy, order=_order(puzzle, solution))
    try:
        other = make_plan(observation, catalog, topology, policy, history)
    except PlanRefused:  # in that order, something no longer fits its maintenance window
        other = plan
    better = min(plan, other, key=lambda one: one.makespan_s)
    return replace(
        better,
        policy=plan.policy,
        lower_bound_s=_lower_bound_s(better, puzzle, solution),
        improvement=Improvement(by=solution.by, before_s=plan.makespan_s),
    )


def _puzzle_of(plan: Plan, view: View) -> Puzzle | None:
    """The order of what comes before the traffic and before whole hosts, if there is a choice."""
    policy = plan.policy
    needs, _ = find_needs(view, policy)
    in_service = plan_locking(view, needs, policy).in_service
    acts = [need for need in in_service if need.action is not Action.NEXT_RUN]
    precedence = order_entries(view, acts, policy.carries_traffic)
    tasks = make_tasks(view, in_service, policy)
    rooms, _ = make_rooms(view, tasks, policy)
    chosen = [task for task in tasks if task.need.entry.name not in precedence.last]
    steps = {step.id: step for step in plan.steps}
    if not chosen or any(task.need.id not in steps for task in chosen):
        return None
    placed = [steps[task.need.id] for task in chosen]
    puzzle = make_puzzle(view, chosen, rooms, precedence.gates, policy, placed)
    return replace(puzzle, least=whole_ms(plan.lower_bound_s - _rest_s(plan, puzzle)))


def _rest_s(plan: Plan, puzzle: Puzzle) -> float:
    """How long everything takes that the puzzle leaves out: it goes one at a time."""
    inside = set(puzzle.ids)
    return sum(step.end_s - step.start_s for step in plan.steps if step.id not in inside)


def _order(puzzle: Puzzle, solution: Solution) -> tuple[str, ...]:
    return tuple(step for _, step in sorted(zip(solution.starts, puzzle.ids, strict=True)))


def _lower_bound_s(plan: Plan, puzzle: Puzzle, solution: Solution) -> float:
    """Ours, or the solver's where it is higher and every lawful order solves the puzzle."""
    if not puzzle.is_loose:
        return plan.lower_bound_s
    proved_s = solution.bound / _PER_S + _rest_s(plan, puzzle)
    return round(min(max(plan.lower_bound_s, proved_s), plan.makespan_s), _DIGITS)

"""`insvc.plan.improve`: a solver proposes an order, the planner places the steps."""

from dataclasses import replace

import pytest

from insvc.catalog.entry import Before, CarriesTraffic
from insvc.check.plan_check import check_plan
from insvc.plan.improve import improve_plan
from insvc.plan.plan import Improvement, Plan
from insvc.plan.policy import MaxStarts, Policy, Window
from insvc.plan.puzzle import Puzzle, Solution, Solve
from tests.fakes.solver import BY, solve_by_trying
from tests.unit.plan.sample import Cloud, entry, fresh, ids, job, stale


def uneven() -> Cloud:
    """On two lanes the long restart must come first; the planner takes it in its turn, last."""
    cloud = Cloud(entry("a"), entry("b"), entry("long"))
    return cloud.host("compute-0", stale("a"), stale("b"), stale("long", started_in_s=3.3))


def improved(cloud: Cloud, plan: Plan, solve=solve_by_trying) -> Plan:  # type: ignore[no-untyped-def]
    return improve_plan(plan, cloud.observation, cloud.catalog, cloud.topology, None, solve)


def backwards(puzzle: Puzzle) -> Solution:
    """A solver that is no good: it turns the order round and claims that nothing is better."""
    last = max(puzzle.starts)
    starts = tuple(last - start for start in puzzle.starts)
    return Solution(by="backwards", starts=starts, bound=10_000_000)


def refuses(_: Puzzle) -> Solution:
    raise AssertionError("nobody was to be asked")


def test_an_order_that_is_provably_not_the_best_is_improved() -> None:
    cloud = uneven()
    plan = cloud.plan()
    better = improved(cloud, plan)
    assert plan.makespan_s == pytest.approx(6.9)
    assert better.makespan_s == better.lower_bound_s == pytest.approx(4.6)
    assert better.improvement == Improvement(by=BY, before_s=plan.makespan_s)
    assert better.policy == plan.policy
    assert ids(better)[0:2] == ["a@compute-0", "long@compute-0"]
    assert check_plan(better, cloud.observation, cloud.catalog, cloud.topology) == ()


def test_a_plan_that_ends_as_early_as_any_is_left_as_it_is() -> None:
    cloud = Cloud(entry("a")).host("compute-0", stale("a"))
    plan = cloud.plan()
    assert improved(cloud, plan, refuses) is plan


def test_a_plan_without_steps_is_left_as_it_is() -> None:
    cloud = Cloud(entry("a")).host("compute-0", fresh("a"))
    plan = cloud.plan()
    assert improved(cloud, plan, refuses) is plan


def test_a_plan_made_from_something_else_is_left_as_it_is() -> None:
    cloud = uneven()
    plan = cloud.plan()
    fewer = replace(plan, steps=plan.steps[:-1], lower_bound_s=0.0)
    assert improved(cloud, fewer, refuses) is fewer


def test_a_worse_order_is_not_taken() -> None:
    cloud = uneven()
    plan = improved(cloud, cloud.plan())
    again = replace(plan, lower_bound_s=0.0, improvement=None)
    kept = improved(cloud, again, backwards)
    assert kept.steps == plan.steps
    assert kept.improvement == Improvement(by="backwards", before_s=plan.makespan_s)


def test_an_order_that_fits_no_window_is_not_taken() -> None:
    cloud = uneven()
    windows = (Window(opens=0.0, closes=4.7),)
    policy = Policy(windows=windows, order=("long@compute-0",))
    plan = cloud.plan(policy)
    kept = improved(cloud, replace(plan, lower_bound_s=0.0), backwards)
    assert kept.steps == plan.steps


def test_a_bound_that_is_too_high_is_cut_to_the_makespan() -> None:
    cloud = uneven()
    kept = improved(cloud, cloud.plan(), backwards)
    assert kept.lower_bound_s == kept.makespan_s


def test_what_is_proved_of_a_narrower_puzzle_is_not_believed() -> None:
    cloud = uneven()
    cloud.host("compute-1", stale("a"))
    plan = cloud.plan(prefer_last=("compute-1",))
    kept = improved(cloud, plan, backwards)
    assert kept.lower_bound_s == plan.lower_bound_s < kept.makespan_s


def test_traffic_and_locks_stay_last_and_count_on_top() -> None:
    proxy = entry("proxy", special_handling=(CarriesTraffic(),))
    cloud = Cloud(
        entry("a"), entry("b"), entry("long"), proxy, entry("x", in_service_patchable=False)
    )
    cloud.host("compute-0", stale("a"), stale("b"), stale("long", started_in_s=3.3), stale("proxy"))
    cloud.host("compute-1", stale("x"))
    plan = cloud.plan(allow_lock=True)
    better = improved(cloud, plan)
    assert plan.makespan_s - better.makespan_s == pytest.approx(2.3)
    assert better.makespan_s == better.lower_bound_s
    in_service = [step for step in ids(better) if step.endswith("compute-0")]
    assert in_service[-1] == "proxy@compute-0"


def test_hosts_that_are_unlocked_first_stay_first() -> None:
    cloud = uneven().host("compute-1", stale("a"), locked=True)
    plan = cloud.plan(unlock=("compute-1",), max_unavailable=2)
    better = improved(cloud, plan)
    assert ids(better)[0] == "unlock@compute-1"
    assert plan.makespan_s - better.makespan_s == pytest.approx(2.3)
    assert better.lower_bound_s == better.makespan_s


def test_pauses_windows_and_start_limits_are_kept() -> None:
    cloud = uneven()
    policy = Policy(
        max_starts=MaxStarts(count=2, within_s=5.0), windows=(Window(opens=20.0, closes=70.0),)
    )
    better = improved(cloud, cloud.plan(policy))
    starts = sorted(step.start_s for step in better.steps)
    assert starts[0] >= 20.0
    assert starts[2] - starts[0] >= 5.0
    assert check_plan(better, cloud.observation, cloud.catalog, cloud.topology) == ()


def before_traffic() -> Cloud:
    """What is uneven, and a proxy that comes last and takes 2.3 s."""
    proxy = entry("proxy", special_handling=(CarriesTraffic(),))
    cloud = Cloud(entry("a"), entry("b"), entry("long"), proxy)
    services = (stale("a"), stale("b"), stale("long", started_in_s=3.3), stale("proxy"))
    return cloud.host("compute-0", *services)


def claims(bound: int) -> Solve:
    """A solver that finds nothing new and claims that nothing ends before this."""
    return lambda puzzle: Solution(by="claims", starts=puzzle.starts, bound=bound)


def test_what_is_proved_counts_to_the_millisecond_and_what_follows_on_top() -> None:
    cloud = before_traffic()
    plan = cloud.plan()
    assert (plan.lower_bound_s, plan.makespan_s) == (6.9, 9.2)
    assert improved(cloud, plan, claims(5001)).lower_bound_s == 7.301


def test_a_proof_of_less_than_is_known_lowers_nothing() -> None:
    cloud = uneven()
    plan = cloud.plan()
    assert improved(cloud, plan, claims(1)).lower_bound_s == plan.lower_bound_s == 4.6


def test_the_solver_may_stop_at_our_own_bound_without_what_follows() -> None:
    told: list[Puzzle] = []

    def solve(puzzle: Puzzle) -> Solution:
        told.append(puzzle)
        return claims(1)(puzzle)

    cloud = before_traffic()
    improved(cloud, cloud.plan(), solve)
    assert [(one.ids, one.least) for one in told] == [
        (("a@compute-0", "b@compute-0", "long@compute-0"), 4600)
    ]


def test_a_solver_that_leaves_out_a_job_is_not_listened_to() -> None:
    cloud = uneven()
    with pytest.raises(ValueError, match="zip"):
        improved(cloud, cloud.plan(), lambda _: Solution(by="lazy", starts=(0,), bound=0))


def test_a_look_at_a_job_takes_no_part_in_the_order() -> None:
    one = entry("a", special_handling=(Before(entries=("j",)),))
    other = entry("j", special_handling=(Before(entries=("a",)),))
    cloud = Cloud(one, entry("b"), entry("long"), other)
    services = (stale("a"), stale("b"), stale("long", started_in_s=3.3), job("j"))
    plan = cloud.host("compute-0", *services).plan()
    assert improved(cloud, plan).makespan_s < plan.makespan_s

"""What `--improve` gains: the greedy plan and the improved one, each beside the lower bound."""

import time
from collections.abc import Iterator

from bench.plan_scale import make_cloud
from insvc.adapters.catalog_files import builtin
from insvc.bootstrap import make_solver
from insvc.plan.improve import improve_plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy

SIZES = (5, 30, 100)
_WITHIN = 2.0


def report() -> Iterator[str]:
    """One line a size and policy."""
    catalog = builtin("titanium")
    turns = Policy(max_unavailable="10%", parallel_hosts={"worker": "10%"})
    solve = make_solver(_WITHIN)
    for count in SIZES:
        topology, observation = make_cloud(count, catalog)
        for name, policy in (("one at a time", Policy()), ("10 % in turns", turns)):
            plan = make_plan(observation, catalog, topology, policy)
            began = time.perf_counter()
            better = improve_plan(plan, observation, catalog, topology, None, solve)
            took_s = time.perf_counter() - began
            yield (
                f"improve: {count:>3} hosts, {name}   {plan.makespan_s:.1f} s = "
                f"{plan.makespan_s / better.lower_bound_s:.3f} x the lower bound -> "
                f"{better.makespan_s:.1f} s = {better.makespan_s / better.lower_bound_s:.3f} x, "
                f"in {took_s:.1f} s"
            )

"""Judge a plan: every law, at every instant, for every order in which steps may end."""

from collections.abc import Iterator

from insvc.catalog.entry import Catalog
from insvc.check.absent import Absent
from insvc.check.actions import check_actions
from insvc.check.capacity import check_members
from insvc.check.case import Case
from insvc.check.close_up import check_ends, close_up
from insvc.check.coverage import check_coverage
from insvc.check.cures import check_cures
from insvc.check.facts import Facts, make_facts
from insvc.check.foretold import check_forecast, check_forecast_of_lines
from insvc.check.hosts import check_locks, check_swacts
from insvc.check.line_form import check_lines, make_known
from insvc.check.loads import check_hosts, check_kinds
from insvc.check.order import Order, make_order
from insvc.check.pacing import check_settled, check_starts, check_windows
from insvc.check.pauses import check_pauses
from insvc.check.precedence import check_company, check_precedence
from insvc.check.structure import check_names, check_proof, check_reasons, check_times
from insvc.check.violation import UNDECIDED, Violation, contradiction
from insvc.errors import UnsafePlan
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy

_SHOWN = 5
OUR_DEFECT = "nothing was done; this is a defect of insvc: keep the inputs and report it"
"""What to do when a plan that insvc made itself is found unsafe."""


def check_plan(
    plan: Plan,
    observation: Observation,
    catalog: Catalog,
    topology: Topology,
    policy: Policy | None = None,
    *,
    is_dated: bool = True,
) -> tuple[Violation, ...]:
    """Everything that is wrong with a plan, given what it was made from; empty where it is sound.

    Args:
        plan: what is to be done.
        observation: what was seen when it was made.
        catalog: what is known of processes.
        topology: the hosts.
        policy: what is allowed; the plan's own by default.
        is_dated: whether the observation, or the policy, tells when the run is to begin, so that
            the planned times can be held against maintenance windows.
    """
    absent = Absent()
    ends: tuple[Violation, ...] = ()
    if plan.lines:
        known = make_known(plan, observation, topology)
        unfit = tuple(check_lines(plan, policy or plan.policy, known))
        if unfit:
            return unfit
        ends = (*check_ends(plan), *check_forecast_of_lines(plan))
        near = close_up(plan, observation, topology, known)
        plan, observation, topology = near.plan, near.observation, near.topology
        absent = near.absent
    facts = make_facts(observation, catalog, topology, absent)
    order, faults = _order_of(plan, facts)
    if order is None:
        return faults
    case = Case.of(facts, policy or plan.policy, plan.steps, order)
    told = (
        check_times(plan),
        check_forecast(plan),
        check_proof(plan, case.policy.dwell_s),
        check_reasons(plan, facts),
        check_coverage(case, plan),
        check_starts(case),
        check_settled(case),
        check_windows(case) if is_dated else (),
    )
    return (*ends, *(one for part in told for one in part), *check_case(case))


def check_safety(
    plan: Plan,
    observation: Observation,
    catalog: Catalog,
    topology: Topology,
) -> tuple[Violation, ...]:
    """Which laws a plan would break if it were carried out now; empty where none.

    What has become current since the plan was made, or was planned by a wish, is no matter here.
    """
    facts = make_facts(observation, catalog, topology)
    order, faults = _order_of(plan, facts)
    return faults if order is None else check_case(Case.of(facts, plan.policy, plan.steps, order))


def check_case(case: Case) -> tuple[Violation, ...]:
    """The laws that may be broken while steps are under way."""
    return (
        *check_locks(case),
        *check_members(case),
        *check_precedence(case),
        *check_company(case),
        *check_swacts(case),
        *check_cures(case),
        *check_kinds(case),
        *check_actions(case),
        *check_hosts(case),
        *check_pauses(case),
    )


def refuse_unsafe(violations: tuple[Violation, ...], next_act: str) -> None:
    """Go on only where nothing was found.

    Raises:
        UnsafePlan: something was found; the error holds the first counter-examples.
    """
    if not violations:
        return
    shown = "; ".join(str(one) for one in violations[:_SHOWN])
    more = f"; and {len(violations) - _SHOWN} more" if len(violations) > _SHOWN else ""
    is_known = any(one.code != UNDECIDED for one in violations)
    found = "breaks the laws" if is_known else "is not known to keep the laws"
    raise UnsafePlan("the plan", f"{found}: {shown}{more}", next_act=next_act)


def _order_of(plan: Plan, facts: Facts) -> tuple[Order | None, tuple[Violation, ...]]:
    faults = tuple(check_names(plan, facts))
    if faults:
        return None, faults
    order, circle = make_order({step.id: step.after for step in plan.steps})
    return order, tuple(_circle(circle))


def _circle(names: tuple[str, ...]) -> Iterator[Violation]:
    if names:
        why = f"wait for one another for ever: {', '.join(names[:_SHOWN])}"
        yield contradiction("plan.structure", names[0], why, *names)

"""The story of a plan: needs, locks, order, budgets, schedule, forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from insvc.catalog.entry import Catalog
from insvc.errors import OverBudget, PlanRefused
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.model.words import Action
from insvc.plan.alike import FEWEST, fold, spread
from insvc.plan.bounds import lower_bound_s
from insvc.plan.budgets import Obstacle
from insvc.plan.conflict import explain
from insvc.plan.forecast import make_forecast
from insvc.plan.history import History
from insvc.plan.host_durations import is_active_only
from insvc.plan.host_steps import make_host_steps
from insvc.plan.leaving import needs_lock
from insvc.plan.limits import check_policy
from insvc.plan.lines import lay_out
from insvc.plan.locking import obstacles, plan_locking
from insvc.plan.moved_plan import plan_move
from insvc.plan.moving import Scales, weigh
from insvc.plan.needs import Need, find_needs
from insvc.plan.pacing import Pace, origin_of, rest_s
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from insvc.plan.preamble import (
    brought_back,
    hosts_to_unlock,
    make_preamble,
    put_first,
    unlock_obstacles,
)
from insvc.plan.precedence import order_entries
from insvc.plan.schedule import Schedule
from insvc.plan.shares import make_shares
from insvc.plan.stages import make_drafts
from insvc.plan.steps import make_step
from insvc.plan.task import Placed
from insvc.plan.tasks import make_rooms, make_tasks
from insvc.plan.turns import write_out
from insvc.plan.view import View, make_view

_SHOWN = 5
_DIGITS = 3


def make_plan(
    observation: Observation,
    catalog: Catalog,
    topology: Topology,
    policy: Policy,
    history: History | None = None,
) -> Plan:
    """Decide what to restart, in which order, and what it will cost. Equal inputs, equal plans.

    Args:
        observation: what was seen, of every host.
        catalog: what is known of what runs there.
        topology: the hosts.
        policy: what is allowed.
        history: what former runs measured; guesses take its place where it says nothing.

    Raises:
        PlanRefused: no plan can satisfy the laws; the error says what stands in the way.
        UnknownName: the observation or the policy names what nobody knows.
        InputError: a host was not observed, or a limit makes no sense.
    """
    return write_out(make_folded_plan(observation, catalog, topology, policy, history))


def make_folded_plan(
    observation: Observation,
    catalog: Catalog,
    topology: Topology,
    policy: Policy,
    history: History | None = None,
    fewest: int = FEWEST,
) -> Plan:
    """The same, with the steps of many hosts that are alike left folded in lines.

    It takes time and memory by kinds of hosts; `write_out` makes of it what a run carries out.

    Args:
        observation: what was seen, of every host.
        catalog: what is known of what runs there.
        topology: the hosts.
        policy: what is allowed.
        history: what former runs measured.
        fewest: from so many hosts on, those that are alike are taken as one.

    Raises:
        PlanRefused: as `make_plan`; UnknownName and InputError too.
    """
    folded = fold(observation, catalog, topology, policy, fewest)
    view = make_view(folded.observation, catalog, folded.topology, history, folded.crowds)
    check_policy(policy, view)
    pace = Pace(policy, origin_of(observation, policy))
    hosts = hosts_to_unlock(view, policy)
    if not hosts:
        return _plan(view, pace)
    _refuse(unlock_obstacles(view, hosts, policy))
    preamble, cured = make_preamble(view, hosts, pace)
    later = make_view(brought_back(observation, view, hosts), catalog, topology, history)
    rest = rest_s(policy)
    plan = _plan(later, pace.later(preamble[-1].end_s + rest))
    return put_first(view, preamble, cured, plan, rest)


def _plan(view: View, pace: Pace) -> Plan:
    """The plan for what was seen, at that pace."""
    policy = pace.policy
    needs, omitted = find_needs(view, policy)
    weighed = weigh(view, needs, policy)
    plan = None
    if weighed.move is not None:
        plan = plan_move(view, weighed.move, pace.later(0.0), _arrange)
    plan = plan or _arrange(view, needs, pace, weighed.scales)
    return replace(plan, omitted=spread((*omitted, *plan.omitted), view.crowds))


def _arrange(
    view: View,
    needs: Sequence[Need],
    pace: Pace,
    scales: Mapping[str, Scales] = MappingProxyType({}),
) -> Plan:
    """The plan that meets these needs.

    Args:
        view: what was seen.
        needs: what is to be done, and nothing else.
        pace: how fast it may go.
        scales: what a swact would cost instead, by active host.
    """
    policy = pace.policy
    locking = plan_locking(view, needs, policy)
    precedence = order_entries(
        view,
        [need for need in locking.in_service if need.action is not Action.NEXT_RUN],
        policy.carries_traffic,
    )
    tasks = make_tasks(view, locking.in_service, policy)
    rooms, found = make_rooms(view, tasks, policy)
    _refuse([*found, *obstacles(view, locking.turns, policy)])
    shares = make_shares(view, tasks, rooms, policy)
    schedule = Schedule(view, pace, precedence, shares)
    schedule.place(
        (task for task in tasks if task.need.entry.name not in precedence.last), is_last=False
    )
    least_end_s = schedule.least_end_s
    schedule.place(
        (task for task in tasks if task.need.entry.name in precedence.last), is_last=True
    )
    drafts = tuple(make_drafts(view, schedule.placed, precedence, shares))
    layout = lay_out(view, schedule.placed, drafts, policy, schedule.tails())
    steps = [make_step(view, one, policy, _remark(view, one, scales)) for one in layout.placed]
    host_steps = make_host_steps(view, locking.turns, pace, layout.tails, layout.end_s)
    ordered = tuple(sorted([*steps, *host_steps], key=lambda step: (step.start_s, step.id)))
    makespan_s = round(max([layout.end_s, *(step.end_s for step in host_steps)]), _DIGITS)
    placed = schedule.placed.values()
    least_s = lower_bound_s(placed, view, policy, precedence, rooms, least_end_s, host_steps)
    return Plan(
        catalog=view.catalog.name,
        policy=policy,
        steps=ordered,
        lines=layout.lines,
        omitted=locking.cured,
        forecast=make_forecast(view, ordered, layout.lines),
        makespan_s=makespan_s,
        lower_bound_s=min(least_s, makespan_s),
    )


def _refuse(found: Sequence[Obstacle]) -> None:
    if not found:
        return
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    kind = OverBudget if all(one.insist for one in found) else PlanRefused
    raise kind(
        ", ".join(one.subject for one in found[:_SHOWN]),
        explain("; ".join(one.why for one in found[:_SHOWN]) + more, found[0].conflict),
        next_act="; ".join(dict.fromkeys(one.next_act for one in found[:_SHOWN])),
    )


def _remark(view: View, placed: Placed, scales: Mapping[str, Scales]) -> str:
    """Why a restart in place is allowed, or is better than a swact, which moves every service."""
    need = placed.task.need
    host = need.host
    if needs_lock(need.entry) and view.seen[host].locked:
        return f"not patchable in service, and {host} is locked already (law 1)"
    found = scales.get(host)
    if found is None or not (need.disrupts and is_active_only(view, need.service)):
        return ""
    hindrance = f", but {found.hindrance}" if found.hindrance else ""
    return (
        f"in place it is down about {placed.task.estimate.outage_s:.1f} s, all that is stale on "
        f"{host} {found.in_place_s:.1f} s added up, and a swact would cost {found.swact_s:.1f} s, "
        f"added up over all that it moves (law 4){hindrance}"
    )

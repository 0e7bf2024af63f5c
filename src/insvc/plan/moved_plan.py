"""A plan with a swact in its middle: what comes before it, the swact, and what comes after."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from insvc.errors import PlanRefused
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.words import Action, InstanceState, Personality, Role, Verdict
from insvc.plan.forecast import join_forecasts, make_forecast
from insvc.plan.host_durations import affected_by, host_estimate
from insvc.plan.moving import Move
from insvc.plan.needs import Need, omit
from insvc.plan.pacing import Pace, soak_of
from insvc.plan.plan import Omission, Plan, Step
from insvc.plan.policy import Policy
from insvc.plan.steps import restarts_dependants
from insvc.plan.view import View, make_view

_DIGITS = 3
_ALL = "*"

Arrange = Callable[[View, Sequence[Need], Pace], Plan]
"""Makes a plan of needs alone."""


def plan_move(view: View, move: Move, pace: Pace, arrange: Arrange) -> Plan | None:
    """The plan with the swact; nothing where one of its parts can keep no law or window.

    Args:
        view: what was seen.
        move: the swact and its halves.
        pace: how fast it may go, from the plan's begin on.
        arrange: plans either half.
    """
    try:
        first = arrange(view, move.first, pace)
        swact = _swact(view, move, first, pace)
        pause_s = _pause_s(view, move, pace)
        then = arrange(_after(view, move), move.then, pace.later(swact.end_s + pause_s))
    except PlanRefused:
        return None
    return _join(view, move, first, swact, then, pause_s)


def _swact(view: View, move: Move, first: Plan, pace: Pace) -> Step:
    estimate = host_estimate(view, move.host, Action.SWACT)
    rest_s = 0.0
    if first.steps:
        touched = _touched(move.first)
        moved = [one.service for one in affected_by(view, move.host, Action.SWACT)]
        names = [name for name in moved if not touched.isdisjoint({name, _ALL})]
        rest_s = max(_soaks_s(view, move.host, names, pace.policy))
    name = f"swact@{move.host}"
    start_s = pace.open_s(name, first.makespan_s + rest_s, estimate.duration_s)
    waited_for = {earlier for step in first.steps for earlier in step.after}
    return Step(
        id=name,
        host=move.host,
        action=Action.SWACT,
        reason=_reason(move, is_first=not first.steps),
        start_s=round(start_s, _DIGITS),
        end_s=round(start_s + estimate.duration_s, _DIGITS),
        after=tuple(sorted({step.id for step in first.steps} - waited_for)),
        soak_s=rest_s,
        timeout_s=estimate.timeout_s,
        dwell_s=0.0,
        expected_outage_s=estimate.outage_s,
        to_host=move.to_host,
        cures=tuple(need.service for need in move.cured),
        cost_s=round(move.swact_s, _DIGITS),
        instead_s=round(move.in_place_s, _DIGITS),
    )


def _reason(move: Move, *, is_first: bool) -> str:
    count = len(move.cured)
    what = "the stale service" if count == 1 else f"the {count} stale services"
    parts = [
        f"starts {what} of {move.host} afresh on {move.to_host}, which has the installed code; it "
        f"costs {move.swact_s:.1f} s, added up over all that it moves, and restarts in place "
        f"{move.in_place_s:.1f} s (law 4)"
    ]
    if not is_first:
        parts.append(f"{move.to_host} is finished before it becomes active (law 4)")
    return "; ".join(parts)


def _pause_s(view: View, move: Move, pace: Pace) -> float:
    """How long what comes after rests first: as long as any of it wants after what came before."""
    moved = {one.service for one in affected_by(view, move.host, Action.SWACT)}
    touched = moved | _touched(move.first)
    rests_s = [0.0]
    for need in move.then:
        names = [need.service] if not touched.isdisjoint({need.service, _ALL}) else []
        if restarts_dependants(need.entry):
            names += view.members
        if names or move.first or need.host != move.host:
            rests_s += _soaks_s(view, need.host, names, pace.policy)
    return max(rests_s)


def _touched(needs: Sequence[Need]) -> set[str]:
    """Services that those acts take down; all of them where one takes others along."""
    found = {need.service for need in needs}
    along = any(restarts_dependants(need.entry) for need in needs)
    return {*found, _ALL} if along else found


def _soaks_s(view: View, host: str, services: Iterable[str], policy: Policy) -> list[float]:
    """The pauses before something is done to those services there."""
    own = view.topology.hosts[view.rank[host]]
    by_kind = [policy.soak_s_of.get(one, 0.0) for one in Personality if own.serves_as(one)]
    return [*by_kind, *(soak_of(policy, name) for name in services)]


def _after(view: View, move: Move) -> View:
    """What will be seen when the first half and the swact are done."""
    revived = {(need.host, need.service) for need in move.first if need.revives}
    gone = {one.service for one in affected_by(view, move.host, Action.SWACT)}
    hosts = tuple(_look_later(seen, move, gone, revived) for seen in view.seen.values())
    return make_view(Observation(hosts=hosts), view.catalog, view.topology, dict(view.history))


def _look_later(
    seen: HostObservation, move: Move, gone: set[str], revived: set[tuple[str, str]]
) -> HostObservation:
    def later(one: Instance) -> Instance:
        if one.service in gone and seen.host in {move.host, move.to_host}:
            runs = seen.host == move.to_host
            state = InstanceState.RUNNING if runs else InstanceState.STOPPED
            return replace(one, state=state, verdict=Verdict.CURRENT, evidence=())
        is_back = (seen.host, one.service) in revived
        return replace(one, state=InstanceState.RUNNING) if is_back else one

    role = {move.host: Role.STANDBY, move.to_host: Role.ACTIVE}.get(seen.host, seen.role)
    return replace(seen, role=role, instances=tuple(map(later, seen.instances)))


def _join(view: View, move: Move, first: Plan, swact: Step, then: Plan, pause_s: float) -> Plan:
    later_s = swact.end_s + pause_s
    steps = (*first.steps, swact, *(_moved(step, swact, pause_s, later_s) for step in then.steps))
    makespan_s = max(step.end_s for step in steps)
    taker_s = sum(one.end_s - one.start_s for one in first.steps if one.host == move.to_host)
    least_s = taker_s / first.policy.parallel_services + swact.end_s - swact.start_s
    foretold = (
        join_forecasts(first.forecast, make_forecast(view, [swact])),
        tuple(
            replace(
                one,
                from_s=round(one.from_s + later_s, _DIGITS),
                until_s=round(one.until_s + later_s, _DIGITS),
            )
            for one in then.forecast
        ),
    )
    return replace(
        first,
        steps=steps,
        omitted=(*first.omitted, *_cured(view, move), *then.omitted),
        forecast=join_forecasts(*foretold),
        makespan_s=makespan_s,
        # Only what the standby has must precede the swact: other orders may overlap more.
        lower_bound_s=round(max(first.lower_bound_s, least_s, then.lower_bound_s), _DIGITS),
    )


def _moved(step: Step, swact: Step, pause_s: float, by_s: float) -> Step:
    is_free = not step.after
    return replace(
        step,
        start_s=round(step.start_s + by_s, _DIGITS),
        end_s=round(step.end_s + by_s, _DIGITS),
        after=(swact.id,) if is_free else step.after,
        soak_s=step.soak_s + pause_s if is_free else step.soak_s,
    )


def _cured(view: View, move: Move) -> tuple[Omission, ...]:
    return tuple(
        omit(
            view,
            need.host,
            need.service,
            f"cured by swact@{move.host}: {move.to_host} starts it afresh with the installed code "
            f"(law 4); {need.cause}",
        )
        for need in move.cured
    )

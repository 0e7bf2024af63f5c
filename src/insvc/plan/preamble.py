"""Bring locked hosts back first: the end of a turn that an earlier run has begun."""

from collections.abc import Sequence
from dataclasses import replace

from insvc.errors import InputError
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.words import Action, InstanceState, Verdict
from insvc.plan.budgets import Obstacle, make_budget
from insvc.plan.forecast import join_forecasts, make_forecast
from insvc.plan.host_durations import is_active_only, is_job
from insvc.plan.host_steps import make_unlock_steps
from insvc.plan.locking import OUTLIVES_LOCK
from insvc.plan.needs import find_needs, omit
from insvc.plan.pacing import Pace
from insvc.plan.plan import Omission, Plan, Step
from insvc.plan.policy import Policy
from insvc.plan.view import View

_DIGITS = 3


def hosts_to_unlock(view: View, policy: Policy) -> tuple[str, ...]:
    """The locked hosts that the policy wants back in service, in the topology's order.

    Raises:
        InputError: the policy names a host that was not observed.
    """
    for name in policy.unlock:
        if name not in view.seen:
            raise InputError(
                "policy unlock",
                f"names {name}, and no host of this name was observed",
                next_act="name hosts as `insvc cloud status` does",
            )
    return tuple(name for name, seen in view.seen.items() if seen.locked and name in policy.unlock)


def make_preamble(
    view: View, hosts: Sequence[str], pace: Pace
) -> tuple[tuple[Step, ...], tuple[Omission, ...]]:
    """The steps that bring those hosts back, one after the other, and what that cures."""
    needs, omitted = find_needs(view, pace.policy)
    inside = [one for one in needs if one.host in hosts and one.action is not Action.NEXT_RUN]
    restarts = [one for one in inside if one.service in OUTLIVES_LOCK]
    why = {(one.host, one.service): one.reason for one in omitted if one.host in hosts}
    why |= {(one.host, one.service): one.cause for one in inside if one not in restarts}
    cured = [
        omit(view, host, service, f"started afresh by unlock@{host}; {cause}")
        for (host, service), cause in why.items()
    ]
    return make_unlock_steps(view, hosts, restarts, pace), tuple(cured)


def unlock_obstacles(view: View, hosts: Sequence[str], policy: Policy) -> list[Obstacle]:
    """Members that vote, on those hosts, and that cannot be spared even on a locked host."""
    found = []
    for need in find_needs(view, policy)[0]:
        if need.host in hosts and need.service in OUTLIVES_LOCK and need.disrupts:
            budget = make_budget(view, need.service, policy)
            if not budget.by_policy and budget.spare(frozenset({need.host})) < 1:
                found.append(budget.obstacle(need.host))
    return found


def brought_back(observation: Observation, view: View, hosts: Sequence[str]) -> Observation:
    """What will be seen when those hosts are back in service."""
    return replace(
        observation,
        hosts=tuple(
            _in_service(view, seen) if seen.host in hosts else seen for seen in observation.hosts
        ),
    )


def _in_service(view: View, seen: HostObservation) -> HostObservation:
    return replace(
        seen,
        locked=False,
        instances=tuple(_started(view, one) for one in seen.instances),
    )


def _started(view: View, one: Instance) -> Instance:
    if one.state in {InstanceState.SCHEDULED, InstanceState.DISABLED} or is_job(view, one):
        return one
    is_kept = one.service in OUTLIVES_LOCK or one.state is InstanceState.RUNNING
    if is_active_only(view, one.service) and not is_kept:
        return one
    return replace(one, state=InstanceState.RUNNING, verdict=Verdict.CURRENT, evidence=())


def put_first(
    view: View, preamble: Sequence[Step], cured: Sequence[Omission], plan: Plan, rest_s: float
) -> Plan:
    """The plan after the preamble: everything that waits for nothing waits for its last step.

    Args:
        view: what was seen.
        preamble: the steps that bring hosts back.
        cured: what that cures.
        plan: what is done afterwards; what it says of an instance holds.
        rest_s: the pause between the two.
    """
    last = preamble[-1]
    from_s = last.end_s + (rest_s if plan.steps else 0.0)
    told = {(one.host, one.service) for one in plan.steps}
    told |= {(one.host, one.service) for one in plan.omitted}
    return replace(
        plan,
        steps=(*preamble, *(_moved(step, last, rest_s) for step in plan.steps)),
        omitted=(*(one for one in cured if (one.host, one.service) not in told), *plan.omitted),
        forecast=join_forecasts(
            make_forecast(view, preamble),
            (
                replace(
                    one,
                    from_s=round(one.from_s + from_s, _DIGITS),
                    until_s=round(one.until_s + from_s, _DIGITS),
                )
                for one in plan.forecast
            ),
        ),
        makespan_s=round(plan.makespan_s + from_s, _DIGITS),
        lower_bound_s=round(plan.lower_bound_s + from_s, _DIGITS),
    )


def _moved(step: Step, last: Step, rest_s: float) -> Step:
    return replace(
        step,
        start_s=round(step.start_s + last.end_s + rest_s, _DIGITS),
        end_s=round(step.end_s + last.end_s + rest_s, _DIGITS),
        after=step.after or (last.id,),
        soak_s=step.soak_s if step.after else max(step.soak_s, rest_s),
    )

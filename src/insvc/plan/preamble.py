"""Bring locked hosts back first: the end of a turn that an earlier run has begun."""

from collections.abc import Sequence
from dataclasses import replace

from insvc.errors import InputError
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.words import Action, InstanceState, Verdict
from insvc.plan.forecast import make_forecast
from insvc.plan.host_durations import is_active_only
from insvc.plan.host_steps import make_unlock_steps
from insvc.plan.locking import OUTLIVES_LOCK
from insvc.plan.needs import Need, find_needs, omit
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
    view: View, hosts: Sequence[str], policy: Policy
) -> tuple[tuple[Step, ...], tuple[Omission, ...]]:
    """The steps that bring those hosts back, one after the other, and what that cures."""
    needs, _ = find_needs(view, policy)
    restarts: list[Need] = []
    cured: list[Omission] = []
    for need in needs:
        if need.host not in hosts or need.action is Action.NEXT_RUN:
            continue
        if need.service in OUTLIVES_LOCK:
            restarts.append(need)
        else:
            why = f"started afresh by unlock@{need.host}; {need.cause}"
            cured.append(omit(view, need.host, need.service, why))
    return make_unlock_steps(view, hosts, restarts, policy), tuple(cured)


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
    stays = {InstanceState.SCHEDULED, InstanceState.DISABLED}
    if one.state in stays or is_active_only(view, one.service):
        return one
    return replace(one, state=InstanceState.RUNNING, verdict=Verdict.CURRENT, evidence=())


def put_first(view: View, preamble: Sequence[Step], cured: Sequence[Omission], plan: Plan) -> Plan:
    """The plan after the preamble: everything that waits for nothing waits for its last step."""
    last = preamble[-1]
    foretold = {one.entry for one in plan.forecast}
    return replace(
        plan,
        steps=(*preamble, *(_moved(step, last) for step in plan.steps)),
        omitted=(*cured, *plan.omitted),
        forecast=(
            *(one for one in make_forecast(view, preamble) if one.entry not in foretold),
            *(
                replace(
                    one,
                    from_s=round(one.from_s + last.end_s, _DIGITS),
                    until_s=round(one.until_s + last.end_s, _DIGITS),
                )
                for one in plan.forecast
            ),
        ),
        makespan_s=round(plan.makespan_s + last.end_s, _DIGITS),
        lower_bound_s=round(plan.lower_bound_s + last.end_s, _DIGITS),
    )


def _moved(step: Step, last: Step) -> Step:
    return replace(
        step,
        start_s=round(step.start_s + last.end_s, _DIGITS),
        end_s=round(step.end_s + last.end_s, _DIGITS),
        after=step.after or (last.id,),
    )

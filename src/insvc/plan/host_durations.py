"""How long a swact, a lock or an unlock takes: its services stop and start in waves."""

from insvc.model.observation import Instance
from insvc.model.words import Action, InstanceState, Manager, Redundancy
from insvc.plan.durations import (
    PATIENCE_FACTOR,
    PATIENCE_S,
    ROUND,
    STOP_S,
    Estimate,
    start_s,
)
from insvc.plan.view import View
from insvc.plan.waves import longest_s, outages_s

# What each of the services that start at once costs the others.
_CROWD_S = 0.05


def host_estimate(view: View, host: str, action: Action, *, after_swact: bool = False) -> Estimate:
    """What a host action takes; services that it moves are out for all of it.

    Args:
        view: what was seen.
        host: the host that is acted on.
        action: swact, lock or unlock.
        after_swact: its active-standby services are gone to another host by then.
    """
    affected = affected_by(view, host, action, after_swact=after_swact)
    if action is Action.SWACT:
        took_s = max(outages_s(view, affected).values(), default=0.0)
    elif action is Action.LOCK:
        took_s = longest_s(view, {one.service: STOP_S for one in affected})
    else:
        starts = {one.service: start_s(one, view.entries.get(one.service)) for one in affected}
        took_s = longest_s(view, starts) + _CROWD_S * len(affected)
    measured = view.history.get(action.value)
    return Estimate(
        duration_s=round(measured.took_s if measured else STOP_S + took_s, ROUND),
        outage_s=round(measured.outage_s if measured else took_s, ROUND),
        timeout_s=round(PATIENCE_S + PATIENCE_FACTOR * took_s, ROUND),
        measured=measured,
    )


def swact_outages_s(view: View, host: str) -> dict[str, float]:
    """How long each service that a swact of the host moves is down, by service.

    From its stop here to its readiness there. Where swacts were measured, the longest of these
    outages is known, and the others are in proportion to it.
    """
    found = outages_s(view, affected_by(view, host, Action.SWACT))
    measured = view.history.get(Action.SWACT.value)
    if measured is None or not found:
        return found
    factor = measured.outage_s / max(found.values())
    return {service: factor * down_s for service, down_s in found.items()}


def swact_cost_s(view: View, host: str) -> float:
    """The outages of all services that a swact of the host would move, added up."""
    return sum(swact_outages_s(view, host).values())


def affected_by(
    view: View, host: str, action: Action, *, after_swact: bool = False
) -> tuple[Instance, ...]:
    """Running services that a host action stops, starts or moves.

    A swact moves the active-standby ones; a lock after it finds the others. A job in the middle of
    a run is waited for before, so it is none of them.
    """
    running = [
        one
        for one in view.seen[host].instances
        if one.state is InstanceState.RUNNING and not is_job(view, one)
    ]
    if action is Action.SWACT:
        return tuple(one for one in running if is_active_only(view, one.service))
    return tuple(one for one in running if not (after_swact and is_active_only(view, one.service)))


def is_active_only(view: View, service: str) -> bool:
    """Whether it runs on the active host alone."""
    return service in view.entries and view.redundancy(service) is Redundancy.ACTIVE_STANDBY


def is_job(view: View, instance: Instance) -> bool:
    """Whether cron starts it."""
    entry = view.entries.get(instance.service)
    return Manager.CRON in {instance.manager, entry.managed_by if entry else None}

"""How long a swact, a lock or an unlock takes: its services stop and start in waves.

A service starts when everything that it depends on is up, and stops when everything that depends
on it is down; services that do not depend on one another do so at the same time.
"""

from collections.abc import Mapping

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
from insvc.plan.precedence import dependencies
from insvc.plan.view import View

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
    starting_s = _longest_chain(
        view, {one.service: start_s(one, view.entries.get(one.service)) for one in affected}
    )
    starting_s += _CROWD_S * len(affected)
    stopping_s = _longest_chain(view, {one.service: STOP_S for one in affected})
    took_s = {
        Action.LOCK: stopping_s,
        Action.UNLOCK: starting_s,
        Action.SWACT: stopping_s + starting_s,
    }[action]
    measured = view.history.get(action.value)
    return Estimate(
        duration_s=round(measured.took_s if measured else STOP_S + took_s, ROUND),
        outage_s=round(measured.outage_s if measured else took_s, ROUND),
        timeout_s=round(PATIENCE_S + PATIENCE_FACTOR * took_s, ROUND),
        measured=measured,
    )


def swact_cost_s(view: View, host: str) -> float:
    """The outages of all services that a swact of the host would move, added up."""
    moved = affected_by(view, host, Action.SWACT)
    return sum(STOP_S + start_s(one, view.entries.get(one.service)) for one in moved)


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
        if one.state is InstanceState.RUNNING and not _is_job(view, one)
    ]
    if action is Action.SWACT:
        return tuple(one for one in running if is_active_only(view, one.service))
    return tuple(one for one in running if not (after_swact and is_active_only(view, one.service)))


def is_active_only(view: View, service: str) -> bool:
    """Whether it runs on the active host alone."""
    return service in view.entries and view.redundancy(service) is Redundancy.ACTIVE_STANDBY


def _is_job(view: View, instance: Instance) -> bool:
    entry = view.entries.get(instance.service)
    return Manager.CRON in {instance.manager, entry.managed_by if entry else None}


def _longest_chain(view: View, took_s: Mapping[str, float]) -> float:
    """The longest sum along dependencies between entries."""
    by_entry: dict[str, float] = {}
    for service, own_s in took_s.items():
        entry = view.entries.get(service)
        name = entry.name if entry else service
        by_entry[name] = max(by_entry.get(name, 0.0), own_s)
    needs = {
        entry.name: set(dependencies(entry, view.catalog)) & by_entry.keys()
        for entry in view.catalog.entries
        if entry.name in by_entry
    }
    # What needs fewest comes first; entries in a circle count once each.
    ends_s: dict[str, float] = {}
    for name in sorted(by_entry, key=lambda name: (len(needs.get(name, ())), name)):
        earlier = [ends_s.get(other, 0.0) for other in needs.get(name, ())]
        ends_s[name] = by_entry[name] + max(earlier, default=0.0)
    return max(ends_s.values(), default=0.0)

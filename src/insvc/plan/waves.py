"""Services that stop and start together do so in waves, along what they depend on.

A service starts when everything that it depends on is up, and stops when everything that depends
on it is down; services that do not depend on one another do so at the same time.
"""

from collections.abc import Iterable, Mapping

from insvc.model.observation import Instance
from insvc.plan.durations import STOP_S, drain_of, start_s, usual_drain_s
from insvc.plan.policy import Policy
from insvc.plan.precedence import dependencies
from insvc.plan.view import View

# What each service whose start was never measured costs those that start with it. Where starts
# were measured, that is in the measurements: hosts start everything at once.
_CROWD_S = 0.05
_AS_DEFINED = Policy()


def up_s(view: View, took_s: Mapping[str, float]) -> dict[str, float]:
    """When each service is up, if each starts once what it depends on is: seconds by service."""
    return _ends_s(view, took_s, _needs(view, took_s))


def longest_s(view: View, took_s: Mapping[str, float]) -> float:
    """The longest sum along dependencies."""
    return max(up_s(view, took_s).values(), default=0.0)


def outages_s(view: View, instances: Iterable[Instance]) -> dict[str, float]:
    """How long each is down when all of them stop and then start again, by service.

    Each is stopped as it is defined: a policy's drain is for restarts in place.
    """
    chosen = tuple(instances)
    if not chosen:
        return {}
    stops_s = {one.service: _stop_s(view, one) for one in chosen}
    starts_s = {one.service: start_s(one, view.entries.get(one.service)) for one in chosen}
    crowd_s = _CROWD_S * sum(one.started_in_s is None for one in chosen)
    needs = _needs(view, stops_s)
    needed_by = {name: {one for one, its in needs.items() if name in its} for name in needs}
    gone_s = _ends_s(view, stops_s, needed_by)
    all_gone_s = max(gone_s.values())
    ready_s = _ends_s(view, starts_s, needs)
    return {
        name: all_gone_s - (gone_s[name] - stops_s[name]) + ready_s[name] + crowd_s
        for name in stops_s
    }


def _stop_s(view: View, one: Instance) -> float:
    entry = view.entries.get(one.service)
    drain = drain_of(entry, one.service, _AS_DEFINED) if entry else None
    return STOP_S + usual_drain_s(drain)


def _needs(view: View, services: Iterable[str]) -> dict[str, set[str]]:
    """Which of their entries each of their entries depends on, by name."""
    names = {_entry_of(view, service) for service in services}
    return {
        entry.name: dependencies(entry, view.catalog).keys() & names
        for entry in view.catalog.entries
        if entry.name in names
    }


def _entry_of(view: View, service: str) -> str:
    """The name of its entry; its own where no catalog knows it."""
    entry = view.entries.get(service)
    return entry.name if entry else service


def _ends_s(
    view: View, took_s: Mapping[str, float], after: Mapping[str, set[str]]
) -> dict[str, float]:
    """When each service is done, if it begins once the entries before its own are.

    What comes after fewest goes first; entries in a circle count once each.
    """
    by_entry: dict[str, float] = {}
    for service, own_s in took_s.items():
        name = _entry_of(view, service)
        by_entry[name] = max(by_entry.get(name, own_s), own_s)
    begins_s: dict[str, float] = {}
    for name in sorted(by_entry, key=lambda name: (len(after.get(name, ())), name)):
        earlier = after.get(name, set()) & begins_s.keys()
        ends = (begins_s[other] + by_entry[other] for other in earlier)
        begins_s[name] = max(ends, default=0.0)
    return {service: begins_s[_entry_of(view, service)] + own for service, own in took_s.items()}

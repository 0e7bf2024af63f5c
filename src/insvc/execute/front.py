"""What users stand before: services of the active host whose outage shows what a host act costs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insvc.catalog.entry import CarriesTraffic, Catalog, Entry
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import InstanceState, Redundancy, Role

MOST = 4
"""How many are watched: each is asked every few milliseconds wherever it may answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """One service and every place where it may answer.

    Attributes:
        service: its name.
        endpoints: `address:port` on the active host first, then where it may move to.
        path: for an HTTP probe; absent means a TCP probe.
    """

    service: str
    endpoints: tuple[str, ...]
    path: str | None


Interval = tuple[float, float]
"""Seconds since the epoch: from, until."""


def find_fronts(hosts: Sequence[HostObservation], catalog: Catalog) -> tuple[Front, ...]:
    """What carries traffic first, then what most others depend on.

    Args:
        hosts: every controller, as seen now.
        catalog: what is known of their processes.
    """
    active = next((one for one in hosts if one.role is Role.ACTIVE), None)
    if active is None:
        return ()
    entries = {
        one.service: entry for one in active.instances if (entry := catalog.entry_of(one.service))
    }
    needed = Counter(name for entry in catalog.entries for name in entry.depends_on)
    moving = [one for one in active.instances if _moves(one, entries.get(one.service))]
    moving.sort(key=lambda one: _rank(entries[one.service], needed, one.service))
    return tuple(_front(one, entries[one.service], hosts) for one in moving[:MOST])


def together(places: Iterable[Sequence[Interval]]) -> tuple[Interval, ...]:
    """When none of the places answered: what all their outages have in common."""
    found: list[Interval] | None = None
    for outages in places:
        if found is None:
            found = list(outages)
        else:
            pairs = [(max(a[0], b[0]), min(a[1], b[1])) for a in found for b in outages]
            found = [one for one in pairs if one[0] < one[1]]
    return tuple(sorted(found or ()))


def _moves(instance: Instance, entry: Entry | None) -> bool:
    """Whether it runs on the active host alone and can be asked."""
    return (
        entry is not None
        and instance.endpoint is not None
        and instance.state is InstanceState.RUNNING
        and entry.redundancy_of(instance.service) is Redundancy.ACTIVE_STANDBY
    )


def _rank(entry: Entry, needed: Counter[str], service: str) -> tuple[bool, int, str]:
    carries = any(isinstance(one, CarriesTraffic) for one in entry.special_handling)
    return not carries, -needed[entry.name], service


def _front(instance: Instance, entry: Entry, hosts: Iterable[HostObservation]) -> Front:
    """Where it is comes first; a place that is found twice is one."""
    peers = [host.instance(instance.service) for host in hosts]
    endpoints = [one.endpoint for one in (instance, *peers) if one is not None and one.endpoint]
    service = entry.service(instance.service)
    probe = (service.outage_probe or service.readiness) if service else None
    return Front(
        service=instance.service,
        endpoints=tuple(dict.fromkeys(endpoints)),
        path=probe.path if probe is not None and probe.kind == "http" else None,
    )

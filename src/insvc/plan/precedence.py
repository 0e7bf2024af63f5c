"""Which entries go before which others (laws 3 and 7), as gates between groups of steps."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from insvc.catalog.entry import AvoidTogether, Before, CarriesTraffic, Catalog, Entry
from insvc.model.words import InstanceState
from insvc.plan.circle import contradiction
from insvc.plan.needs import Need
from insvc.plan.view import View


class Scope(StrEnum):
    """Which steps of two entries a gate orders.

    `everywhere` all of both; `same-host` those on the same active host; `onto-active` all of the
    first before those of the second on active hosts; `from-active` the reverse of that.
    """

    EVERYWHERE = "everywhere"
    SAME_HOST = "same-host"
    ONTO_ACTIVE = "onto-active"
    FROM_ACTIVE = "from-active"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """Steps of the entry `first` have succeeded before steps of the entry `then` start."""

    first: str
    then: str
    scope: Scope
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Precedence:
    """The order of the entries that have steps.

    Attributes:
        gates: what must precede what.
        rank: place of each entry in an order that all gates allow, by entry name.
        last: entries that carry the traffic.
    """

    gates: tuple[Gate, ...]
    rank: dict[str, int]
    last: frozenset[str]


def order_entries(view: View, needs: Iterable[Need], carriers: Collection[str] = ()) -> Precedence:
    """Derive the gates between the entries of these needs.

    Args:
        view: what was seen.
        needs: what is to be restarted.
        carriers: entries or services that carry insvc's own traffic, beside those with a rule.

    Raises:
        PlanRefused: the catalog's rules contradict one another for these entries.
    """
    places = _places(view, needs)
    entries = [entry for entry in view.catalog.entries if entry.name in places]
    carrying = [entry.name for entry in entries if carries_traffic(entry, carriers)]
    last = frozenset(carrying)
    gates = [gate for entry in entries for gate in _prerequisites(entry, view.catalog, places)]
    gates = [gate for gate in gates if gate.first not in last or gate.then in last]
    gates += [gate for entry in entries for gate in _before(entry, view, places)]
    finally_ = [
        Gate(first=entry.name, then=name, scope=Scope.EVERYWHERE, why=f"{name} carries the traffic")
        for entry in entries
        for name in carrying
        if entry.name not in last
    ]
    for entry in entries:
        gates += _avoid(entry, view, places, [*gates, *finally_])
    rank = _sort([entry.name for entry in entries], [*gates, *finally_])
    return Precedence(gates=tuple(gates), rank=rank, last=last)


def carries_traffic(entry: Entry, carriers: Collection[str] = ()) -> bool:
    """Whether insvc's own or everybody's traffic goes through it (law 7)."""
    by_rule = any(isinstance(rule, CarriesTraffic) for rule in entry.special_handling)
    names = {entry.name, *(service.name for service in entry.services)}
    return by_rule or not names.isdisjoint(carriers)


def dependencies(entry: Entry, catalog: Catalog) -> dict[str, Entry]:
    """Every entry that must be up before it, also through others, by name."""
    found: dict[str, Entry] = {}
    waiting = list(entry.depends_on)
    while waiting:
        other = resolve(waiting.pop(0), catalog)
        if other is not None and other.name not in found and other.name != entry.name:
            found[other.name] = other
            waiting.extend(other.depends_on)
    return found


def dependants(view: View, host: str, entry: Entry) -> tuple[str, ...]:
    """Services that run on the host and need the entry, also through others."""
    found = []
    for instance in view.seen[host].instances:
        other = view.entries.get(instance.service)
        if other is None or instance.state is not InstanceState.RUNNING:
            continue
        if entry.name in dependencies(other, view.catalog):
            found.append(instance.service)
    return tuple(found)


def resolve(name: str, catalog: Catalog) -> Entry | None:
    """The entry of that name, or the one that has a service of that name."""
    return catalog.entry(name) or catalog.entry_of(name)


def _places(view: View, needs: Iterable[Need]) -> dict[str, frozenset[str]]:
    """Hosts with steps by entry name; only active hosts are told apart, others are `-`."""
    places: dict[str, set[str]] = {}
    for need in needs:
        where = need.host if need.host in view.active else "-"
        places.setdefault(need.entry.name, set()).add(where)
    return {name: frozenset(hosts) for name, hosts in places.items()}


def _prerequisites(
    entry: Entry, catalog: Catalog, places: dict[str, frozenset[str]]
) -> Iterator[Gate]:
    for name in dependencies(entry, catalog):
        if name in places:
            yield Gate(
                first=name,
                then=entry.name,
                scope=Scope.EVERYWHERE,
                why=f"{entry.name} depends on {name} (law 3)",
            )


def _before(entry: Entry, view: View, places: dict[str, frozenset[str]]) -> Iterator[Gate]:
    for rule in entry.special_handling:
        if not isinstance(rule, Before):
            continue
        for name in _targets(entry, rule.entries, view.catalog, places):
            everywhere = rule.where == "everywhere"
            shared = places[entry.name] & places[name] - {"-"}
            if everywhere or shared:
                where = "" if everywhere else " on the active controller"
                yield Gate(
                    first=entry.name,
                    then=name,
                    scope=Scope.EVERYWHERE if everywhere else Scope.SAME_HOST,
                    why=f"{entry.name} before {name}{where} (law 3)",
                )


def _avoid(
    entry: Entry, view: View, places: dict[str, frozenset[str]], gates: list[Gate]
) -> Iterator[Gate]:
    for rule in entry.special_handling:
        if not isinstance(rule, AvoidTogether):
            continue
        for name in _targets(entry, rule.entries, view.catalog, places):
            if not places[name] - {"-"}:
                continue
            turned = entry.name in _follow(name, gates)
            yield Gate(
                first=name if turned else entry.name,
                then=entry.name if turned else name,
                scope=Scope.FROM_ACTIVE if turned else Scope.ONTO_ACTIVE,
                why=f"{entry.name} and {name} on the active controller never together (law 3)",
            )


def _targets(
    entry: Entry, names: tuple[str, ...], catalog: Catalog, places: dict[str, frozenset[str]]
) -> list[str]:
    found = [resolve(name, catalog) for name in names]
    wanted = [one.name for one in found if one is not None and one.name in places]
    return [name for name in dict.fromkeys(wanted) if name != entry.name]


def _follow(start: str, gates: list[Gate]) -> set[str]:
    """Every entry that the gates put behind this one, and itself."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [gate.then for gate in gates if gate.first == name]
    return found


def _sort(names: list[str], gates: list[Gate]) -> dict[str, int]:
    rank: dict[str, int] = {}
    left = list(names)
    while left:
        blocked = {gate.then for gate in gates if gate.first not in rank}
        ready = next((name for name in left if name not in blocked), None)
        if ready is None:
            raise contradiction(left, gates)
        rank[ready] = len(rank)
        left.remove(ready)
    return rank

"""Entries for what our own managers look after and no catalog knows."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from insvc.catalog.entry import Catalog, Entry, Impact, Service
from insvc.model.words import Action, Manager, Personality, Redundancy
from insvc.supervise.definition import ServiceDefinition

_SOURCE: Final = "discovered: definition of its manager"


class Found(NamedTuple):
    """A definition, and what the host is for on which it was found."""

    personality: Personality
    definition: ServiceDefinition


def with_discovered(catalog: Catalog, found: Iterable[Found]) -> Catalog:
    """The catalog with an entry for each of these services that none of its entries has.

    Args:
        catalog: what is known by people.
        found: definitions by host, in any order; of one name the first one counts.
    """
    fresh: dict[str, Entry] = {}
    for personality, definition in found:
        known = fresh.get(definition.name)
        if known is not None:
            places = dict.fromkeys((*known.runs_on, personality))
            fresh[definition.name] = replace(known, runs_on=tuple(places))
        elif catalog.entry_of(definition.name) is None and not catalog.entry(definition.name):
            fresh[definition.name] = entry_of(definition, personality)
    names = {one.services[0].name: one.name for one in fresh.values()}
    told = (_with_needs(one, catalog, names) for one in fresh.values())
    return replace(catalog, entries=(*catalog.entries, *told)) if fresh else catalog


def entry_of(definition: ServiceDefinition, personality: Personality) -> Entry:
    """How a service can be restarted, by what its manager is told of it."""
    takes_turns = definition.runs_when == "active"
    action = _action(definition)
    return Entry(
        name=definition.name.lower(),
        title=definition.name,
        function=f"a service that {definition.manager} looks after; no catalog tells of it",
        in_service_patchable=True,
        managed_by=definition.manager,
        runs_on=(personality,),
        redundancy=Redundancy.ACTIVE_STANDBY if takes_turns else Redundancy.PER_HOST,
        services=(Service(name=definition.name, pidfile=definition.pidfile or None),),
        action=action,
        depends_on=definition.depends_on,
        impact=Impact(
            new_requests="served" if action is Action.HANDOFF else "refused", recovers="retry"
        ),
        provenance=dict.fromkeys(("managed_by", "services", "action", "depends_on"), _SOURCE),
    )


def _action(definition: ServiceDefinition) -> Action:
    """What cures it. A script that judges a service alone knows no restart of it."""
    if definition.manager is Manager.CRON:
        return Action.NEXT_RUN
    if definition.status_check is not None:
        return Action.NONE
    return Action.HANDOFF if definition.hands_over else Action.RESTART


def _with_needs(entry: Entry, catalog: Catalog, names: dict[str, str]) -> Entry:
    """The entry, which depends on entries where its definition named services."""
    needs: list[str] = []
    for service in entry.depends_on:
        known = catalog.entry_of(service)
        name = known.name if known else names.get(service)
        if name is not None and name != entry.name:
            needs.append(name)
    return replace(entry, depends_on=tuple(dict.fromkeys(needs)))

"""What a StarlingX host's own managers told, made wise by the operators' page.

The page tells of rows (Glance), the managers of services (glance-api, glance-registry). Its rules
speak of rows, so the services that are there are gathered into them again.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from insvc.catalog.entry import Catalog, Entry
from insvc.model.words import Manager, Personality, Redundancy

OF_STARLINGX: Final = frozenset({Manager.PMON, Manager.SM})


def native(discovered: Iterable[Entry], page: Catalog) -> tuple[Entry, ...]:
    """The entries, with rows of the page in place of what they describe.

    Of a row those services are kept that are there, under the manager that has them. What the page
    knows stays: class, impact, rules, commands; what the host knows of dependencies is added.

    Args:
        discovered: of every manager of the host; others than StarlingX's own are left alone.
        page: the catalog of the page.
    """
    told = tuple(discovered)
    rows = {one.name: row for one in told if (row := _row_of(one, page)) is not None}
    gathered: dict[str, list[Entry]] = {}
    for one in told:
        gathered.setdefault(rows[one.name].name if one.name in rows else one.name, []).append(one)
    names = {one.name: rows[one.name].name if one.name in rows else one.name for one in told}
    return tuple(
        _as_row(rows[parts[0].name], parts, names)
        if parts[0].name in rows
        else _renamed(parts[0], names)
        for parts in gathered.values()
    )


def _row_of(entry: Entry, page: Catalog) -> Entry | None:
    """The row that has its service, where one of StarlingX's managers keeps it."""
    if entry.managed_by not in OF_STARLINGX:
        return None
    return next((row for one in entry.services if (row := page.entry_of(one.name))), None)


def _as_row(row: Entry, parts: Sequence[Entry], names: Mapping[str, str]) -> Entry:
    """The row with those of its services that are there."""
    pidfiles = {one.name: one.pidfile for part in parts for one in part.services}
    services = tuple(
        dataclasses.replace(
            one, pidfile=pidfiles[one.name] or one.pidfile, runs_on=None, redundancy=None
        )
        for one in row.services
        if one.name in pidfiles
    )
    needs = (*row.depends_on, *(one for part in parts for one in _needs(part, names)))
    times = [part.impact.longest_s for part in parts if part.impact.longest_s is not None]
    impact = row.impact
    if impact.longest_s is None and times:
        impact = dataclasses.replace(impact, longest_s=max(times))
    return dataclasses.replace(
        row,
        managed_by=parts[0].managed_by,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=services,
        depends_on=tuple(dict.fromkeys(one for one in needs if one != row.name)),
        impact=impact,
        provenance=row.provenance | parts[0].provenance,
    )


def _renamed(entry: Entry, names: Mapping[str, str]) -> Entry:
    """The entry, which may depend on rows now."""
    needs = _needs(entry, names)
    return entry if needs == entry.depends_on else dataclasses.replace(entry, depends_on=needs)


def _needs(entry: Entry, names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names.get(one, one) for one in entry.depends_on))

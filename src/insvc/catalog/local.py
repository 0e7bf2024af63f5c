"""Layers of a site and a host on what was found there: by name, by origin, by glob."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.catalog.globs import fits, says
from insvc.catalog.layers import Amendment, Layer, amend, by_level, is_whole

_TOLD = ("drain", "readiness", "outage_probe")
"""What a layer may say of a service that was found there."""


def lie_on(
    entries: Mapping[str, Entry], origins: Mapping[str, str], layers: Sequence[Layer]
) -> dict[str, Entry]:
    """The entries with what the layers say of them.

    What a layer says of something that is not here changes nothing.

    Args:
        entries: by name.
        origins: the name of the shipped entry that each was made wise by, or nothing, by name.
        layers: in any order; the higher level wins, in it the amendment whose name says more.
    """
    changed = dict(entries)
    for layer in by_level(layers):
        changed = _lie_on(changed, origins, layer)
    return changed


def lie_on_shipped(catalog: Catalog, layers: Sequence[Layer]) -> Catalog:
    """A shipped catalog with what layers say of its entries, to be looked at away from a host."""
    entries = {one.name: one for one in with_additions(catalog, layers).entries}
    changed = lie_on(entries, dict.fromkeys(entries, ""), layers)
    return dataclasses.replace(catalog, entries=tuple(changed.values()))


def strangers(catalog: Catalog, layer: Layer) -> tuple[str, ...]:
    """Names in the layer that fit nothing in the catalog: they are for what a host discovers."""
    named = (*layer.without, *(one.name for one in layer.entries if not is_whole(one)))
    return tuple(
        name for name in named if not any(_means(name, one, "") for one in catalog.entries)
    )


def with_additions(shipped: Catalog, layers: Sequence[Layer]) -> Catalog:
    """The shipped catalog and the entries that layers add to it."""
    added: dict[str, Entry] = {}
    known = {one.name for one in shipped.entries}
    for layer in by_level(layers):
        for one in layer.entries:
            if one.name not in known and is_whole(one) and one.services:
                added[one.name] = amend(None, one, layer)
    return dataclasses.replace(shipped, entries=(*added.values(), *shipped.entries))


def _lie_on(
    entries: dict[str, Entry], origins: Mapping[str, str], layer: Layer
) -> dict[str, Entry]:
    kept = {
        name: entry
        for name, entry in entries.items()
        if not any(_means(gone, entry, origins[name]) for gone in layer.without)
    }
    for one in sorted(layer.entries, key=lambda one: says(one.name)):
        targets = [name for name, entry in kept.items() if _speaks_of(one, entry, origins[name])]
        for name in targets:
            kept[name] = amend(kept[name], _narrowed(one, kept[name]), layer)
    return kept


def _speaks_of(amendment: Amendment, entry: Entry, origin: str) -> bool:
    patterns = [amendment.name, *(one.name for one in amendment.services or ())]
    return any(_means(pattern, entry, origin) for pattern in patterns)


def _means(pattern: str, entry: Entry, origin: str) -> bool:
    if pattern in {entry.name, origin}:
        return True
    return any(fits(pattern, name) for name in _names(entry))


def _names(entry: Entry) -> Iterator[str]:
    yield entry.name
    yield from (one.name for one in entry.services)


def _narrowed(amendment: Amendment, entry: Entry) -> Amendment:
    """What it says of one entry: never other names than those that were found."""
    told = tuple(_told(service, amendment) for service in entry.services)
    services = None if told == entry.services else told
    if amendment.name == entry.name:
        return dataclasses.replace(amendment, services=services)
    return dataclasses.replace(
        amendment, name=entry.name, services=services, aliases=None, title=None
    )


def _told(service: Service, amendment: Amendment) -> Service:
    """A service that was found, with how it is drained and asked as the amendment says."""
    for one in amendment.services or ():
        if fits(one.name, service.name):
            said = {key: getattr(one, key) for key in _TOLD}
            return dataclasses.replace(
                service, **{key: value for key, value in said.items() if value is not None}
            )
    return service

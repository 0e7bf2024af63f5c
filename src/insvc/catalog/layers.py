"""Catalogs on top of each other: built-in < distro < site < host."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from insvc.catalog.entry import Catalog, Command, Entry, Impact, Rule, Service
from insvc.model.words import Action, Manager, Personality, Redundancy, RestartClass

LEVELS = ("distro", "site", "host")
_NEEDED = ("title", "function", "in_service_patchable", "managed_by")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImpactAmendment:
    """Those parts of an entry's impact that a layer knows better; the rest stays.

    Attributes:
        outstanding_requests, new_requests, may_lose, sessions: as in Impact.
        longest_s, recovers, note: as in Impact.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    outstanding_requests: Literal["none", "complete", "fail", "delayed", "unknown"] | None = None
    new_requests: Literal["none", "served", "queued", "refused", "delayed", "unknown"] | None = None
    may_lose: tuple[str, ...] | None = None
    sessions: Literal["kept", "lost", "none"] | None = None
    longest_s: float | None = None
    recovers: Literal["by-itself", "retry", "operator", "unknown"] | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Amendment:
    """What a layer says of one entry. What it does not say stays as the layers below have it.

    A list replaces the whole list below it. An entry that no layer below knows is added and needs
    `title`, `function`, `in_service_patchable` and `managed_by`.

    Attributes:
        name: which entry.
        title, function, aliases, in_service_patchable, managed_by: as in Entry.
        runs_on, redundancy, services, restart, patch_restart, action: as in Entry.
        restart_class, depends_on, special_handling: as in Entry.
        impact: only those of its parts that are given change.
        provenance: the layer's level and name where a field it changes is not in here.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    title: str | None = None
    function: str | None = None
    aliases: tuple[str, ...] | None = None
    in_service_patchable: bool | None = None
    managed_by: Manager | None = None
    runs_on: tuple[Personality, ...] | None = None
    redundancy: Redundancy | None = None
    services: tuple[Service, ...] | None = None
    restart: tuple[Command, ...] | None = None
    patch_restart: tuple[Command, ...] | None = None
    action: Action | None = None
    restart_class: RestartClass | None = None
    depends_on: tuple[str, ...] | None = None
    impact: ImpactAmendment | None = None
    special_handling: tuple[Rule, ...] | None = None
    provenance: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """Changes to the catalog below it.

    Attributes:
        format: name and version of the file format.
        name: what the layer is called; becomes the provenance of what it changes.
        level: whose knowledge it is; higher levels win: distro, then site, then host.
        without: names of entries below that do not exist here.
        entries: additions and changes.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-layer/1"
    name: str
    level: Literal["distro", "site", "host"]
    without: tuple[str, ...] = ()
    entries: tuple[Amendment, ...] = field(default=())


def by_level(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """The layers, lowest first; equals stay in the order given."""
    return tuple(sorted(layers, key=lambda one: LEVELS.index(one.level)))


def misfits(catalog: Catalog, layer: Layer) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What keeps the layer from lying on this catalog: key path and reason."""
    known = {one.name for one in catalog.entries}
    for index, name in enumerate(layer.without):
        if name not in known:
            yield ("without", index), f"is {name!r}, which no layer below has"
    for index, one in enumerate(layer.entries):
        missing = [key for key in _NEEDED if getattr(one, key) is None]
        if one.name not in known and missing:
            yield (
                ("entries", index, "name"),
                f"is {one.name!r}, which no layer below has; a new entry needs also: "
                + ", ".join(missing),
            )


def overlay(catalog: Catalog, layer: Layer) -> Catalog:
    """The catalog with the layer's changes. The layer must fit (see `misfits`)."""
    entries = {one.name: one for one in catalog.entries if one.name not in layer.without}
    for one in layer.entries:
        entries[one.name] = amend(entries.get(one.name), one, layer)
    return dataclasses.replace(catalog, entries=tuple(entries.values()))


def is_whole(amendment: Amendment) -> bool:
    """Whether it says all that an entry needs which no layer below has."""
    return all(getattr(amendment, key) is not None for key in _NEEDED)


def amend(below: Entry | None, amendment: Amendment, layer: Layer) -> Entry:
    """The entry with what the layer's amendment says of it.

    Args:
        below: the entry so far; absent where the amendment is whole and makes a new one.
        amendment: what changes.
        layer: whose knowledge that is.
    """
    changes = {key: value for key, value in _given(amendment) if key not in {"name", "provenance"}}
    source = f"{layer.level}: {layer.name}"
    own = amendment.provenance or {}
    provenance = (below.provenance if below else {}) | dict.fromkeys(changes, source) | own
    if amendment.impact is not None:
        impact = below.impact if below else Impact()
        changes["impact"] = dataclasses.replace(impact, **dict(_given(amendment.impact)))
    if below is None:
        return Entry(name=amendment.name, provenance=provenance, **changes)
    return dataclasses.replace(below, provenance=provenance, **changes)


def _given(amendment: Amendment | ImpactAmendment) -> Iterator[tuple[str, Any]]:
    for one in dataclasses.fields(amendment):
        value = getattr(amendment, one.name)
        if value is not None:
            yield one.name, value

"""What differs between two catalogs, field by field."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from insvc.catalog.entry import Catalog, Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        entry: name of the entry.
        change: `added` and `removed` speak of the whole entry.
        field: which field changed; with a dot inside the impact; empty for whole entries.
        before: its value in the first catalog; absent for an added entry.
        after: its value in the second catalog; absent for a removed entry.
    """

    entry: str
    change: Literal["added", "removed", "changed"]
    field: str = ""
    before: object = None
    after: object = None


def differences(first: Catalog, second: Catalog) -> tuple[Difference, ...]:
    """Every difference, in the order of the first catalog, then what the second adds.

    Where a field comes from (its provenance) is not compared.
    """
    return tuple(_differences(first, second))


def _differences(first: Catalog, second: Catalog) -> Iterator[Difference]:
    before = {one.name: one for one in first.entries}
    after = {one.name: one for one in second.entries}
    for name, one in before.items():
        if name in after:
            yield from _changes(one, after[name])
        else:
            yield Difference(entry=name, change="removed")
    for name in after:
        if name not in before:
            yield Difference(entry=name, change="added")


def _changes(first: Entry, second: Entry) -> Iterator[Difference]:
    before, after = _fields(first), _fields(second)
    for key, value in before.items():
        if value != after[key]:
            yield Difference(
                entry=first.name, change="changed", field=key, before=value, after=after[key]
            )


def _fields(entry: Entry) -> dict[str, object]:
    found = {
        one.name: getattr(entry, one.name)
        for one in dataclasses.fields(entry)
        if one.name not in {"impact", "provenance"}
    }
    inner = {
        f"impact.{one.name}": getattr(entry.impact, one.name)
        for one in dataclasses.fields(entry.impact)
    }
    return found | inner

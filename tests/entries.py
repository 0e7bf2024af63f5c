"""Entries and catalogs for tests, with only what a test is about written out."""

from typing import Any

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.catalog.layers import Amendment, Layer
from insvc.model.words import Manager


def an_entry(name: str = "web", **changes: Any) -> Entry:
    """An entry with one service of the same name, run by the service manager."""
    given: dict[str, Any] = {
        "title": name.title(),
        "function": f"Does the work of {name}.",
        "in_service_patchable": True,
        "managed_by": Manager.SM,
        "services": (Service(name=name),),
    }
    return Entry(name=name, **(given | changes))


def a_catalog(*entries: Entry) -> Catalog:
    """A catalog of these entries."""
    return Catalog(name="tested", entries=entries)


def a_layer(*entries: Amendment, level: str = "site", without: tuple[str, ...] = ()) -> Layer:
    """A layer called north, of that level."""
    return Layer(name="north", level=level, entries=entries, without=without)  # type: ignore[arg-type]

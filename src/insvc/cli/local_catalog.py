"""What is known of everything on this very machine, for `insvc catalog … local`."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import click

from insvc.adapters.shipped import LAYERS, family, host_layers, shipped
from insvc.catalog.entry import Catalog
from insvc.catalog.local import strangers, with_additions
from insvc.here import Here

LOCAL: Final = "local"
"""The name by which a command asks for it."""


def local_catalog() -> Catalog:
    """This machine's catalog as plans use it: discovered, made wise by what is shipped, laid on.

    What could not be looked at is said to standard error: entries may be missing then.

    Raises:
        InputError, FaultyDocument: a layer of this host cannot be used.
    """
    here = Here()
    seen = here.observe(time.time())
    for line in seen.unseen:
        click.echo(f"NOT SEEN: {line}", err=True)
    catalog = here.catalog(seen)
    entries = sorted(catalog.entries, key=lambda one: one.name)
    return replace(catalog, name=LOCAL, entries=tuple(entries))


def strange_here(catalog: Catalog) -> Iterator[str]:
    """What this host's layers name that is neither here nor shipped, one line each.

    Args:
        catalog: this machine's.
    """
    layers = host_layers()
    known = with_additions(shipped(family()), layers)
    both = replace(catalog, entries=(*catalog.entries, *known.entries))
    for layer in layers:
        for name in strangers(both, layer):
            yield f"/{LAYERS}: layer {layer.name}: {name}"

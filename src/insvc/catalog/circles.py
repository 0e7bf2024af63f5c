"""Entries whose dependencies lead in a circle: nothing could be put in order by them."""

import dataclasses
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from insvc.catalog.entry import Entry


def without_circles(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries, in their order, and what was found.

    Those in a circle no longer depend on one another. What they depend on outside of it stays.

    Args:
        entries: as discovered; names are unique.

    Returns:
        the entries; and the names of those in each circle.
    """
    held = {one.name: one for one in entries}
    circles: list[str] = []
    while True:
        try:
            TopologicalSorter({name: one.depends_on for name, one in held.items()}).prepare()
        except CycleError as fault:
            names = fault.args[1][1:]
            circles.append(", ".join(sorted(names)))
            for name in names:
                kept = tuple(one for one in held[name].depends_on if one not in names)
                held[name] = dataclasses.replace(held[name], depends_on=kept)
        else:
            return tuple(held.values()), tuple(circles)

"""What was discovered on a host, made wise by a shipped catalog and by the layers of the site."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.catalog.globs import UNIT, Finder, is_glob
from insvc.model.words import Action, Manager, Personality, Redundancy

if TYPE_CHECKING:
    from insvc.catalog.layers import Layer

_TAKEN = ("title", "function", "restart_class", "action", "special_handling", "impact")
_NEVER_ACTED_ON = frozenset({Action.NONE, Action.NEXT_RUN})


def settle(
    discovered: Iterable[Entry], shipped: Catalog, layers: "Sequence[Layer]" = ()
) -> Catalog:
    """The catalog of one host, with the exact names of its services.

    What discovery knows of the host stays: names, managers, dependencies, drains. What nobody sees
    by looking comes from the shipped entry that fits best: class, action, rules, impact. Layers lie
    on top: an amendment is for the entries of the name it gives, here or in the shipped catalog,
    and for those with a service that fits it, which may be a glob.

    Args:
        discovered: an entry for everything that was found; the first of a name counts.
        shipped: what is known of distributions; its services may be globs.
        layers: what the site and the host know better, in any order.
    """
    finder = _finder(shipped, layers)
    entries: dict[str, Entry] = {}
    origins: dict[str, str] = {}
    for found in discovered:
        if found.name in entries:
            continue
        known = _best(found, finder)
        origins[found.name] = known.name if known is not None else ""
        entries[found.name] = found if known is None else _wiser(found, known, shipped.name)
    if layers:
        from insvc.catalog.local import lie_on

        entries = lie_on(entries, origins, layers)
    return Catalog(name=shipped.name, entries=tuple(_with_short_names(entries.values())))


def known_entries(
    names: Iterable[str], shipped: Catalog, layers: "Sequence[Layer]" = ()
) -> tuple[Entry, ...]:
    """Entries for what runs and no manager has told of: sessions, the kernel, containers.

    Args:
        names: as the observation calls them; those that no pattern fits are left out.
        shipped: what is known of distributions.
        layers: what the site and the host know better.
    """
    finder = _finder(shipped, layers)
    fitting = {name: known for name in names if (known := finder.find(name))}
    entries = {name: _of_name(name, known, shipped.name) for name, known in fitting.items()}
    if layers:
        from insvc.catalog.local import lie_on

        origins = {name: known.name for name, known in fitting.items()}
        entries = lie_on(entries, origins, layers)
    return tuple(entries.values())


def _finder(shipped: Catalog, layers: "Sequence[Layer]") -> Finder:
    """Layers are rare and their types take time to load, so they are only where there are any."""
    if not layers:
        return Finder(shipped)
    from insvc.catalog.local import with_additions

    return Finder(with_additions(shipped, layers))


def _with_short_names(entries: Iterable[Entry]) -> Iterator[Entry]:
    """A unit may be called without `.service`, where nothing else is called so."""
    held = tuple(entries)
    taken = {word.casefold() for one in held for word in (one.name, one.title, *one.aliases)}
    for one in held:
        short = one.name.removesuffix(UNIT)
        if short.casefold() in taken:
            yield one
        else:
            yield dataclasses.replace(one, aliases=(*one.aliases, short))


def _best(found: Entry, finder: Finder) -> Entry | None:
    for name in (*(one.name for one in found.services), found.name, *found.aliases):
        known = finder.find(name, found.managed_by)
        if known is not None:
            return known
    return None


def _wiser(found: Entry, known: Entry, source: str) -> Entry:
    """What was found, with what no look at the host tells."""
    impact = known.impact
    if impact.longest_s is None:
        impact = dataclasses.replace(impact, longest_s=found.impact.longest_s)
    return dataclasses.replace(
        found,
        title=_title(found, known),
        function=known.function,
        in_service_patchable=known.in_service_patchable and found.in_service_patchable,
        restart_class=known.restart_class,
        action=_action(found, known.action),
        special_handling=tuple(dict.fromkeys((*known.special_handling, *found.special_handling))),
        impact=impact,
        provenance=found.provenance | dict(_taken(known, source)),
    )


def _taken(known: Entry, source: str) -> Iterator[tuple[str, str]]:
    """From which entry of which catalog fields come, with the reason where it gives one."""
    for key in _TAKEN:
        _, colon, reason = known.provenance.get(key, "").partition(":")
        yield key, f"{source}, {known.name}{colon}{reason}"


def _action(found: Entry, known: Action) -> Action:
    """A plain restart leaves it to discovery, which may know a gentler way; a job stays a job.

    What is known of a unit and is gentler than a restart cannot be asked of a cluster.
    """
    if found.action in _NEVER_ACTED_ON and known is not Action.HANDLER:
        return found.action
    if found.managed_by is Manager.PACEMAKER and known not in _NEVER_ACTED_ON:
        return found.action
    return found.action if known is Action.RESTART else known


def _title(found: Entry, known: Entry) -> str:
    """The known one, told apart where several services may have it."""
    services = known.services
    if len(services) == 1 and not is_glob(services[0].name):
        return known.title
    return f"{known.title} ({found.name})"


def _of_name(name: str, known: Entry, source: str) -> Entry:
    """The known entry, for that one service alone."""
    bare = dataclasses.replace(known, name=name, services=(Service(name=name),), aliases=())
    return dataclasses.replace(
        bare,
        title=_title(bare, known),
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        provenance=known.provenance | dict(_taken(known, source)),
    )

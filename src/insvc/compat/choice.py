"""From the names that a command was given to what it may restart on its host."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from insvc.catalog.entry import Before, Catalog, Command, Entry
from insvc.compat.code import Code, Result
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import InstanceState, Manager, Role

_PASSING = frozenset({InstanceState.STARTING, InstanceState.STOPPING})
_LEFT = {
    InstanceState.STOPPED: (
        Code.DONE,
        "is not meant to run here now, so there is nothing to restart",
    ),
    InstanceState.SCHEDULED: (Code.DONE, "is a job: its next run starts afresh"),
    InstanceState.DISABLED: (Code.DISABLED, "is disabled"),
    InstanceState.FAILED: (
        Code.DEAD,
        "is meant to run and does not; see `insvc alarm list` for why, and for what starts it",
    ),
    InstanceState.STARTING: (Code.TIMEOUT, "is still starting"),
    InstanceState.STOPPING: (Code.TIMEOUT, "is still stopping"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The services that are to be restarted, and what became of all else that was named."""

    services: tuple[str, ...] = ()
    left: tuple[Result, ...] = ()


def choose(
    names: Sequence[str], seen: HostObservation, catalog: Catalog, manager: Manager | None = None
) -> Choice:
    """Tell what runs, and may be restarted as it was asked, from what is to be left alone.

    Args:
        names: entries or services, as the catalog or their manager calls them.
        seen: the command's own host.
        catalog: what is known.
        manager: only its services are meant; absent means those of all.
    """
    services: list[str] = []
    left: list[Result] = []
    for name in dict.fromkeys(names):
        found = instances_of(name, seen, catalog)
        if not found:
            left.append(absent(name, seen, catalog))
        for one in found:
            told = _of_another(one, manager) or _unknown(one, seen) or _LEFT.get(one.state)
            if told is None:
                services.append(one.service)
            else:
                left.append(Result(name=one.service, code=told[0], said=told[1]))
    return Choice(services=tuple(dict.fromkeys(services)), left=tuple(left))


def instances_of(name: str, seen: HostObservation, catalog: Catalog) -> tuple[Instance, ...]:
    """What of that entry or service is on the host."""
    exact = seen.instance(name)
    if exact is not None:
        return (exact,)
    entry = catalog.entry(name)
    services = {one.name for one in entry.services} if entry else set()
    return tuple(one for one in seen.instances if one.service in services)


def is_passing(names: Sequence[str], seen: HostObservation, catalog: Catalog) -> bool:
    """Whether something of these is only on its way up or down."""
    return any(one.state in _PASSING for name in names for one in instances_of(name, seen, catalog))


def in_the_way(
    services: Collection[str],
    seen: HostObservation,
    catalog: Catalog,
    under_way: Collection[str] = (),
) -> str | None:
    """Why these may not be restarted now: what must come first is itself being restarted.

    Args:
        services: what is to be restarted.
        seen: the host.
        catalog: which rules are known.
        under_way: services of the host that somebody restarts at this moment.
    """
    names = {entry.name for one in services if (entry := catalog.entry_of(one)) is not None}
    for entry in catalog.entries:
        if not any(_goes_before(rule, names, seen) for rule in entry.special_handling):
            continue
        for one in entry.services:
            found = seen.instance(one.name)
            is_moving = found is not None and found.state in _PASSING
            if one.name in under_way or is_moving:
                return f"{entry.title} is being restarted on {seen.host}, and it has to be up first"
    return None


def with_dependants(catalog: Catalog, services: Collection[str], *, wanted: bool) -> Catalog:
    """The catalog in which a restart of these takes what depends on them along, or does not.

    Only sm knows of dependants; entries of other managers stay as they are.
    """
    verb = "sm-restart" if wanted else "sm-restart-safe"
    entries = (
        replace(one, restart=(Command(run=f"{verb} service {one.name}"),))
        if one.managed_by is Manager.SM and _has_any(one, services)
        else one
        for one in catalog.entries
    )
    return replace(catalog, entries=tuple(entries))


def _has_any(entry: Entry, services: Collection[str]) -> bool:
    return any(one.name in services for one in entry.services)


def _goes_before(rule: object, names: Collection[str], seen: HostObservation) -> bool:
    if not isinstance(rule, Before) or not set(rule.entries) & set(names):
        return False
    return rule.where == "everywhere" or seen.role is Role.ACTIVE


def absent(name: str, seen: HostObservation, catalog: Catalog) -> Result:
    """Why the host has nothing of that name."""
    if not seen.reachable:
        said = f"cannot be asked: {seen.host} does not answer"
        return Result(name=name, code=Code.UNREACHABLE, said=said)
    if catalog.entry(name) is not None or catalog.entry_of(name) is not None:
        return Result(name=name, code=Code.DONE, said=f"does not belong on {seen.host}: skipped")
    said = f"is not known on {seen.host}; see `patch-restart-processes --list`"
    return Result(name=name, code=Code.UNKNOWN_NAME, said=said)


def _unknown(one: Instance, seen: HostObservation) -> tuple[Code, str] | None:
    """That nobody can tell of it, with all that the host has told of why."""
    if one.state is not InstanceState.UNKNOWN:
        return None
    why = "; ".join(seen.unseen) or "its manager does not answer"
    return Code.UNREACHABLE, f"cannot be asked: {why}"


def _of_another(one: Instance, manager: Manager | None) -> tuple[Code, str] | None:
    if manager is None or one.manager is manager:
        return None
    return Code.UNKNOWN_NAME, f"is not known to {manager}: {one.manager} manages it"

"""Narrow an observation to what an operator named, before it is planned."""

import dataclasses
from collections.abc import Sequence

from insvc.catalog.entry import Catalog
from insvc.catalog.globs import fits
from insvc.errors import UnknownName
from insvc.model.observation import Evidence, Instance, Observation
from insvc.model.words import EvidenceKind, InstanceState, Verdict

_DEAD = frozenset({InstanceState.FAILED, InstanceState.UNKNOWN})


def select(
    observation: Observation, names: Sequence[str], catalog: Catalog, *, only_stale: bool
) -> Observation:
    """The observation in which only the named instances call for an act.

    That an instance was named is evidence of its own (`requested`).

    Args:
        observation: what was seen.
        names: entries, services, globs of services, or one of these with `@host`; empty means
            everything that was seen.
        catalog: says which services an entry has.
        only_stale: leave named instances alone that run current code; otherwise a running
            instance counts as stale because it was asked for.

    Raises:
        UnknownName: a name that fits no entry, service or instance seen.
    """
    wanted = {pair for name in names for pair in _instances(observation, name, catalog)}
    hosts = (
        dataclasses.replace(
            seen,
            instances=tuple(
                _ask(one, is_named=bool(names), only_stale=only_stale)
                if not names or (seen.host, one.service) in wanted
                else _leave(one)
                for one in seen.instances
            ),
        )
        for seen in observation.hosts
    )
    return dataclasses.replace(observation, hosts=tuple(hosts))


def dead(observation: Observation, names: Sequence[str], catalog: Catalog) -> tuple[str, ...]:
    """The named instances that should run and do not, or of which nobody knows; by service@host.

    Raises:
        UnknownName: a name that fits no entry, service or instance seen.
    """
    wanted = {pair for name in names for pair in _instances(observation, name, catalog)}
    return tuple(
        f"{one.service}@{seen.host}"
        for seen in observation.hosts
        for one in seen.instances
        if (seen.host, one.service) in wanted and one.state in _DEAD
    )


def _instances(observation: Observation, name: str, catalog: Catalog) -> set[tuple[str, str]]:
    """What is meant: units of systemd have an `@` in their names, too, so the whole comes first."""
    service, _, host = name.rpartition("@")
    found = _named(observation, name, "", catalog) or _named(observation, service, host, catalog)
    if not found:
        raise UnknownName(
            name,
            "no entry, service or service@host that was seen has this name",
            next_act="list what is there with `insvc scan --all` or `insvc catalog list`",
        )
    return found


def _named(
    observation: Observation, name: str, host: str, catalog: Catalog
) -> set[tuple[str, str]]:
    """Instances of the entry, the service or the glob of that name, on a host or on all."""
    entry = catalog.entry(name)
    services = {one.name for one in entry.services} if entry else set()
    return {
        (seen.host, one.service)
        for seen in observation.hosts
        if host in {"", seen.host}
        for one in seen.instances
        if one.service in services or (entry is None and name and fits(name, one.service))
    }


def _ask(one: Instance, *, is_named: bool, only_stale: bool) -> Instance:
    if one.state is not InstanceState.RUNNING:
        return one
    if (not is_named) if one.verdict is Verdict.STALE else only_stale:
        return one
    wish = Evidence(kind=EvidenceKind.REQUESTED, subject=one.service, found="asked for by name")
    return dataclasses.replace(one, verdict=Verdict.STALE, evidence=(*one.evidence, wish))


def _leave(one: Instance) -> Instance:
    return dataclasses.replace(one, verdict=Verdict.CURRENT, evidence=())

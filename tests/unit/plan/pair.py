"""Two controllers whose restarts in place take much along: a swact costs less."""

from typing import Any

from insvc.catalog.entry import Command, Entry
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import Redundancy
from insvc.plan.policy import Policy
from tests.unit.plan.sample import Cloud, entry, fresh, stale, stopped

BY_ESTIMATE = Policy(swact="by-estimate")
CHAIN = ("a", "b", "c")
NEW = dict.fromkeys((*CHAIN, "front"), "2")


def turns(name: str, *needs: str, **fields: Any) -> Entry:
    """An entry that takes turns and takes along what needs it."""
    chosen = {
        "redundancy": Redundancy.ACTIVE_STANDBY,
        "depends_on": needs,
        "restart": (Command(run=f"sm-restart service {name}"),),
        **fields,
    }
    return entry(name, **chosen)


def chain(**of_last: Any) -> tuple[Entry, ...]:
    """Three entries, each of which needs the one before; the last one as given."""
    return (turns("a"), turns("b", "a"), turns("c", "b", **of_last))


def giver(*more: Instance, **fields: Any) -> tuple[tuple[Instance, ...], dict[str, Any]]:
    """What the active controller runs: the chain, stale and slow to start."""
    old = tuple(stale(name, package=name, started_in_s=5.0) for name in CHAIN)
    return (*old, *more), {"packages": NEW, **fields}


def taker(*more: Instance, **fields: Any) -> tuple[tuple[Instance, ...], dict[str, Any]]:
    """What the standby has: the chain at rest."""
    return (*map(stopped, CHAIN), *more), {"packages": NEW, **fields}


def pair(
    *entries: Entry,
    active: tuple[tuple[Instance, ...], dict[str, Any]] | None = None,
    standby: tuple[tuple[Instance, ...], dict[str, Any]] | None = None,
) -> Cloud:
    """The two controllers; the entries stand beside the chain, or for what is named so in it."""
    named = {one.name: one for one in (*chain(), *entries)}
    here, of_here = active or giver()
    there, of_there = standby or taker()
    cloud = Cloud(*named.values())
    return cloud.host("controller-0", *here, **of_here).host("controller-1", *there, **of_there)


def look(cloud: Cloud, host: str) -> HostObservation:
    """What was seen of one of its hosts."""
    return cloud.observation.host(host)


__all__ = [
    "BY_ESTIMATE",
    "CHAIN",
    "NEW",
    "chain",
    "fresh",
    "giver",
    "look",
    "pair",
    "taker",
    "turns",
]

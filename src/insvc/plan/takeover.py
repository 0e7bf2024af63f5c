"""Whether a standby can take over, and whether what it then runs is the installed code (law 4)."""

from collections.abc import Collection, Iterable, Iterator

from insvc.catalog.entry import ClearSessions, Entry, ReapOrphans
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import InstanceState, Role
from insvc.plan.host_durations import is_active_only, is_job
from insvc.plan.view import View

_SETTLED = frozenset({InstanceState.RUNNING, InstanceState.STOPPED, InstanceState.DISABLED})


def standby_of(view: View) -> str | None:
    """The host that can take activity over: a standby in reach and in service."""
    for name, seen in view.seen.items():
        if can_take_over(seen):
            return name
    return None


def can_take_over(seen: HostObservation) -> bool:
    """Whether a host is a standby in reach and in service."""
    return seen.role is Role.STANDBY and seen.reachable and not seen.locked


def find_unfit(view: View, host: str, to_host: str, cured: Collection[str]) -> str | None:
    """Why a swact from one host to the other would not cure these services, in words.

    Args:
        view: what was seen.
        host: the active host.
        to_host: the host that would take over.
        cured: services of the active host that it is to cure.
    """
    giver, taker = view.seen[host], view.seen[to_host]
    if not can_take_over(taker):
        return f"{to_host} is no standby in reach and in service any more"
    return next(_unfit(view, giver, taker, cured), None)


def _unfit(
    view: View, giver: HostObservation, taker: HostObservation, cured: Collection[str]
) -> Iterator[str]:
    for one in giver.instances:
        if is_job(view, one):
            if one.state is InstanceState.RUNNING and not one.evidence:
                yield f"{one.service}@{giver.host} is a job in the middle of a run"
        elif is_active_only(view, one.service):
            yield from _unfit_to_move(giver, taker, one, is_cured=one.service in cured)
    yield from _not_by_a_move(view, cured)


def _unfit_to_move(
    giver: HostObservation, taker: HostObservation, one: Instance, *, is_cured: bool
) -> Iterator[str]:
    if one.state not in _SETTLED:
        yield f"{one.service}@{giver.host} is {one.state}, and a swact wants all of them settled"
    peer = taker.instance(one.service)
    if one.state is InstanceState.RUNNING:
        if peer is None or peer.state is not InstanceState.STOPPED:
            found = "is not there" if peer is None else f"is {peer.state}"
            yield f"{one.service}@{taker.host} {found}, so it could not take over"
        yield from _other_code(giver, taker, one, is_cured=is_cured)


def _other_code(
    giver: HostObservation, taker: HostObservation, one: Instance, *, is_cured: bool
) -> Iterator[str]:
    """The standby must have the very package; where nobody knows, it does not count as such."""
    package = one.package or ""
    here, there = giver.packages.get(package), taker.packages.get(package)
    if here is None or there is None:
        if is_cured:
            where = giver.host if here is None else taker.host
            yield f"which version of {one.service} is installed on {where} is not known"
    elif here != there:
        yield f"{taker.host} has {package} {there} and {giver.host} has {here}"


def _not_by_a_move(view: View, cured: Iterable[str]) -> Iterator[str]:
    for service in cured:
        found = _rule_of(view.entries.get(service), service)
        if found is not None:
            yield f"{found} when {service} is restarted, and a swact does not do that"


def _rule_of(entry: Entry | None, service: str) -> str | None:
    for rule in entry.special_handling if entry else ():
        if isinstance(rule, ClearSessions):
            return "stored sessions are deleted"
        if isinstance(rule, ReapOrphans) and rule.of == service:
            return "its orphans are ended"
    return None

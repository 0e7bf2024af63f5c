"""What users will notice of each entry, on the plan's timeline."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from insvc.catalog.entry import Entry
from insvc.model.words import Action, Redundancy
from insvc.plan.host_durations import affected_by, swact_outages_s
from insvc.plan.plan import Impairment, Line, Step
from insvc.plan.precedence import dependants
from insvc.plan.view import Member, View

_HOST_ACTIONS = {Action.SWACT, Action.LOCK, Action.UNLOCK}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Blow:
    """Instances that cannot serve for a while: of a line, so many at once."""

    service: str
    hosts: tuple[str, ...]
    from_s: float
    until_s: float
    outage_s: float
    by_host: bool = False
    at_once: int = 1


def make_forecast(
    view: View, steps: Iterable[Step], lines: Iterable[Line] = ()
) -> tuple[Impairment, ...]:
    """One line an entry, ordered by when it begins."""
    blows: dict[str, list[_Blow]] = {}
    entries: dict[str, Entry] = {}
    for blow in (*_blows(view, tuple(steps)), *_blows_of_lines(view, lines)):
        entry = view.entries.get(blow.service)
        if entry is not None:
            entries[entry.name] = entry
            blows.setdefault(entry.name, []).append(blow)
    found = [_impairment(view, entries[name], hit) for name, hit in blows.items()]
    return tuple(sorted(found, key=lambda one: (one.from_s, one.entry)))


def join_forecasts(
    first: Iterable[Impairment], then: Iterable[Impairment]
) -> tuple[Impairment, ...]:
    """What users will notice of two parts of a plan, the second of which follows the first."""
    found: dict[str, Impairment] = {}
    for one in (*first, *then):
        known = found.get(one.entry)
        found[one.entry] = one if known is None else _both(known, one)
    return tuple(sorted(found.values(), key=lambda one: (one.from_s, one.entry)))


def _both(first: Impairment, then: Impairment) -> Impairment:
    notes = dict.fromkeys([*first.note.split("; "), *then.note.split("; ")])
    return replace(
        first,
        services=tuple(dict.fromkeys((*first.services, *then.services))),
        hosts=tuple(dict.fromkeys((*first.hosts, *then.hosts))),
        from_s=min(first.from_s, then.from_s),
        until_s=max(first.until_s, then.until_s),
        outage_s=max(first.outage_s, then.outage_s),
        is_interrupted=first.is_interrupted or then.is_interrupted,
        note="; ".join(filter(None, notes)),
    )


def _blows(view: View, steps: tuple[Step, ...]) -> Iterable[_Blow]:
    unlocks = {step.host: step for step in steps if step.action is Action.UNLOCK}
    swacted = {step.host for step in steps if step.action is Action.SWACT}
    for step in steps:
        if step.action not in _HOST_ACTIONS:
            for service in (step.service, *_along(view, step)):
                yield _blow(step, service, step.end_s, step.expected_outage_s)
        elif step.action is Action.SWACT:
            for service, down_s in swact_outages_s(view, step.host).items():
                yield _blow(step, service, step.end_s, round(down_s, 3))
        elif step.action is Action.LOCK:
            end_s = unlocks[step.host].end_s
            outage_s = round(end_s - step.start_s, 3)
            moved = step.host in swacted
            for instance in affected_by(view, step.host, step.action, after_swact=moved):
                yield _blow(step, instance.service, end_s, outage_s)


def _blows_of_lines(view: View, lines: Iterable[Line]) -> Iterator[_Blow]:
    for line in lines:
        hosts = tuple(one.host for one in line.hosts)
        for step in line.turn:
            for service in (step.service, *_along(view, step)):
                yield _Blow(
                    service=service,
                    hosts=hosts,
                    from_s=step.start_s,
                    until_s=line.end_s,
                    outage_s=step.expected_outage_s,
                    at_once=line.at_once,
                )


def _along(view: View, step: Step) -> tuple[str, ...]:
    if not step.with_dependants:
        return ()
    return dependants(view, step.host, view.entries[step.service])


def _blow(step: Step, service: str, until_s: float, outage_s: float) -> _Blow:
    return _Blow(
        service=service,
        hosts=(step.host,),
        from_s=step.start_s,
        until_s=until_s,
        outage_s=outage_s,
        by_host=step.action in _HOST_ACTIONS,
    )


def _impairment(view: View, entry: Entry, blows: list[_Blow]) -> Impairment:
    impact = entry.impact
    notes = [impact.note]
    if any(blow.by_host for blow in blows):
        notes.append("it goes down with its whole host (swact or lock)")
    measured = {blow.service: view.history.get(blow.service) for blow in blows if not blow.by_host}
    notes += [f"{service}: {one}" for service, one in measured.items() if one is not None]
    return Impairment(
        entry=entry.name,
        title=entry.title,
        services=tuple(dict.fromkeys(blow.service for blow in blows)),
        hosts=_in_order(view, dict.fromkeys(host for blow in blows for host in blow.hosts)),
        from_s=min(blow.from_s for blow in blows),
        until_s=max(blow.until_s for blow in blows),
        outage_s=max(blow.outage_s for blow in blows),
        is_interrupted=_interrupts(view, blows, keeps_sessions=impact.sessions != "lost"),
        outstanding_requests=impact.outstanding_requests,
        new_requests=impact.new_requests,
        may_lose=impact.may_lose,
        sessions=impact.sessions,
        note="; ".join(note for note in notes if note),
    )


def _in_order(view: View, hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts as the topology has them; those that others stand for come last, as given."""
    last = len(view.rank)
    return tuple(sorted(hosts, key=lambda host: view.rank.get(host, last)))


def _interrupts(view: View, blows: list[_Blow], *, keeps_sessions: bool) -> bool:
    """Whether, at some time, no instance of one of the services can serve.

    The standby of an active-standby service starts only when it is needed: it is no stand-in. Nor
    is an instance that does not know the sessions of another; on a standby it has none of its own.
    A quorum serves as long as most of its members do.
    """
    for service in {blow.service for blow in blows}:
        hits = [blow for blow in blows if blow.service == service and blow.outage_s > 0]
        if not keeps_sessions and not all(_is_on_standby(view, blow) for blow in hits):
            return True
        takes_turns = view.redundancy(service) is Redundancy.ACTIVE_STANDBY
        members = view.members[service]
        votes = view.redundancy(service) is Redundancy.QUORUM
        needed = len(members) // 2 + 1 if votes else 1
        if hits and (takes_turns or _fewest_serving(view, members, hits) < needed):
            return True
    return False


def _is_on_standby(view: View, blow: _Blow) -> bool:
    return all(host in view.seen and view.is_standby(host) for host in blow.hosts)


def _fewest_serving(view: View, members: Iterable[Member], hits: list[_Blow]) -> int:
    """How many instances serve at worst; one may end just when another begins.

    What is struck twice at one time is down once, and what was down serves after its step.
    """
    up = {member.host for member in members if member.is_up}
    by_host: dict[str, list[_Blow]] = {}
    for blow in hits:
        by_host.setdefault(blow.hosts[0], []).append(blow)
    turns: list[tuple[float, int]] = []
    for host, struck in by_host.items():
        serves = host in up
        many = max(blow.at_once for blow in struck)
        for from_s, until_s in _spans(struck):
            turns += [(from_s, many), (until_s, -many)] if serves else [(until_s, -many)]
            serves = True
    return view.count(up) - max(accumulate((turn for _, turn in sorted(turns)), initial=0))


def _spans(struck: list[_Blow]) -> list[tuple[float, float]]:
    """When one instance is down; what overlaps is one span."""
    spans: list[tuple[float, float]] = []
    for from_s, until_s in sorted((blow.from_s, blow.until_s) for blow in struck):
        if spans and from_s <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], until_s))
        else:
            spans.append((from_s, until_s))
    return spans

"""An entry's parts in words, for people who read it on a terminal or on paper."""

from collections.abc import Iterator

from insvc.catalog.caution import while_words
from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    ClearSessions,
    GracefulWindow,
    Impact,
    NotWhile,
    ReapOrphans,
    Rule,
    Service,
)

_OUTSTANDING = {
    "none": "no request is interrupted",
    "complete": "requests under way are completed",
    "fail": "requests under way fail",
    "delayed": "requests under way are delayed",
}
_RECOVERS = {
    "by-itself": "recovers by itself",
    "retry": "clients have to try again",
    "operator": "an operator has to step in",
}


def yes_or_no(*, patchable: bool) -> str:
    """The answer as a word."""
    return "yes" if patchable else "no"


def impact_words(impact: Impact) -> Iterator[str]:
    """What users notice, one line a fact; nothing for what is not known."""
    if impact.outstanding_requests in _OUTSTANDING:
        yield _OUTSTANDING[impact.outstanding_requests]
    if impact.new_requests not in {"none", "unknown"}:
        yield f"new requests are {impact.new_requests}"
    yield from (f"may lose {one}" for one in impact.may_lose)
    if impact.sessions != "none":
        yield f"user sessions are {impact.sessions}"
    if impact.longest_s is not None:
        yield f"takes at most {impact.longest_s:g} s"
    if impact.recovers in _RECOVERS:
        yield _RECOVERS[impact.recovers]
    if impact.note:
        yield impact.note


def service_words(service: Service) -> str:
    """What is particular to one service of an entry; empty where nothing is."""
    parts: list[str] = []
    if service.redundancy:
        parts.append(str(service.redundancy))
    if service.runs_on:
        parts.append("on " + ", ".join(service.runs_on))
    if service.pidfile:
        parts.append(f"pid file {service.pidfile}")
    if service.drain:
        rule = service.drain
        parts.append(f"drained with {rule.signal} for {rule.timeout_s:g} s, then {rule.on_timeout}")
    if service.readiness:
        probe = service.readiness
        parts.append(f"ready by {probe.kind}" + (f" {probe.path}" if probe.kind == "http" else ""))
    return "; ".join(parts)


def rule_words(rule: Rule) -> str:
    """A rule of special handling as one sentence without its full stop."""
    if isinstance(rule, (AtMostOneDown, Before, AvoidTogether)):
        return _order_words(rule)
    if isinstance(rule, ReapOrphans):
        return f"helpers of {rule.of} that match {rule.match} end with it"
    if isinstance(rule, GracefulWindow):
        return f"requests may finish for {rule.timeout_s:g} s, then {rule.on_timeout}"
    if isinstance(rule, ClearSessions):
        return "stored sessions are cleared" + (f" ({rule.path})" if rule.path else "")
    if isinstance(rule, (CarriesTraffic, NotWhile)):
        return _when_words(rule)
    return rule.text


def _when_words(rule: CarriesTraffic | NotWhile) -> str:
    if isinstance(rule, NotWhile):
        return f"never restarted {while_words(rule.condition)}"
    return "everybody's traffic goes through it, so it goes last"


def _order_words(rule: AtMostOneDown | Before | AvoidTogether) -> str:
    if isinstance(rule, AtMostOneDown):
        return f"never two of {rule.service} down at one time"
    if isinstance(rule, Before):
        where = " on the active controller" if rule.where == "active-controller" else ""
        return f"restarted before {', '.join(rule.entries)}{where}"
    return f"not while {', '.join(rule.entries)} restarts on the active controller"

"""Facts in the page's free text: durations, what users notice, rules of special handling.

What is looked for are facts (a number, a name, a claim), not sentences; what holds none of them
is kept as a note.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, Literal

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    ClearSessions,
    GracefulWindow,
    Impact,
    ReapOrphans,
    Rule,
)

ASSUMED_WINDOW_S: Final = 30.0
"""How long outstanding requests may take where a page says that they finish, not how long."""

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}
_DURATION = (
    r"(?:~|about |around |approximately )?(?P<count>\d+(?:\.\d+)?|an?|one|half a)\s*"
    r"(?P<unit>microsec\w*|us|millisec\w*|msecs?|ms|sec\w*|s|min\w*)\b"
)
_COUNTS = {"a": 1.0, "an": 1.0, "one": 1.0, "half a": 0.5}
_LONGEST = re.compile(r"(?:at most|less than|under|up to|no longer than|within) " + _DURATION)
_KILLED_AFTER = re.compile(
    r"(?:more than|longer than|over|after|within) " + _DURATION + r"[^.]*\b(?P<end>kill|left)"
)
_SESSIONS = re.compile(r"\blogged (?:out|off)\b|\bsessions? (?:are|is|will be) (?:lost|cleared)")
_STORE = re.compile(r"(?P<path>/[^\s,;)]*session[^\s,;)]*)")
_KILL_HELPERS = re.compile(
    r"\b(?:kill|end|reap)(?:s|ing)? (?:the |its |all |any )*(?P<what>[\w -]{3,60}?) process"
)
_KILL_PATTERN = re.compile(r"processes that match `(?P<match>[^`]+)`")
_ONE_ONLY = re.compile(
    r"\b(?:two|both|2) of (?:the|its|our|all)\b|\b(?:no|never) two\b|\btwo .* at (?:the same|one)"
    r"|\bmore than one\b|\bat most one\b|\bone at a time\b|\bonly one\b"
)
_FORBIDS = re.compile(r"\b(?:not?|never|avoid\w*|must not|only|at most)\b|n't\b")
_NAME = r"[a-z][a-z0-9_-]*"
_LIST = re.compile(
    rf"(?:before|with|as|from|than|and|or) (?P<names>{_NAME}(?:(?:,? (?:or|and) |, ){_NAME})*)"
)
_LOST = re.compile(
    r"may lose (?:some |the )?(?P<what>(?:[^.;,(]|\.(?=\d))*?)"
    r"(?= if | when | while the|\.(?!\d)|[;,(]|$)"
)
_TIMES = re.sub(r"\(\?P<\w+>", "(?:", _DURATION)
_WINDOW = re.compile(
    rf"(?P<times>{_TIMES}(?:(?: window)?(?: to| or|,| -)? {_TIMES})?)(?: window)? for "
    r"(?P<source>[a-z]+_source|[\w -]{2,30}?(?= sources?\b))"
)
_HOST = re.compile(r"\b(?:controller|ctrl|storage|compute|worker)-\d+")
_TOGETHER = re.compile(r"\bsame time\b|\btogether\b|\bsimultaneous|\bconcurrent|\bapart\b")
_TRAFFIC = re.compile(r"\bprox(?:y|ies)\b|\bforward|\bload.?balanc|\bfront.?end\b")


def seconds(count: str, unit: str) -> float:
    """A duration as written, in seconds."""
    number = _COUNTS[count] if count in _COUNTS else float(count)
    short = next(key for key in ("us", "ms", "min", "s") if _unit(unit) == key)
    return number * _UNITS[short]


def _unit(word: str) -> str:
    if word.startswith(("micro", "us")):
        return "us"
    if word.startswith(("milli", "ms")):
        return "ms"
    return "min" if word.startswith("min") else "s"


def sentences(text: str) -> tuple[str, ...]:
    """The text cut at the ends of sentences and of numbered points."""
    parts = re.split(r"(?<=[.;!?])\s+(?=[A-Z(0-9])|\s+(?=\(\d\)\s)", text.strip())
    return tuple(part for part in parts if part)


def read_impact(text: str, *, is_scheduled: bool, care: str = "") -> Impact:
    """What users notice, as far as the text says it; the whole text stays as the note.

    Args:
        text: the impact cell.
        is_scheduled: a job that starts afresh each time interrupts nobody.
        care: the special handling cell, which may tell of delays too.
    """
    low = text.casefold()
    all_low = f"{low} {care.casefold()}"
    longest = _LONGEST.search(low)
    return Impact(
        outstanding_requests="none" if is_scheduled else _outstanding(all_low),
        new_requests="none" if is_scheduled else _new(all_low),
        may_lose=tuple(_may_lose(low)),
        sessions="lost" if _SESSIONS.search(low) else "none",
        longest_s=seconds(longest["count"], longest["unit"]) if longest else None,
        recovers="by-itself" if is_scheduled else _recovers(low),
        note=text,
    )


def _outstanding(
    low: str,
) -> Literal["none", "complete", "fail", "delayed", "unknown"]:
    if re.search(r"outstanding[^.;]*\b(?:continue|complete|finish)", low):
        return "complete"
    if re.search(r"(?:outstanding|requests?)\b[^.;]*\bfail|updated will fail", low):
        return "fail"
    if re.search(r"outstanding[^.;]*delay|delay to .*api", low):
        return "delayed"
    if re.search(r"\bno (?:impact|request is interrupted)|should not be affected", low):
        return "none"
    return "unknown"


def _new(low: str) -> Literal["none", "served", "queued", "refused", "delayed", "unknown"]:
    told: re.Match[str] | None = re.search(
        r"new requests (?:are|will be) (?P<how>served|queued|refused|delayed|not affected)", low
    )
    if told:
        how = told["how"]
        return next(
            (one for one in ("served", "queued", "refused", "delayed") if one == how), "none"
        )
    if re.search(
        r"connection (?:error|refused)|not be (?:available|processed|able)|will fail", low
    ):
        return "refused"
    if re.search(r"\bprevent|until the service|will not occur|delay to .*\bapi", low):
        return "delayed"
    return "none" if re.search(r"\bno impact", low) else "unknown"


def _recovers(low: str) -> Literal["by-itself", "retry", "operator", "unknown"]:
    if re.search(r"re-?initiated|started again by|\boperator (?:has|must)", low):
        return "operator"
    if re.search(r"re-?issued|try again|connection error|will fail|given again", low):
        return "retry"
    if re.search(r"automatically|by itself|until the|no impact|not be affected|server is up", low):
        return "by-itself"
    return "unknown"


def _may_lose(low: str) -> Iterator[str]:
    """What may be lost: with its windows where the text gives them, else as it is called."""
    lost = list(_LOST.finditer(low))
    noun = re.split(r" (?:that|which|in|of) ", lost[0]["what"])[0] if lost else ""
    windows = list(_WINDOW.finditer(low)) if lost else []
    for window in windows:
        times = [_short(one) for one in re.finditer(_DURATION, window["times"])]
        source = window["source"].removesuffix("_source").removesuffix(" related")
        yield f"{noun} of the {source} source: a window of {' to '.join(times)}"
    if not windows:
        yield from dict.fromkeys(one["what"].strip() for one in lost)


def _short(found: re.Match[str]) -> str:
    return f"{found['count']} {_unit(found['unit'])}"


def window_rule(impact: str) -> GracefulWindow | None:
    """How long outstanding requests may finish, where the text says that they do."""
    low = impact.casefold()
    killed = _KILLED_AFTER.search(low)
    if killed:
        return GracefulWindow(
            timeout_s=seconds(killed["count"], killed["unit"]),
            on_timeout="kill" if killed["end"] == "kill" else "leave",
        )
    if _outstanding(low) == "complete":
        return GracefulWindow(timeout_s=ASSUMED_WINDOW_S, on_timeout="kill")
    return None


def session_rule(impact: str) -> ClearSessions | None:
    """That stored sessions are deleted, where the text says that users are logged out."""
    if not _SESSIONS.search(impact.casefold()):
        return None
    store = _STORE.search(impact)
    return ClearSessions(path=store["path"] if store else "")


def traffic_rule(function: str) -> CarriesTraffic | None:
    """That everybody's traffic goes through it, where the text calls it a proxy."""
    return CarriesTraffic() if _TRAFFIC.search(function.casefold()) else None


def orphan_rule(text: str, service: str) -> ReapOrphans | None:
    """Helpers that must be killed with the service, where the text names them."""
    told = _KILL_PATTERN.search(text)
    if told:
        return ReapOrphans(match=told["match"], of=service)
    named = _KILL_HELPERS.search(text.casefold())
    if not named:
        return None
    return ReapOrphans(match=".*".join(map(re.escape, named["what"].split())), of=service)


def one_down_rules(parts: Iterable[str], services: Sequence[str]) -> Iterator[AtMostOneDown]:
    """Services that may not be down twice at once, as far as these sentences say it."""
    for part in parts:
        low = part.casefold()
        named = [one for one in services if one in low]
        if _ONE_ONLY.search(low) and _FORBIDS.search(low):
            yield from (AtMostOneDown(service=one) for one in named)


def order_rules(
    sentence: str, listed: Sequence[tuple[str, ...]], known: Collection[str], *, is_local: bool
) -> Iterator[Rule]:
    """Who goes first and who stays apart, as far as one sentence says it.

    Args:
        sentence: part of the special handling text.
        listed: the enumerations of the whole text, which "before the others" speaks of.
        known: names of entries and families on the page.
        is_local: whether the text speaks of the active controller.
    """
    low = sentence.casefold()
    own = enumerations(sentence, known)
    if re.search(r"\bbefore\b", low):
        for names in own or listed:
            yield Before(entries=names, where="active-controller" if is_local else "everywhere")
    elif _TOGETHER.search(low):
        yield from (AvoidTogether(entries=names) for names in own)


def speaks_of_hosts_together(sentence: str) -> bool:
    """Whether it says that hosts, named, may not be worked on at one time."""
    low = sentence.casefold()
    hosts = set(_HOST.findall(low))
    return len(hosts) > 1 and bool(_TOGETHER.search(low) and _FORBIDS.search(low))


def is_label(sentence: str) -> bool:
    """Whether it only announces what follows (`Recommendations:`)."""
    return re.fullmatch(r"\w+( \w+)?:", sentence) is not None


def enumerations(text: str, known: Collection[str]) -> list[tuple[str, ...]]:
    """Lists of names in the text: several names, or a known one; never names of hosts."""
    found = (
        tuple(re.split(r",? (?:or|and) |, ", one["names"]))
        for one in _LIST.finditer(text.casefold())
    )
    return [
        names
        for names in found
        if any(name in known for name in names)
        or (len(names) > 1 and not any(_HOST.match(name) for name in names))
    ]

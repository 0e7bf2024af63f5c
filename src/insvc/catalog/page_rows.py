"""Entries into rows of the page, in words that the import understands again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    Catalog,
    ClearSessions,
    Entry,
    GracefulWindow,
    Impact,
    Note,
    ReapOrphans,
    Rule,
)
from insvc.catalog.page import Lines, PageRow, tidy
from insvc.catalog.page_commands import write_commands
from insvc.catalog.page_entries import UNEXPLAINED
from insvc.catalog.page_names import entry_name
from insvc.model.words import Manager

_OUTSTANDING = {
    "none": "No request is interrupted.",
    "complete": "Outstanding requests are completed.",
    "fail": "Outstanding requests fail.",
    "delayed": "Outstanding requests are delayed.",
}
_RECOVERS = {
    "by-itself": "It recovers by itself.",
    "retry": "Clients have to try again.",
    "operator": "An operator has to step in.",
}
_IMPLIED = (GracefulWindow, ClearSessions)


def rows_of(catalog: Catalog) -> tuple[PageRow, ...]:
    """One row for each entry, in the catalog's order."""
    return tuple(
        PageRow(number=at, entry=entry.name, cells=_cells(entry))
        for at, entry in enumerate(catalog.entries, start=1)
    )


def _cells(entry: Entry) -> Mapping[str, Lines]:
    cells: dict[str, Iterable[str]] = {
        "title": [_title(entry)],
        "function": [entry.function],
        "in_service_patchable": ["Y" if entry.in_service_patchable else "N"],
        "managed_by": ["" if entry.managed_by is Manager.NONE else entry.managed_by.value.upper()],
        "restart": write_commands(entry.restart),
        "patch_restart": write_commands(entry.patch_restart),
        "depends_on": [", ".join(entry.depends_on) or "N"],
        "impact": [" ".join(_impact(entry.impact, entry.special_handling))],
        "special_handling": [" ".join(special_words(entry.special_handling))],
    }
    return {key: tidy("\n".join(lines)) for key, lines in cells.items()}


def _title(entry: Entry) -> str:
    """The title, with the parts in brackets where neither it nor a command names them."""
    names = [one.name for one in entry.services]
    if len(names) > 1 and entry_name(entry.title) == entry.name and not _lists(entry, names):
        return f"{entry.title} (consists of {_joined(names, 'and')})"
    return entry.title


def _lists(entry: Entry, names: Sequence[str]) -> bool:
    text = f"{entry.title} {entry.function}".casefold()
    return all(name in text for name in names)


def _joined(names: Sequence[str], word: str) -> str:
    if len(names) < 2:  # noqa: PLR2004 - a list has a last item from two on
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def _impact(impact: Impact, rules: Sequence[Rule]) -> Iterator[str]:
    if impact.outstanding_requests in _OUTSTANDING:
        yield _OUTSTANDING[impact.outstanding_requests]
    if impact.new_requests != "unknown":
        how = "not affected" if impact.new_requests == "none" else impact.new_requests
        yield f"New requests are {how}."
    yield from (f"May lose {one}." for one in impact.may_lose)
    for rule in rules:
        yield from _implied(rule)
    if impact.longest_s is not None:
        yield f"It takes at most {impact.longest_s:g} s."
    if impact.recovers in _RECOVERS:
        yield _RECOVERS[impact.recovers]
    if impact.note:
        yield impact.note


def _implied(rule: Rule) -> Iterator[str]:
    if isinstance(rule, GracefulWindow):
        end = "killed" if rule.on_timeout == "kill" else "left running"
        yield f"What takes longer than {rule.timeout_s:g} s is {end}."
    if isinstance(rule, ClearSessions):
        yield f"All users are logged out{f' ({rule.path})' if rule.path else ''}."
    if isinstance(rule, ReapOrphans):
        yield f"Kill the processes that match `{rule.match}` with it."


def special_words(rules: Iterable[Rule]) -> Iterator[str]:
    """The special handling column: N, Y, or what is to be kept in words."""
    beyond = [one for one in rules if not isinstance(one, _IMPLIED)]
    words = [text for one in beyond for text in _words(one)]
    if words:
        yield from words
    else:
        yield "Y" if beyond else "N"


def _words(rule: Rule) -> Iterator[str]:
    if isinstance(rule, AtMostOneDown):
        yield f"Never restart two of the {rule.service} at the same time."
    elif isinstance(rule, Before):
        where = (
            "On the active controller, restart it" if rule.where != "everywhere" else "Restart it"
        )
        yield f"{where} before {_joined(rule.entries, 'or')}."
    elif isinstance(rule, AvoidTogether):
        yield (
            f"Never at the same time with {_joined(rule.entries, 'or')} on the active controller."
        )
    elif isinstance(rule, Note) and rule.text != UNEXPLAINED:
        yield rule.text
    elif isinstance(rule, (ReapOrphans, CarriesTraffic)):
        return

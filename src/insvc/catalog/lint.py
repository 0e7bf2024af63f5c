"""Contradictions in a catalog, each with a stable code.

`CODES` is the table of what is looked for. CAT0xx are contradictions of the operators' page as it
was published; CAT1xx can be made in any catalog.

A finding is explained, and then no fault, where the provenance of the field it is about gives a
reason after a colon: `managed_by: "page: left blank there; pmon's own file watches it"`. The name
of a layer that changed the field is no reason.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from insvc.catalog import lint_entry, lint_host, lint_names, lint_page
from insvc.catalog.entry import Catalog
from insvc.catalog.found import Found
from insvc.catalog.layers import LEVELS

CODES: Final[dict[str, str]] = {
    "CAT001": "a command names a service that the entry does not have",
    "CAT002": "two entries have the same function text",
    "CAT003": "no entry depends on another although a service manager runs them",
    "CAT004": "nobody manages the entry, so nobody starts it again",
    "CAT005": "a documented script is known to restart services that the entry does not list",
    "CAT006": "a documented command restarts more than its entry",
    "CAT101": "depends_on names an entry that is not there",
    "CAT102": "a rule names a service that the entry does not have",
    "CAT103": "entries wait for each other in a circle",
    "CAT104": "a service belongs to two entries",
    "CAT105": "a title or alias is another entry's name too",
    "CAT106": "the entry has no services",
    "CAT107": "the graceful window and a service's drain differ",
    "CAT108": "an entry that a patch may restart has no restart command",
    "CAT109": "action and manager do not fit: scheduled jobs are cured by their next run",
    "CAT110": "sessions are lost, and no rule clears them, or the other way round",
    "CAT111": "special handling is asked for and not understood",
    "CAT112": "a service of which at most one may be down is no quorum",
    "CAT113": "the entry runs nowhere",
    "CAT114": "outstanding work is killed at once: a drain of 0 s",
    "CAT115": "a rule names a condition that nobody looks for",
    "CAT116": "a class of a plain host is not auto, and nothing says why",
    "CAT117": "a glob fits every service",
}
_CHECKS: tuple[Callable[[Catalog], Iterator[Found]], ...] = (
    lint_page.check,
    lint_names.check,
    lint_entry.check,
    lint_host.check,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One contradiction.

    Attributes:
        code: a key of `CODES`.
        subject: the entry, or the catalog.
        reason: what was found, and what was expected.
        next: what can be done about it.
        explained: why it is no fault, in the words of the catalog; empty where nobody says.
    """

    code: str
    subject: str
    reason: str
    next: str
    explained: str = ""


def lint(catalog: Catalog) -> tuple[Finding, ...]:
    """Every finding, by code, then in the catalog's order."""
    found = [one for check in _CHECKS for one in check(catalog)]
    order = {one.name: at for at, one in enumerate(catalog.entries)}
    found.sort(key=lambda one: (one.code, order.get(one.subject, len(order))))
    return tuple(_finding(one, catalog) for one in found)


def unexplained(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that are faults."""
    return tuple(one for one in findings if not one.explained)


def _finding(found: Found, catalog: Catalog) -> Finding:
    entry = next((one for one in catalog.entries if one.name == found.subject), None)
    source = entry.provenance.get(found.field, "") if entry else ""
    origin, _, reason = source.partition(": ")
    if origin in LEVELS:
        reason = ""
    parts = {one.name: getattr(found, one.name) for one in dataclasses.fields(Found)}
    del parts["field"]
    return Finding(**parts, explained=reason.strip())

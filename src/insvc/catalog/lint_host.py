"""Contradictions in what is known of plain Linux hosts: conditions, reasons, globs."""

from collections.abc import Iterator

from insvc.catalog.entry import Catalog, Entry, Note, NotWhile
from insvc.catalog.found import Found
from insvc.catalog.globs import is_glob, says
from insvc.model.words import Condition, Personality, RestartClass

_KNOWN = frozenset(one.value for one in Condition)


def check(catalog: Catalog) -> Iterator[Found]:
    """CAT115 to CAT117."""
    for entry in catalog.entries:
        yield from _conditions(entry)
        yield from _reason(entry)
        yield from _globs(entry)


def is_plain(entry: Entry) -> bool:
    """Whether it is of plain hosts alone, where its manager knows how it is restarted."""
    return entry.runs_on == (Personality.HOST,)


def _conditions(entry: Entry) -> Iterator[Found]:
    for rule in entry.special_handling:
        if isinstance(rule, NotWhile) and rule.condition not in _KNOWN:
            yield Found(
                code="CAT115",
                subject=entry.name,
                field="special_handling",
                reason=f"is never restarted during a {rule.condition}, which nobody looks for",
                next=f"name one of: {', '.join(sorted(_KNOWN))}",
            )


def _reason(entry: Entry) -> Iterator[Found]:
    has_note = any(isinstance(rule, Note) and rule.text for rule in entry.special_handling)
    if is_plain(entry) and entry.restart_class is not RestartClass.AUTO and not has_note:
        yield Found(
            code="CAT116",
            subject=entry.name,
            field="restart_class",
            reason=f"is {entry.restart_class}, and nothing says why",
            next="give the reason in a note of its special handling",
        )


def _globs(entry: Entry) -> Iterator[Found]:
    for service in entry.services:
        if is_glob(service.name) and says(service.name)[1] == 0:
            yield Found(
                code="CAT117",
                subject=entry.name,
                field="services",
                reason=f"has the glob {service.name}, which fits every service",
                next="say which services are meant",
            )

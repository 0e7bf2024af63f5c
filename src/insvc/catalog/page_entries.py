"""Rows of the page into entries, by the facts that their cells hold."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    Catalog,
    ClearSessions,
    Entry,
    GracefulWindow,
    Note,
    Rule,
    Service,
)
from insvc.catalog.page import HEADINGS, PageRow
from insvc.catalog.page_commands import read_commands
from insvc.catalog.page_facts import (
    enumerations,
    is_label,
    one_down_rules,
    order_rules,
    orphan_rule,
    read_impact,
    sentences,
    session_rule,
    speaks_of_hosts_together,
    traffic_rule,
    window_rule,
)
from insvc.catalog.page_names import (
    entry_name,
    manager_of,
    personalities,
    plain_title,
    service_names,
)
from insvc.errors import FaultyDocument
from insvc.model.act import DrainRule
from insvc.model.words import Action, Manager, Redundancy, RestartClass

UNEXPLAINED: Final = "the page asks for special handling and does not say which"
_YES = re.compile(r"(?:y|yes)\b\W*", re.IGNORECASE)
_NO = re.compile(r"(?:n|no|none|n/a|-+)?\W*$", re.IGNORECASE)
_STATED = ("title", "function", "in_service_patchable", "managed_by", "impact")


def entries_of(rows: Sequence[PageRow], name: str, source: str) -> Catalog:
    """The catalog that the rows describe.

    Args:
        rows: the page's rows.
        name: what the catalog is called.
        source: the page's file, for the faults.

    Raises:
        FaultyDocument: with every cell that cannot be taken for what its column says.
    """
    faults = tuple(_faults(rows, source))
    if faults:
        raise FaultyDocument(source, faults, next_act="correct these cells; nothing was taken")
    names = [entry_name(row.text("title")) for row in rows]
    return Catalog(name=name, entries=tuple(read_row(row, names) for row in rows))


def _faults(rows: Sequence[PageRow], source: str) -> Iterator[str]:
    taken: dict[str, int] = {}
    for row in rows:
        title = row.text("title")
        name = entry_name(title)
        where = f"{source}: row {row.number}" + (f" ({title})" if title else "")
        if not name:
            yield f"{where}, column {HEADINGS['title']}: is {title!r}, expected a name"
        elif name in taken:
            yield f"{where}: is called {name!r}, as row {taken[name]} is already"
        taken.setdefault(name, row.number)
        if manager_of(row.text("managed_by")) is None:
            yield (
                f"{where}, column {HEADINGS['managed_by']}: is {row.text('managed_by')!r}, "
                "expected SM, PMON, CRON or nothing"
            )


def read_row(row: PageRow, names: Sequence[str]) -> Entry:
    """One row as an entry.

    Args:
        row: a row without faults.
        names: names of all entries of the page, which orders may speak of.
    """
    manager = manager_of(row.text("managed_by")) or Manager.NONE
    name = entry_name(row.text("title"))
    restart = read_commands(row.cells["restart"])
    patch_restart = read_commands(row.cells["patch_restart"])
    services = service_names(row.text("title"), row.text("function"), (*restart, *patch_restart))
    rules = _rules(row, name, services, names)
    depends_on, beyond = _dependencies(row.text("depends_on"), names)
    impact = read_impact(
        row.text("impact"),
        is_scheduled=manager is Manager.CRON,
        care=row.text("special_handling"),
    )
    is_patchable, remark = _answer(row.text("in_service_patchable"))
    remarks = (("in_service_patchable", remark), ("depends_on", beyond))
    notes = tuple(Note(text=f"{HEADINGS[key]}: {text}") for key, text in remarks if text)
    entry = Entry(
        name=name,
        title=plain_title(row.text("title")),
        aliases=services if len(services) == 1 and services[0] != name else (),
        function=row.text("function"),
        in_service_patchable=is_patchable,
        managed_by=manager,
        runs_on=personalities(
            manager,
            row.text("title"),
            row.text("function"),
            f"{row.text('impact')} {row.text('special_handling')}",
        ),
        redundancy=_redundancy(manager),
        services=tuple(_service(one, rules) for one in services),
        restart=restart,
        patch_restart=patch_restart,
        action=Action.NEXT_RUN if manager is Manager.CRON else Action.RESTART,
        depends_on=depends_on,
        impact=impact,
        special_handling=(*rules, *notes),
    )
    return dataclasses.replace(entry, restart_class=class_of(entry), provenance=_provenance(entry))


def _answer(text: str) -> tuple[bool, str]:
    """Yes or no, and the cell where it says more. What is neither is a careful no."""
    is_plain = _YES.fullmatch(text) or _NO.match(text)
    return _YES.match(text) is not None, "" if is_plain else text


def _redundancy(manager: Manager) -> Redundancy:
    if manager in {Manager.SM, Manager.CRON}:
        return Redundancy.ACTIVE_STANDBY
    return Redundancy.PER_HOST


def _service(name: str, rules: Iterable[Rule]) -> Service:
    window = next((one for one in rules if isinstance(one, GracefulWindow)), None)
    votes = any(isinstance(one, AtMostOneDown) and one.service == name for one in rules)
    return Service(
        name=name,
        match=rf"/{name.replace('.', '[.]')}(\s|$)",
        drain=DrainRule(timeout_s=window.timeout_s, on_timeout=window.on_timeout)
        if window
        else None,
        redundancy=Redundancy.QUORUM if votes else None,
    )


def _rules(
    row: PageRow, name: str, services: Sequence[str], names: Sequence[str]
) -> tuple[Rule, ...]:
    impact, special = row.text("impact"), row.text("special_handling")
    found: list[Rule | None] = [window_rule(impact), session_rule(impact)]
    found += one_down_rules(sentences(impact), services)
    found.append(orphan_rule(impact, services[0]))
    if not _NO.match(special):
        told = "" if _YES.fullmatch(special) else special
        found += _special(row, told, services, [one for one in names if one != name])
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _special(
    row: PageRow, told: str, services: Sequence[str], others: Sequence[str]
) -> Iterator[Rule | None]:
    """The rules of a row that asks for special handling; what is not understood is a note."""
    impact = row.text("impact")
    known = {*others, *(one.split("-")[0] for one in others)}
    understood: list[Rule | None] = [
        traffic_rule(row.text("function")),
        orphan_rule(impact, services[0]) or orphan_rule(told, services[0]),
        *one_down_rules(sentences(impact), services),
    ]
    left: list[str] = []
    listed = enumerations(told, known)
    for sentence in sentences(told):
        rules: list[Rule] = [
            *one_down_rules([sentence], services),
            *order_rules(sentence, listed, known, is_local="active controller" in told.casefold()),
        ]
        if speaks_of_hosts_together(sentence) and not _votes(understood):
            rules += (AtMostOneDown(service=one) for one in services)
        understood += [_with_members(one, others) for one in rules]
        is_told = rules or speaks_of_hosts_together(sentence) or is_label(sentence)
        if not is_told and orphan_rule(sentence, services[0]) is None:
            left.append(sentence)
    yield from understood
    if left:
        yield Note(text=" ".join(left))
    elif not any(understood):
        yield Note(text=UNEXPLAINED)


def _votes(rules: Iterable[Rule | None]) -> bool:
    return any(isinstance(one, AtMostOneDown) for one in rules)


def _with_members(rule: Rule, others: Sequence[str]) -> Rule:
    if isinstance(rule, (Before, AvoidTogether)):
        return dataclasses.replace(rule, entries=tuple(_members(rule.entries, others)))
    return rule


def _members(names: Iterable[str], entries: Sequence[str]) -> Iterator[str]:
    """Names of entries, families (`nova`) as their members."""
    for name in names:
        family = [one for one in entries if one.startswith(f"{name}-")]
        yield from [name] if name in entries or not family else family


def _dependencies(text: str, names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The entries that the cell names, and the cell where it says more than their names."""
    if _NO.match(text):
        return (), ""
    words = re.findall(r"[\w.-]+", text.casefold())
    found = tuple(one for one in dict.fromkeys(words) if one in names)
    is_plain = all(one in names or one in {"and", "y", "yes"} for one in words)
    return found, "" if is_plain and found else text


def class_of(entry: Entry) -> RestartClass:
    """How freely it may be restarted, as its rules and its action have it."""
    kinds = {type(one) for one in entry.special_handling}
    if not entry.in_service_patchable:
        return RestartClass.CONDITIONAL
    if entry.action is Action.NEXT_RUN:
        return RestartClass.DEFERRED
    if kinds & {AtMostOneDown, Before, CarriesTraffic}:
        return RestartClass.ORDERED
    return RestartClass.SESSION_KILLING if ClearSessions in kinds else RestartClass.AUTO


def _provenance(entry: Entry) -> dict[str, str]:
    """`page` for what a cell says, `page, inferred` for what follows from several."""
    optional = ("aliases", "restart", "patch_restart", "depends_on", "special_handling")
    stated = [*_STATED, *(key for key in optional if getattr(entry, key))]
    inferred = ("runs_on", "redundancy", "services", "action", "restart_class")
    return dict.fromkeys(stated, "page") | dict.fromkeys(inferred, "page, inferred")

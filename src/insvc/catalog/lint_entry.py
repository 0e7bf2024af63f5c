"""Fields of one entry that contradict each other."""

from collections.abc import Callable, Iterator

from insvc.catalog.entry import (
    AtMostOneDown,
    Catalog,
    ClearSessions,
    Entry,
    GracefulWindow,
    Note,
)
from insvc.catalog.found import Found
from insvc.catalog.lint_host import is_plain
from insvc.catalog.page_entries import UNEXPLAINED
from insvc.model.words import Action, Manager, Redundancy

Check = Callable[[Entry], Iterator[tuple[str, str, str, str]]]


def check(catalog: Catalog) -> Iterator[Found]:
    """CAT106 to CAT114."""
    for entry in catalog.entries:
        for one in _CHECKS:
            for code, field, reason, act in one(entry):
                yield Found(code=code, subject=entry.name, field=field, reason=reason, next=act)


def _nowhere(entry: Entry) -> Iterator[tuple[str, str, str, str]]:
    if not entry.services:
        yield (
            "CAT106",
            "services",
            "has no services, expected what its manager runs for it",
            "list its services",
        )
    if not entry.runs_on or any(one.runs_on == () for one in entry.services):
        yield (
            "CAT113",
            "runs_on",
            "runs on no personality, expected at least one",
            "say where it runs",
        )


def _drains(entry: Entry) -> Iterator[tuple[str, str, str, str]]:
    windows = [one for one in entry.special_handling if isinstance(one, GracefulWindow)]
    for service in entry.services:
        drain = service.drain
        if drain is None:
            continue
        if drain.timeout_s <= 0 and drain.on_timeout == "kill":
            yield (
                "CAT114",
                "services",
                f"{service.name} is killed after {drain.timeout_s:g} s of draining",
                "give it time to finish, or leave the drain out",
            )
        for window in windows:
            if (drain.timeout_s, drain.on_timeout) != (window.timeout_s, window.on_timeout):
                yield (
                    "CAT107",
                    "special_handling",
                    f"the graceful window is {window.timeout_s:g} s, then {window.on_timeout}; "
                    f"{service.name} drains {drain.timeout_s:g} s, then {drain.on_timeout}",
                    "make both the same",
                )


def _commands(entry: Entry) -> Iterator[tuple[str, str, str, str]]:
    """On a plain host the manager knows how, and timers of systemd have their next run, too."""
    if is_plain(entry):
        return
    documented = entry.restart or entry.patch_restart
    if entry.in_service_patchable and entry.action is Action.RESTART and not documented:
        yield (
            "CAT108",
            "restart",
            "may be restarted in service and no command says how",
            "document its restart command",
        )
    if (entry.managed_by is Manager.CRON) != (entry.action is Action.NEXT_RUN):
        yield (
            "CAT109",
            "action",
            f"is managed by {entry.managed_by} and cured by {entry.action}",
            "use next-run for scheduled jobs and for nothing else",
        )


def _special(entry: Entry) -> Iterator[tuple[str, str, str, str]]:
    rules = entry.special_handling
    clears = any(isinstance(one, ClearSessions) for one in rules)
    if not is_plain(entry) and clears != (entry.impact.sessions == "lost"):
        yield (
            "CAT110",
            "special_handling",
            f"sessions are {entry.impact.sessions}, and "
            + ("no rule clears them" if entry.impact.sessions == "lost" else "a rule clears them"),
            "make impact.sessions and the clear_sessions rule agree",
        )
    if any(isinstance(one, Note) and one.text == UNEXPLAINED for one in rules):
        yield (
            "CAT111",
            "special_handling",
            UNEXPLAINED,
            "write the rule down, or that none is needed",
        )
    for rule in rules:
        if isinstance(rule, AtMostOneDown) and entry.service(rule.service) is not None:
            redundancy = entry.redundancy_of(rule.service)
            if redundancy is not Redundancy.QUORUM:
                yield (
                    "CAT112",
                    "redundancy",
                    f"at most one {rule.service} may be down, and its redundancy is {redundancy}",
                    "make its redundancy quorum",
                )


_CHECKS: tuple[Check, ...] = (_nowhere, _drains, _commands, _special)

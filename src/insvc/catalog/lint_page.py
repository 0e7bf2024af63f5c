"""The contradictions that the operators' page was published with."""

import re
from collections.abc import Iterator

from insvc.catalog.entry import AtMostOneDown, AvoidTogether, Before, Catalog, Command, Entry
from insvc.catalog.found import Found
from insvc.model.words import Manager

_NAMED = re.compile(
    r"(?:sm-restart(?:-safe)?\s+service|pmon-restart|patch-restart-processes)\s+([\w.-]+)"
)
_SCRIPTS = {
    "restart-cinder": ("cinder-volume", "cinder-scheduler", "cinder-backup", "cinder-api"),
    "restart-glance": ("glance-registry", "glance-api"),
}


def check(catalog: Catalog) -> Iterator[Found]:
    """CAT001 to CAT006."""
    for entry in catalog.entries:
        yield from _command_names(entry)
        yield from _no_manager(entry)
        yield from _unlisted(entry)
        yield from _reaches_beyond(entry)
    yield from _same_function(catalog)
    yield from _no_dependencies(catalog)


def _commands(entry: Entry) -> Iterator[tuple[str, Command]]:
    yield from (("restart", one) for one in entry.restart)
    yield from (("patch_restart", one) for one in entry.patch_restart)


def _command_names(entry: Entry) -> Iterator[Found]:
    for field, command in _commands(entry):
        for name in _NAMED.findall(command.run):
            if entry.service(name) is None:
                yield Found(
                    code="CAT001",
                    subject=entry.name,
                    field=field,
                    reason=f"`{command.run}` names {name}; the entry's services are "
                    + (", ".join(one.name for one in entry.services) or "none"),
                    next="name a service in the command, or list it as a service",
                )


def _same_function(catalog: Catalog) -> Iterator[Found]:
    first: dict[str, Entry] = {}
    for entry in catalog.entries:
        text = " ".join(entry.function.split()).casefold()
        if text and text in first and not _is_of_one_entry(first[text], entry):
            yield Found(
                code="CAT002",
                subject=entry.name,
                field="function",
                reason=f"has the function text of {first[text].name}",
                next="say what this one does",
            )
        first.setdefault(text, entry)


def _is_of_one_entry(first: Entry, second: Entry) -> bool:
    """Whether both were found on a host and took it from the same entry of a shipped catalog."""
    source = first.provenance.get("function", "")
    return ", " in source and source == second.provenance.get("function")


def _no_dependencies(catalog: Catalog) -> Iterator[Found]:
    managed = [one for one in catalog.entries if one.managed_by is Manager.SM]
    if len(managed) > 1 and not any(one.depends_on for one in catalog.entries):
        ordered = [one.name for one in catalog.entries if _states_order(one)]
        in_words = f"; {', '.join(ordered)} state an order in words only" if ordered else ""
        yield Found(
            code="CAT003",
            subject=catalog.name,
            field="depends_on",
            reason=f"no entry depends on another; the service manager runs {len(managed)} of them "
            f"and keeps dependencies{in_words}",
            next="fill depends_on from the service manager's own table",
        )


def _states_order(entry: Entry) -> bool:
    rules = (AtMostOneDown, Before, AvoidTogether)
    return any(isinstance(one, rules) for one in entry.special_handling)


def _no_manager(entry: Entry) -> Iterator[Found]:
    if entry.managed_by is Manager.NONE:
        yield Found(
            code="CAT004",
            subject=entry.name,
            field="managed_by",
            reason="has no manager, expected one that starts it again when it dies",
            next="name its manager",
        )


def _unlisted(entry: Entry) -> Iterator[Found]:
    for field, command in _commands(entry):
        words = command.run.split()
        script = words[0].rpartition("/")[2] if words else ""
        absent = [one for one in _SCRIPTS.get(script, ()) if entry.service(one) is None]
        if absent:
            yield Found(
                code="CAT005",
                subject=entry.name,
                field="services",
                reason=f"`{command.run}` ({field}) restarts {', '.join(absent)} too in some "
                "releases, which the entry does not list",
                next="list it where it is installed",
            )


def _reaches_beyond(entry: Entry) -> Iterator[Found]:
    for field, command in _commands(entry):
        if "--all" in command.run.split():
            yield Found(
                code="CAT006",
                subject=entry.name,
                field=field,
                reason=f"`{command.run}` restarts other entries with it, and dependants that "
                "sm-restart-safe spares",
                next="prefer the command that names one service",
            )

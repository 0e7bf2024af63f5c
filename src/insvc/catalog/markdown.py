"""A catalog as Markdown: the overview as a table, then a section for every entry."""

from collections.abc import Iterator

from insvc.catalog.entry import Catalog, Command, Entry
from insvc.catalog.words import impact_words, rule_words, service_words, yes_or_no

_HEADINGS = ("Process/Service", "In service patchable", "Managed by", "Runs on", "Services")


def markdown(catalog: Catalog) -> str:
    """The whole catalog as one Markdown document."""
    return "\n".join(_document(catalog)) + "\n"


def _document(catalog: Catalog) -> Iterator[str]:
    yield f"# Process restart information: {_text(catalog.name)}"
    yield ""
    yield f"{len(catalog.entries)} entries."
    yield ""
    yield "| " + " | ".join(_HEADINGS) + " |"
    yield "|" + "---|" * len(_HEADINGS)
    for entry in catalog.entries:
        cells = (
            _text(entry.title),
            yes_or_no(patchable=entry.in_service_patchable),
            str(entry.managed_by),
            ", ".join(entry.runs_on),
            _text(", ".join(one.name for one in entry.services)),
        )
        yield "| " + " | ".join(cells) + " |"
    for entry in catalog.entries:
        yield ""
        yield from _section(entry)


def _section(entry: Entry) -> Iterator[str]:
    yield f"## {_text(entry.title)}"
    yield ""
    yield _text(entry.function)
    yield ""
    yield f"- Name: `{entry.name}`"
    yield f"- In service patchable: {yes_or_no(patchable=entry.in_service_patchable)}"
    yield f"- Managed by: {entry.managed_by}"
    yield f"- Runs on: {', '.join(entry.runs_on)}; {entry.redundancy}"
    yield f"- Cured by: {entry.action} ({entry.restart_class})"
    if entry.depends_on:
        yield f"- Needs first: {_text(', '.join(entry.depends_on))}"
    for service in entry.services:
        yield f"- Service `{service.name}`{_tail(service_words(service))}"
    for heading, commands in (("Restart", entry.restart), ("Patch restart", entry.patch_restart)):
        for command in commands:
            yield from _command(heading, command)
    for line in impact_words(entry.impact):
        yield f"- Impact: {_text(line)}"
    for rule in entry.special_handling:
        yield f"- Special handling: {_text(rule_words(rule))}"


def _command(heading: str, command: Command) -> Iterator[str]:
    by_hand = " (by hand)" if command.manual else ""
    yield f"- {heading}{by_hand}: `{command.run}`"
    for line in command.runs:
        yield f"  - runs `{line}`"


def _tail(words: str) -> str:
    return f": {_text(words)}" if words else ""


def _text(text: str) -> str:
    """Text that Markdown and its tables leave as it is."""
    flat = " ".join(text.split())
    return "".join(f"\\{one}" if one in "\\|*_`<>[]#&" else one for one in flat)

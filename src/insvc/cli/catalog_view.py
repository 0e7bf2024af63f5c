"""A catalog on a terminal."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insvc.catalog.entry import Catalog, Command, Entry, Note
from insvc.catalog.lint_host import is_plain
from insvc.catalog.words import impact_words, rule_words, service_words
from insvc.model.words import Manager, Personality, RestartClass

_PAGE_WIDTH = 100


def show_list(catalog: Catalog, console: Console | None = None) -> None:
    """One line an entry."""
    console = console or Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in ("entry", "manager"):
        table.add_column(heading, no_wrap=True)
    table.add_column("runs on", min_width=len(Personality.CONTROLLER))
    table.add_column("services and care", ratio=1)
    for entry in catalog.entries:
        table.add_row(
            Text(entry.name, style="bold"),
            _manager(entry),
            " ".join(entry.runs_on),
            _remarks(entry),
        )
    console.print(table)
    console.print(f"{len(catalog.entries)} entries in {catalog.name}")


def _patchable(entry: Entry) -> Text:
    if entry.in_service_patchable:
        return Text("in service", style="green")
    return Text("only by a reboot" if is_plain(entry) else "only on a locked host", style="red")


def _manager(entry: Entry) -> Text:
    none = entry.managed_by is Manager.NONE
    return Text("-" if none else str(entry.managed_by), style="dim" if none else "")


def _remarks(entry: Entry) -> Text:
    names = [one.name for one in entry.services]
    lines: list[Text] = [] if names == [entry.name] else [Text(" ".join(names))]
    if not entry.in_service_patchable:
        lines.append(_patchable(entry))
    elif is_plain(entry) and entry.restart_class is not RestartClass.AUTO:
        lines.append(Text(str(entry.restart_class), style="magenta"))
    kinds = dict.fromkeys(one.kind.replace("_", " ") for one in entry.special_handling)
    lines += (Text(one, style="yellow") for one in kinds)
    return Text("\n").join(lines)


def show_entry(entry: Entry, console: Console | None = None) -> None:
    """Everything known of one entry, in sections."""
    console = console or Console(highlight=False)
    console.print(Text(entry.title, style="bold reverse"), Text(f" {entry.name}", style="dim"))
    console.print(Padding(Text(entry.function), (0, 0, 1, 2)), width=_width(console))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for label, content in _sections(entry):
        table.add_row(label, content)
    console.print(Padding(table, (0, 0, 1, 2)), width=_width(console))


def _width(console: Console) -> int:
    return min(console.width, _PAGE_WIDTH)


def _sections(entry: Entry) -> Iterator[tuple[str, RenderableType]]:
    yield "patched", _patchable(entry)
    yield "managed by", _manager(entry)
    yield "runs on", f"{', '.join(entry.runs_on)} ({entry.redundancy})"
    yield "cured by", f"{entry.action} ({entry.restart_class})"
    if entry.aliases:
        yield "also called", ", ".join(entry.aliases)
    if entry.depends_on:
        yield "needs first", ", ".join(entry.depends_on)
    yield "services", Group(*(_service(one.name, service_words(one)) for one in entry.services))
    if entry.restart:
        yield "restart", _commands(entry.restart)
    if entry.patch_restart:
        yield "by a patch", _commands(entry.patch_restart)
    yield "impact", Group(*(Text(line) for line in impact_words(entry.impact)))
    if entry.special_handling:
        yield (
            "care",
            Group(
                *(
                    Text(_rule(rule_words(one), is_note=isinstance(one, Note)))
                    for one in entry.special_handling
                )
            ),
        )
    yield "known from", _sources(entry)


def _rule(words: str, *, is_note: bool) -> str:
    return f"note: {words}" if is_note else words


def _service(name: str, words: str) -> Text:
    return Text.assemble((name, "bold"), f"  {words}" if words else "")


def _commands(commands: Iterable[Command]) -> Group:
    lines: list[Text] = []
    for command in commands:
        by_hand = ("  by hand", "dim") if command.manual else ""
        lines.append(Text.assemble((command.run, "bold"), by_hand))
        lines += (Text(f"  {one}", style="dim") for one in command.runs)
    return Group(*lines)


def _sources(entry: Entry) -> str:
    by_source: dict[str, list[str]] = {}
    for key, source in entry.provenance.items():
        by_source.setdefault(source, []).append(key)
    return "; ".join(f"{source} ({', '.join(keys)})" for source, keys in by_source.items())

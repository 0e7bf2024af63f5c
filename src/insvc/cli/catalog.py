"""`insvc catalog`."""

import json
from pathlib import Path

import click

from insvc.adapters.catalog_files import (
    BUILTIN,
    PAGE,
    builtin,
    load_catalog,
    load_page,
    strange_names,
)
from insvc.adapters.catalog_text import FORMS, render_catalog, said
from insvc.adapters.formats import dump
from insvc.adapters.needrestart_files import is_needrestart
from insvc.catalog.compare import Difference, differences
from insvc.catalog.entry import Catalog, Entry
from insvc.catalog.globs import UNIT, Finder
from insvc.catalog.lint import CODES, lint, unexplained
from insvc.errors import UnknownName

_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False)
_FILE_NAME = "catalog.yaml"
_LOCAL = "local"

_catalog = click.option(
    "--catalog",
    "path",
    type=_PATH,
    metavar="PATH",
    help="A catalog file, a page, a folder of layers, a built-in catalog; or `local`, what is "
    "known of this machine.  [default: titanium]",
)
_on = click.option(
    "--on",
    "base",
    type=click.Choice(list(BUILTIN)),
    default=PAGE,
    show_default=True,
    help="The built-in catalog that layers lie on.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("catalog")
def command() -> None:
    """What is known of each process and service that a patch can make stale."""


@command.command("list")
@_catalog
@_on
@_json
def list_entries(path: Path | None, base: str, as_json: bool) -> None:
    """All entries, one line each."""
    catalog = _chosen(path, base)
    if as_json:
        _print_json(dump(catalog))
        return
    from insvc.cli.catalog_view import show_list

    show_list(catalog)


@command.command("show")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_catalog
@_on
@_json
def show_entries(names: tuple[str, ...], path: Path | None, base: str, as_json: bool) -> None:
    """Everything known of an entry, by its name, title, alias or one of its services."""
    catalog = _chosen(path, base)
    entries = [_entry(catalog, name) for name in names]
    for name, entry in zip(names, entries, strict=True):
        if entry is None:
            raise _unknown(name, catalog)
    found = [one for one in entries if one is not None]
    if as_json:
        _print_json({"entries": [dump(one) for one in found]})
        return
    from insvc.cli.catalog_view import show_entry

    for entry in found:
        show_entry(entry)


@command.command("lint")
@click.argument("path", type=_PATH, required=False)
@click.option("--codes", "lists_codes", is_flag=True, help="Say what is looked for, and stop.")
@_on
@_json
def lint_catalog(path: Path | None, lists_codes: bool, base: str, as_json: bool) -> int:
    """Find contradictions; exit 1 where one is not explained. A page may be named, or `local`."""
    if lists_codes:
        click.echo("\n".join(f"{code}  {meaning}" for code, meaning in CODES.items()))
        return 0
    catalog = _chosen(path, base)
    findings = lint(catalog)
    open_ones = unexplained(findings)
    strange = _strange(path, base, catalog)
    where = "on this host" if _is_local(path) else f"in {base}"
    if as_json:
        _print_json({"findings": [dump(one) for one in findings], "strange": strange})
    for line in () if as_json else strange:
        click.echo(f"{line} is not {where}: it is for what a host discovers, or misspelt")
    for one in () if as_json else findings:
        mark = "explained" if one.explained else "next"
        click.echo(f"{one.code} {one.subject}: {one.reason}")
        click.echo(f"  {mark}: {one.explained or one.next}")
    if not as_json:
        noun = "finding" if len(open_ones) == 1 else "findings"
        click.echo(f"{len(open_ones)} {noun}, {len(findings) - len(open_ones)} explained")
    return 1 if open_ones else 0


@command.command("import")
@click.argument("file", type=_FILE)
@click.option("-o", "--output", type=_PATH, metavar="DIR", help="Write it there.")
@_json
def import_page(file: Path, output: Path | None, as_json: bool) -> None:
    """Read an operators' page "Process restart information", or the settings of needrestart.

    A page, in any of its forms, becomes a catalog; it is refused whole where it is cut off or a
    cell cannot be understood. needrestart.conf, with the files of its conf.d, becomes a layer of
    the site: it is read and never executed, and what is not understood is told.
    """
    if is_needrestart(file):
        from insvc.cli.needrestart import import_settings

        import_settings(file, output, as_json=as_json)
        return
    catalog = load_page(file)
    written = None if output is None else output / _FILE_NAME
    if written is not None:
        _write(written, render_catalog(catalog, "yaml"))
    if as_json:
        _print_json(dump(catalog) | {"written": None if written is None else str(written)})
        return
    if written is None:
        from insvc.cli.catalog_view import show_list

        show_list(catalog)
    click.echo(f"{len(catalog.entries)} entries read from {file}")
    click.echo(f"written: {written}" if written else "nothing written; name a folder with -o")


@command.command("export")
@_catalog
@click.option("--format", "form", type=click.Choice(list(FORMS)), help="What to write.")
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write there, not to the screen.")
@_json
def export_catalog(path: Path | None, form: str | None, output: Path | None, as_json: bool) -> None:
    """Write a catalog as page (restart-info), Markdown, JSON or YAML."""
    if form is None and not as_json:
        raise click.UsageError(f"Missing option '--format'. Choose from: {', '.join(FORMS)}")
    catalog = _chosen(path)
    text = render_catalog(catalog, form or "json")
    if output is not None:
        _write(output, text)
    if as_json:
        _print_json(dump(catalog) | {"written": None if output is None else str(output)})
    elif output is None:
        click.echo(text, nl=False)
    else:
        click.echo(f"{len(catalog.entries)} entries written to {output}")


@command.command("diff")
@click.argument("first", type=_PATH, metavar="A")
@click.argument("second", type=_PATH, metavar="B")
@_json
def diff_catalogs(first: Path, second: Path, as_json: bool) -> None:
    """What differs from catalog A to catalog B: files, folders, built-in ones, or `local`."""
    found = differences(_chosen(first), _chosen(second))
    if as_json:
        _print_json({"differences": [dump(one) for one in found]})
        return
    for one in found:
        click.echo(_line(one))
    noun = "difference" if len(found) == 1 else "differences"
    click.echo(f"{len(found)} {noun}" if found else "no differences")


def _line(one: Difference) -> str:
    if one.change != "changed":
        return f"{one.entry}: {one.change}"
    before, after = (json.dumps(said(held), ensure_ascii=False) for held in (one.before, one.after))
    return f"{one.entry}.{one.field}: {before} -> {after}"


def _entry(catalog: Catalog, name: str) -> Entry | None:
    """The entry of that name, or whose service or glob fits."""
    finder = Finder(catalog)
    known = catalog.entry(name) or catalog.entry_of(name) or finder.find(name)
    return known or finder.find(name + UNIT)


def _is_local(path: Path | None) -> bool:
    return path is not None and str(path) == _LOCAL and not path.exists()


def _strange(path: Path | None, base: str, catalog: Catalog) -> tuple[str, ...]:
    """What layers there name that they do not lie on."""
    if _is_local(path):
        from insvc.cli.local_catalog import strange_here

        return tuple(strange_here(catalog))
    return strange_names(path, base) if path is not None and base != PAGE else ()


def _chosen(path: Path | None, base: str = PAGE) -> Catalog:
    if path is None:
        return builtin(base)
    if _is_local(path):
        from insvc.cli.local_catalog import local_catalog

        return local_catalog()
    if str(path) in BUILTIN and not path.exists():
        return builtin(str(path))
    return load_catalog(path, builtin(base))


def _unknown(name: str, catalog: Catalog) -> UnknownName:
    import difflib

    words = {one.name for one in catalog.entries}
    words |= {service.name for one in catalog.entries for service in one.services}
    near = difflib.get_close_matches(name.casefold(), sorted(words), n=3)
    of = "" if catalog.name == PAGE else f" --catalog {catalog.name}"
    act = f"did you mean {', '.join(near)}?" if near else f"list them: `insvc catalog list{of}`"
    return UnknownName(name, f"catalog {catalog.name} has no entry or service of it", next_act=act)


def _write(path: Path, text: str) -> None:
    from insvc.adapters.report_files import write_text

    write_text(path, text)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))

"""`insvc sm`."""

import json
from pathlib import Path

import click

from insvc.adapters.sm_shipped import read_tables, shipped_tables
from insvc.adapters.wire import to_json
from insvc.supervise.sm_lint import CODES, lint

_FOUND = 1


@click.group("sm")
def command() -> None:
    """The tables by which our service manager works."""


@command.command("lint")
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, dir_okay=False), metavar="[FILE]"
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def lint_tables(context: click.Context, file: Path | None, as_json: bool) -> None:
    """Contradictions in sm's tables: circles, unknown names, needs across groups that part.

    Without a file, the tables that come with insvc. Ends with 1 where something was found.
    """
    found = lint(shipped_tables() if file is None else read_tables(file))
    if as_json:
        click.echo(json.dumps(to_json(found), indent=2))
    else:
        for one in found:
            click.echo(f"{one.code} {one.subject}: {one.found}")
            click.echo(f"      {CODES[one.code]}")
        click.echo(f"{len(found)} found")
    if found:
        context.exit(_FOUND)

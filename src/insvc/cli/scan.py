"""`insvc scan`: its options; what it does is in `insvc.cli.scanning`."""

from pathlib import Path
from typing import Any

import click

from insvc.cli.options import world_options
from insvc.cli.scanning import EXIT_STALE, EXIT_UNKNOWN, Wanted, scan


@click.command("scan")
@world_options
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="Only this host (repeatable).")
@click.option("--all", "everything", is_flag=True, help="List what is current, too.")
@click.option("--explain", "explains", is_flag=True, help="Every sign, and what it means.")
@click.option("--brief", is_flag=True, help="The conclusion alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the insvc-observation/1 document.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the insvc-observation/1 document there, for `insvc plan --observation`.",
)
@click.option(
    "--exit-code",
    is_flag=True,
    help=f"Exit {EXIT_STALE} when something runs replaced code, {EXIT_UNKNOWN} when part of it "
    "could not be seen.",
)
@click.option(
    "--patch",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Tell what would become stale if this package file were installed (repeatable).",
)
def command(**given: Any) -> int:  # noqa: ANN401 - as the options say
    """Find what runs replaced code, with the evidence. Nothing is changed.

    Looks at this machine, or at the cloud where there is one. What could not be looked at is listed
    as NOT SEEN and never counts as current. Where no host answers at all, the exit code says so in
    any case.
    """
    said, status = scan(Wanted(**given))
    click.echo(said, nl=False)
    return status

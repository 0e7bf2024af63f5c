"""`insvc demo`."""

from pathlib import Path

import click
from rich.console import Console

from insvc.adapters.catalog_files import load_catalog
from insvc.adapters.formats import dump_text
from insvc.adapters.places import cloud_directory
from insvc.cli.options import cloud_option
from insvc.demo.options import DemoOptions
from insvc.demo.story import tell


@click.command("demo")
@cloud_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, exists=True, file_okay=False, writable=True),
    default=".",
    metavar="DIR",
    help="Where report.html and report.json go.  [default: here]",
)
@click.option("--patch", "names", metavar="NAMES", help="Patch these instead: names and commas.")
@click.option("--fail", metavar="SERVICE", help="Its new code does not start: stop, roll back.")
@click.option("--kill-controller", is_flag=True, help="Kill the controller mid-step, then resume.")
@click.option(
    "--page",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Know only what this operators' page says.",
)
@click.option("--keep", is_flag=True, help="Leave the cloud running for scan, plan and run.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    cloud: Path | None,
    output: Path,
    names: str | None,
    fail: str | None,
    kill_controller: bool,
    page: Path | None,
    keep: bool,
    as_json: bool,
) -> None:
    """Patch a five-host cloud in service, from start to end.

    Starts the cloud on this machine, builds and installs a patch, finds what became stale, plans,
    restarts it in order under client load, verifies, and writes report.html and report.json. Then
    a second patch shows what cannot be restarted in service.
    """
    options = DemoOptions(
        cloud=cloud_directory(cloud),
        output=output,
        names=tuple(name.strip() for name in (names or "").split(",") if name.strip()),
        fail=fail,
        kill_controller=kill_controller,
        catalog=None if page is None else load_catalog(page),
        keep=keep,
    )
    report = tell(options, Console(stderr=as_json))
    if as_json:
        click.echo(dump_text(report), nl=False)

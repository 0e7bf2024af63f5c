"""`insvc report RUN|FILE`."""

import asyncio
from pathlib import Path

import click

from insvc.adapters.formats import load, read_text
from insvc.adapters.places import world_directory
from insvc.adapters.report_files import FORMATS, render, write_text
from insvc.bootstrap import connect
from insvc.cli.options import world_options
from insvc.controller.world import World
from insvc.errors import UnknownName
from insvc.flow import observe_cloud
from insvc.report.build import build_report
from insvc.report.report import Report

_NOTES = ("The hosts were looked at when this report was made, not when the run ended.",)


@click.command("report")
@click.argument("subject", metavar="RUN|FILE")
@world_options
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this file instead of the terminal.",
)
def command(subject: str, cloud: Path | None, form: str, output: Path | None) -> None:
    """Render the report of a run.

    RUN is a run's id or `latest`; FILE is a report.json. A run is reported with what the hosts
    look like now.
    """
    text = render(_report(subject, cloud), form)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)


def _report(subject: str, cloud: Path | None) -> Report:
    path = Path(subject)
    if path.is_file() or path.suffix == ".json":
        return load(Report, read_text(path), subject)
    world = connect(world_directory(cloud))
    run = _run_id(world, subject)
    records = world.journal.records(run)
    looking = observe_cloud(world.topology, world.agents)
    return build_report(run, records, after=asyncio.run(looking), notes=_NOTES)


def _run_id(world: World, subject: str) -> str:
    if subject != "latest":
        return subject
    names = world.journal.names()
    if not names:
        raise UnknownName(
            "latest",
            "no run was ever started in this cloud",
            next_act="start one with `insvc restart` or `insvc run start PLAN`",
        )
    return names[0]

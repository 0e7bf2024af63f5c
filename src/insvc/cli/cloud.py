"""`insvc cloud`."""

import json
import os
from pathlib import Path

import click
from rich.console import Console

from insvc.adapters.places import cloud_directory
from insvc.cli.options import cloud_option
from insvc.cloud.lifecycle import is_running, start_cloud, stop_cloud
from insvc.cloud.status import CloudStatus, cloud_status, status_document
from insvc.cloud.status_text import status_table
from insvc.errors import WorldError

json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group("cloud")
def command() -> None:
    """Start, look at and stop the embedded cloud: five hosts of stand-ins on this machine."""


@command.command("start")
@cloud_option
@json_option
def start(cloud: Path | None, as_json: bool) -> None:
    """Start all five hosts and wait until every service is up."""
    directory = cloud_directory(cloud)
    start_cloud(directory, said=lambda line: click.echo(line, err=as_json))
    if as_json:
        _show(cloud_status(directory), as_json=True)
    else:
        click.echo(f"the cloud runs in {directory}")
        click.echo(f"next: insvc scan --cloud {directory}")


@command.command("status")
@cloud_option
@json_option
def status(cloud: Path | None, as_json: bool) -> None:
    """Show every host with its role and its services, as their managers and packages say."""
    _show(cloud_status(cloud_directory(cloud)), as_json=as_json)


@command.command("stop")
@cloud_option
@json_option
def stop(cloud: Path | None, as_json: bool) -> None:
    """Stop every service; packages, journal and reports stay for the next start."""
    directory = cloud_directory(cloud)
    was_running = is_running(directory)
    if not (directory / "topology.json").is_file():
        raise WorldError(
            str(directory), "holds no cloud", next_act="name another directory with --cloud"
        )
    stop_cloud(directory)
    if as_json:
        click.echo(json.dumps({"directory": str(directory), "was_running": was_running}))
    else:
        click.echo("the cloud is stopped" if was_running else "no cloud ran there")


def _show(found: CloudStatus, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(status_document(found), indent=2))
        return
    console = Console(width=None if os.isatty(1) else 120)
    console.print(status_table(found))

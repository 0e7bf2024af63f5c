"""`insvc recorder samples | events`."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from insvc.adapters.places import cloud_directory
from insvc.adapters.recorder import read_recorder
from insvc.adapters.wire import to_json
from insvc.bootstrap import connect
from insvc.cli.options import cloud_option
from insvc.cloud.layout import host_folder
from insvc.cloud.role_sm_eru import FILE
from insvc.errors import UnknownName
from insvc.model.recorder import Event, Sample
from insvc.report.recorder import event_lines, sample_lines

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A recorder's file, wherever it was copied to; instead of --host.",
)
_HOST = click.option(
    "--host", default="controller-0", show_default=True, help="Whose recorder; it need not run."
)
_NEWEST = click.option("--newest", default=40, show_default=True, help="No more than so many.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _options(function: F) -> F:
    return _FILE(_HOST(cloud_option(_NEWEST(_JSON(function)))))


@click.group("recorder")
def command() -> None:
    """What a host did before it failed: samples and events that its sm-eru kept.

    It is read from the host's own file, so the host may be dead.
    """


@command.command("samples")
@_options
def samples(file: Path | None, host: str, cloud: Path | None, newest: int, as_json: bool) -> None:
    """How busy processors, memory, disks and interfaces were, oldest first."""
    found = read_recorder(_path(file, host, cloud), Sample, newest)
    _print(found, "samples", sample_lines, as_json=as_json)


@command.command("events")
@_options
def events(file: Path | None, host: str, cloud: Path | None, newest: int, as_json: bool) -> None:
    """What services, interfaces and addresses became, oldest first."""
    found = read_recorder(_path(file, host, cloud), Event, newest)
    _print(found, "events", event_lines, as_json=as_json)


def _path(file: Path | None, host: str, cloud: Path | None) -> Path:
    if file is not None:
        return file
    directory = cloud_directory(cloud)
    hosts = [one.name for one in connect(directory).topology.hosts]
    if host not in hosts:
        reason = f"is no host of {directory}"
        raise UnknownName(host, reason, next_act=f"use one of: {', '.join(hosts)}")
    return host_folder(directory, host) / "root" / FILE


def _print(
    found: Iterable[Any],
    name: Literal["samples", "events"],
    lines: Callable[[Iterable[Any]], list[str]],
    *,
    as_json: bool,
) -> None:
    told = (
        json.dumps(to_json({name: list(found)}), indent=2) if as_json else "\n".join(lines(found))
    )
    click.echo(told)

"""`insvc scan`."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import click

from insvc.adapters.deb_files import available
from insvc.adapters.formats import dump_text
from insvc.adapters.report_files import write_text
from insvc.adapters.wire import to_json
from insvc.bootstrap import cloud_directory, connect
from insvc.cli.options import cloud_option
from insvc.errors import AgentUnreachable, UnknownName
from insvc.flow import observe_cloud
from insvc.inspect.ahead import would_become_stale
from insvc.inspect.forecast import forecast
from insvc.inspect.summary import is_complete, summary
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.patch.changes import plan_changes

EXIT_STALE = 3
EXIT_UNKNOWN = AgentUnreachable.exit_code


@click.command("scan")
@cloud_option
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="Only this host (repeatable).")
@click.option("--all", "everything", is_flag=True, help="List what is current, too.")
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
    help=f"Exit {EXIT_STALE} when something runs replaced code, {EXIT_UNKNOWN} when part of the "
    "cloud could not be seen.",
)
@click.option(
    "--patch",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Tell what would become stale if this package file were installed (repeatable).",
)
def command(
    cloud: Path | None,
    hosts: tuple[str, ...],
    everything: bool,
    as_json: bool,
    output: Path | None,
    exit_code: bool,
    files: tuple[Path, ...],
) -> int:
    """Find what runs replaced code, with the evidence. Nothing is changed.

    What could not be looked at is listed as NOT SEEN and never counts as current. Where no host
    answers at all, the exit code says so in any case.
    """
    patch = available(files)
    world = connect(cloud_directory(cloud))
    observation = asyncio.run(observe_cloud(_chosen(world.topology, hosts), world.agents))
    if output is not None:
        write_text(output, dump_text(observation))
    if patch:
        click.echo(_ahead_text(observation, patch, as_json=as_json), nl=False)
    elif as_json:
        click.echo(dump_text(observation), nl=False)
    else:
        click.echo("\n".join(summary(observation, everything=everything)))
    is_blind = not any(host.reachable for host in observation.hosts)
    return _exit_code(observation) if exit_code or is_blind else 0


def _ahead_text(
    observation: Observation, patch: dict[str, tuple[str, str]], *, as_json: bool
) -> str:
    """What the patch would do, as text or JSON."""
    installed = {host.host: host.packages for host in observation.hosts}
    changes = plan_changes(installed, patch, allow_older=True)
    ahead = would_become_stale(observation, changes)
    if as_json:
        return json.dumps({"ahead": to_json(ahead)}, indent=2) + "\n"
    return "\n".join(forecast(observation, ahead)) + "\n"


def _exit_code(observation: Observation) -> int:
    if observation.stale():
        return EXIT_STALE
    return 0 if is_complete(observation) else EXIT_UNKNOWN


def _chosen(topology: Topology, names: tuple[str, ...]) -> Topology:
    """The topology narrowed to those hosts; all of them where none is named."""
    known = [host.name for host in topology.hosts]
    for name in names:
        if name not in known:
            raise UnknownName(
                name,
                "no host of this cloud is called so",
                next_act=f"use one of: {', '.join(known)}",
            )
    hosts = tuple(host for host in topology.hosts if not names or host.name in names)
    return replace(topology, hosts=hosts)

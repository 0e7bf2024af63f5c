"""`insvc scan`."""

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from insvc.adapters.formats import dump_text
from insvc.adapters.report_files import write_text
from insvc.bootstrap import cloud_directory, connect
from insvc.cli.options import cloud_option
from insvc.errors import AgentUnreachable, UnknownName
from insvc.flow import observe_cloud
from insvc.inspect.summary import is_complete, summary
from insvc.model.topology import Topology

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
def command(
    cloud: Path | None,
    hosts: tuple[str, ...],
    everything: bool,
    as_json: bool,
    output: Path | None,
    exit_code: bool,
) -> int:
    """Find what runs replaced code, with the evidence. Nothing is changed.

    What could not be looked at is listed as NOT SEEN and never counts as current.
    """
    world = connect(cloud_directory(cloud))
    observation = asyncio.run(observe_cloud(_chosen(world.topology, hosts), world.agents))
    if output is not None:
        write_text(output, dump_text(observation))
    text = (
        dump_text(observation)
        if as_json
        else "\n".join(summary(observation, everything=everything)) + "\n"
    )
    click.echo(text, nl=False)
    if not exit_code:
        return 0
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

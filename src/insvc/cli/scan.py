"""`insvc scan`.

Imports are late on purpose: a scan of this machine ends before anybody waits for it.
"""

import json
import time
from dataclasses import replace
from pathlib import Path

import click

from insvc.adapters.places import host_directory, world_directory
from insvc.adapters.wire import to_json
from insvc.cli.options import world_options
from insvc.errors import AgentUnreachable, UnknownName
from insvc.inspect.summary import conclusion, is_complete, summary
from insvc.model.observation import Observation
from insvc.model.topology import Topology

EXIT_STALE = 3
EXIT_UNKNOWN = AgentUnreachable.exit_code


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
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    cloud: Path | None,
    hosts: tuple[str, ...],
    everything: bool,
    explains: bool,
    brief: bool,
    as_json: bool,
    output: Path | None,
    exit_code: bool,
    files: tuple[Path, ...],
) -> int:
    """Find what runs replaced code, with the evidence. Nothing is changed.

    Looks at this machine, or at the cloud where there is one. What could not be looked at is listed
    as NOT SEEN and never counts as current. Where no host answers at all, the exit code says so in
    any case.
    """
    is_whole = everything or as_json or output is not None or bool(files)
    observation = _observe(cloud, hosts, is_whole=is_whole)
    if output is not None:
        from insvc.adapters.report_files import write_text

        write_text(output, _document(observation))
    if files:
        click.echo(_ahead_text(observation, files, as_json=as_json), nl=False)
    elif as_json:
        click.echo(_document(observation), nl=False)
    elif brief:
        click.echo("\n".join(conclusion(observation)))
    else:
        click.echo("\n".join(summary(observation, everything=everything, explains=explains)))
    is_blind = not any(host.reachable for host in observation.hosts)
    return _exit_code(observation) if exit_code or is_blind else 0


def _observe(cloud: Path | None, hosts: tuple[str, ...], *, is_whole: bool) -> Observation:
    """What was seen, with the cures that the catalog knows."""
    from insvc.plan.cure import with_cures

    directory = world_directory(cloud)
    if directory == host_directory():
        from insvc.here import Here

        here = Here()
        _require_host(here.name, hosts)
        seen = here.observe(time.time(), everything=is_whole)
        return with_cures(Observation(hosts=(seen,)), here.catalog(seen))
    import asyncio

    from insvc.bootstrap import connect
    from insvc.flow import observe_cloud

    world = connect(directory)
    looking = observe_cloud(_chosen(world.topology, hosts), world.agents)
    return with_cures(asyncio.run(looking), world.catalog)


def _document(observation: Observation) -> str:
    return json.dumps(to_json(observation), indent=2, ensure_ascii=False) + "\n"


def _ahead_text(observation: Observation, files: tuple[Path, ...], *, as_json: bool) -> str:
    """What the patch would do, as text or JSON."""
    from insvc.adapters.deb_files import available
    from insvc.inspect.ahead import would_become_stale
    from insvc.inspect.forecast import forecast
    from insvc.patch.changes import plan_changes

    installed = {host.host: host.packages for host in observation.hosts}
    changes = plan_changes(installed, available(files), allow_older=True)
    ahead = would_become_stale(observation, changes)
    if as_json:
        return json.dumps({"ahead": to_json(ahead)}, indent=2) + "\n"
    return "\n".join(forecast(observation, ahead)) + "\n"


def _exit_code(observation: Observation) -> int:
    if observation.stale():
        return EXIT_STALE
    return 0 if is_complete(observation) else EXIT_UNKNOWN


def _require_host(name: str, hosts: tuple[str, ...]) -> None:
    for other in hosts:
        if other != name:
            raise UnknownName(other, f"this machine is {name}", next_act="leave --host out")


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

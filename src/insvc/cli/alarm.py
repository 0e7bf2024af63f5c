"""`insvc alarm list | history`."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import click

from insvc.adapters.agent_client import UnixAgents
from insvc.adapters.places import cloud_directory
from insvc.adapters.wire import to_json
from insvc.bootstrap import connect
from insvc.cli.options import cloud_option
from insvc.controller.world import World
from insvc.errors import AgentUnreachable
from insvc.flow import observe_cloud
from insvc.model.alarm import HostAlarms, StandingAlarm
from insvc.report.alarms import history_lines, list_lines, of_cloud

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("alarm")
def command() -> None:
    """What is wrong now, and what was: alarms raised and cleared by facts."""


@command.command("list")
@cloud_option
@_json
def list_alarms(cloud: Path | None, as_json: bool) -> None:
    """The alarms that stand, worst first, each with what to do.

    Those of processes and services are kept by their managers; those of the cloud as a whole are
    found anew by looking at it.
    """
    world = connect(cloud_directory(cloud))
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    now = world.clock.now()
    own = of_cloud(world.topology, seen, world.journal.runs())
    standing = [StandingAlarm(alarm=one, since=now) for one in own]
    standing += [one for host in _of_hosts(world) for one in host.standing]
    _print({"alarms": standing}, list_lines(standing), as_json=as_json)


@command.command("history")
@click.option("--newest", default=100, show_default=True, help="No more than so many.")
@cloud_option
@_json
def history(newest: int, cloud: Path | None, as_json: bool) -> None:
    """What alarms of processes and services were raised and cleared, oldest first."""
    world = connect(cloud_directory(cloud))
    found = sorted(
        (one for host in _of_hosts(world) for one in host.changes), key=lambda one: one.at
    )[-newest:]
    _print({"changes": found}, history_lines(found), as_json=as_json)


def _of_hosts(world: World) -> list[HostAlarms]:
    """What the hosts hold; one that does not answer is an alarm of its own and holds nothing."""
    agents = UnixAgents(world.directory)

    async def ask() -> list[HostAlarms]:
        found = []
        for host in world.topology.hosts:
            try:
                found.append(await agents.alarms(host.name))
            except AgentUnreachable as fault:
                click.echo(f"{host.name}: {fault.reason}", err=True)
        return found

    return asyncio.run(ask())


def _print(document: dict[str, object], lines: Sequence[str], *, as_json: bool) -> None:
    click.echo(json.dumps(to_json(document), indent=2) if as_json else "\n".join(lines))

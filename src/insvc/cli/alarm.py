"""`insvc alarm list | history`."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import click

from insvc.adapters.agent_client import UnixAgents
from insvc.adapters.places import cloud_directory
from insvc.adapters.wire import to_json
from insvc.agent.alarms import CLOUD, AlarmKeeper
from insvc.bootstrap import connect
from insvc.cli.options import cloud_option
from insvc.controller.world import World
from insvc.errors import InsvcError
from insvc.flow import observe_cloud
from insvc.model.alarm import HostAlarms
from insvc.report.alarms import health, history_lines, list_lines, of_cloud, stand_on

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
    found by looking at it, and stand since the first look that found them. What stands on a host
    that does not answer is told as unknown, never as none.
    """
    world = connect(cloud_directory(cloud))
    seen = asyncio.run(observe_cloud(world.topology, world.agents))
    with closing(_keeper(world)) as keeper:
        before = [one.alarm for one in keeper.held().standing]
        keeper.hold(stand_on(before, of_cloud(world.topology, seen, world.journal.runs()), seen))
        standing = list(keeper.held().standing)
    found, unknown = _of_hosts(world)
    standing += [one for host in found for one in host.standing]
    hosts_health = health(one.alarm for one in standing)
    document = {"alarms": standing, "hosts": hosts_health, "unknown": unknown}
    _print(document, list_lines(standing, unknown), as_json=as_json)


@command.command("history")
@click.option("--newest", default=100, show_default=True, help="No more than so many.")
@cloud_option
@_json
def history(newest: int, cloud: Path | None, as_json: bool) -> None:
    """What alarms were raised and cleared, oldest first.

    Those of the cloud as a whole are raised and cleared when `insvc alarm list` looks at it.
    """
    world = connect(cloud_directory(cloud))
    hosts, unknown = _of_hosts(world)
    with closing(_keeper(world)) as keeper:
        hosts.append(keeper.held())
    found = sorted((one for held in hosts for one in held.changes), key=lambda one: one.at)
    document = {"changes": found[-newest:], "unknown": unknown}
    _print(document, history_lines(found[-newest:], unknown), as_json=as_json)


def _keeper(world: World) -> AlarmKeeper:
    """Keeps the alarms of the cloud as a whole."""
    return AlarmKeeper(world.directory / "controller", "", CLOUD)


def _of_hosts(world: World) -> tuple[list[HostAlarms], dict[str, str]]:
    """What the hosts hold, and why of some it is not known."""
    agents = UnixAgents(world.directory)
    found: list[HostAlarms] = []
    unknown: dict[str, str] = {}

    async def ask() -> None:
        for host in world.topology.hosts:
            try:
                found.append(await agents.alarms(host.name))
            except InsvcError as fault:
                unknown[host.name] = fault.reason

    asyncio.run(ask())
    return found, unknown


def _print(document: Mapping[str, object], lines: Sequence[str], *, as_json: bool) -> None:
    click.echo(json.dumps(to_json(document), indent=2) if as_json else "\n".join(lines))

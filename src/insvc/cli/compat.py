"""`insvc compat install | list`."""

from pathlib import Path

import click

from insvc.adapters.places import cloud_directory
from insvc.bootstrap import connect
from insvc.cli.options import cloud_option
from insvc.compat.code import MEANING
from insvc.compat.commands import COMMANDS
from insvc.compat.install import install as put_in_place
from insvc.compat.place import Place
from insvc.errors import UnknownName


@click.group("compat")
def command() -> None:
    """The commands of the operators' page, under their own names.

    They take the arguments they always took. What is new: they wait for the result, obey the
    catalog's rules, and end with an exit code that means something (`insvc compat list`).
    """


@command.command("install")
@click.option(
    "--bindir",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The folder they are put in; made where it is missing.",
)
@click.option(
    "--host", "name", default="controller-0", show_default=True, help="The host they act on."
)
@cloud_option
def install(bindir: Path, name: str, cloud: Path | None) -> None:
    """Put the commands and the file `patch-functions` in a folder, for one host of a cloud."""
    directory = cloud_directory(cloud)
    topology = connect(directory).topology
    try:
        host = topology.host(name)
    except KeyError as absent:
        known = ", ".join(one.name for one in topology.hosts)
        raise UnknownName(
            name, f"is no host of {directory}", next_act=f"use one of: {known}"
        ) from absent
    place = Place(cloud=directory, host=name)
    written = put_in_place(bindir.absolute(), COMMANDS, place, host)
    click.echo(f"{len(written)} files in {bindir}; they act on {name} of {directory}")
    click.echo(f'use them with `PATH="{bindir.absolute()}:$PATH"`')


@command.command("list")
def list_commands() -> None:
    """What each command does, and what its exit code means."""
    width = max(map(len, COMMANDS))
    for name, one in sorted(COMMANDS.items()):
        click.echo(f"{name:<{width}}  {one.get_short_help_str(90)}")
    click.echo("\nexit code")
    for code, text in MEANING.items():
        click.echo(f"{code.value:>9}  {text}")

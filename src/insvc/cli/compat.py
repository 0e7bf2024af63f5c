"""`insvc compat install | list`."""

from collections.abc import Sequence
from pathlib import Path

import click

from insvc.adapters.places import cloud_directory
from insvc.bootstrap import connect
from insvc.cli.options import cloud_option
from insvc.compat.code import MEANING
from insvc.compat.commands import COMMANDS
from insvc.compat.install import install as put_in_place
from insvc.compat.install import install_tree
from insvc.compat.page_files import FOLDERS, page_files
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
    metavar="DIR",
    help="The folder they are put in; made where it is missing.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Put every file that the page names at its own path below this folder: "
    "etc/init.d, usr/lib/ocf/resource.d, usr/local/sbin …",
)
@click.option(
    "--host", "name", default="controller-0", show_default=True, help="The host they act on."
)
@cloud_option
def install(bindir: Path | None, root: Path | None, name: str, cloud: Path | None) -> None:
    """Put the commands and the file `patch-functions` in a folder, for one host of a cloud."""
    if bindir is None and root is None:
        raise click.UsageError("name a folder with --bindir, --root, or both")
    directory = cloud_directory(cloud)
    world = connect(directory)
    topology = world.topology
    try:
        host = topology.host(name)
    except KeyError as absent:
        known = ", ".join(one.name for one in topology.hosts)
        raise UnknownName(
            name, f"is no host of {directory}", next_act=f"use one of: {known}"
        ) from absent
    place = Place(cloud=directory, host=name)
    if bindir is not None:
        written = put_in_place(bindir.absolute(), COMMANDS, place, host)
        _tell(written, bindir, place, str(bindir.absolute()))
    if root is not None:
        files = page_files(world.catalog, COMMANDS)
        written = install_tree(root.absolute(), files, place, host)
        _tell(written, root, place, ":".join(str(root.absolute() / one) for one in FOLDERS))


def _tell(written: Sequence[Path], folder: Path, place: Place, path: str) -> None:
    click.echo(f"{len(written)} files in {folder}; they act on {place.host} of {place.cloud}")
    click.echo(f'use them with `PATH="{path}:$PATH"`')


@command.command("list")
def list_commands() -> None:
    """What each command does, and what its exit code means."""
    width = max(map(len, COMMANDS))
    for name, one in sorted(COMMANDS.items()):
        click.echo(f"{name:<{width}}  {one.get_short_help_str(90)}")
    click.echo("\nexit code")
    for code, text in MEANING.items():
        click.echo(f"{code.value:>9}  {text}")

"""`insvc patch install | list`."""

import asyncio
import json
import shutil
from pathlib import Path

import click
from rich.console import Console

from insvc.adapters.deb_files import available
from insvc.adapters.places import world_directory
from insvc.adapters.progress import make_progress
from insvc.adapters.rpm_files import is_rpm
from insvc.bootstrap import connect
from insvc.cli.options import world_options
from insvc.controller.patches import install, patches_of
from insvc.execute.bodies import to_json
from insvc.flow import Patch
from insvc.patch.changes import file_name
from insvc.plan.plan import Plan
from insvc.report.wording import count, day_time


@click.group("patch")
def command() -> None:
    """Install package files on the hosts of a cloud, and list what was installed."""


@command.command("install")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE...",
)
@world_options
@click.option("--json", "as_json", is_flag=True, help="Print what was installed as JSON.")
def install_files(files: tuple[Path, ...], cloud: Path | None, as_json: bool) -> None:
    """Install these .deb or .rpm files wherever an older version is installed, host by host.

    Nothing is restarted: `insvc restart`, or `insvc plan` and `insvc run start`, come next. What
    was there before is written down, so that `insvc run rollback` can put it back.

    While a run is open, its policy decides (on_second_patch): the packages are refused, wait until
    it has ended, or are left to it: it installs them after its own steps and a further run follows.
    """
    directory = world_directory(cloud)
    world = connect(directory)
    kept = _keep(available(files), directory / "packages")
    with make_progress(Plan(), Console(stderr=as_json)) as progress:
        done = asyncio.run(install(world, kept, progress=progress))
    if as_json:
        document = {"patch": to_json(dict(done.patch)), "left_to": done.left_to}
        click.echo(json.dumps(document, indent=2))
    elif not done.patch:
        click.echo("nothing to install: no host has an older version of these packages")
    elif done.left_to is not None:
        click.echo(f"{_summary(done.patch)}: run {done.left_to} installs it after its own steps")
    else:
        click.echo(f"{_summary(done.patch)}; next: insvc restart")


@command.command("list")
@world_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_patches(cloud: Path | None, as_json: bool) -> None:
    """Every patch that was installed with `insvc patch install`, oldest first."""
    patches = patches_of(connect(world_directory(cloud)))
    if as_json:
        click.echo(json.dumps({"patches": to_json(list(patches))}, indent=2))
        return
    for one in patches:
        click.echo(f"{day_time(one.at)}  {_summary(one.changes)}")
        for host, changes in one.changes.items():
            told = (f"{each.package} {each.from_version} → {each.to_version}" for each in changes)
            click.echo(f"  {host}: {', '.join(told)}")
    if not patches:
        click.echo("no patch was installed with `insvc patch install`")


def _keep(files: dict[str, tuple[str, str]], folder: Path) -> dict[str, tuple[str, str]]:
    """The files beside those of former versions, where a rollback looks for them."""
    kept = {}
    for package, (version, path) in files.items():
        parts = Path(path).stem.split("_")
        architecture = parts[-1] if len(parts) == len(("name", "version", "built for")) else "any"
        suffix = "rpm" if is_rpm(Path(path)) else "deb"
        target = folder / file_name(package, version, architecture, suffix)
        if target != Path(path):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        kept[package] = (version, str(target))
    return kept


def _summary(patch: Patch) -> str:
    packages = {one.package for changes in patch.values() for one in changes}
    return f"{count(len(packages), 'package')} on {count(len(patch), 'host')}"

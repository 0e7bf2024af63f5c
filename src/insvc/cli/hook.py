"""`insvc hook`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from insvc.adapters.hook import Place, find_program, install, places, remove
from insvc.adapters.places import host_directory
from insvc.inspect.hook import REMEMBER_LIMIT_S, HookState

REMEMBER_WITHIN_S = REMEMBER_LIMIT_S / 2
"""After so long no further process is looked at, so that what was found is still written down."""

_DID = {
    HookState.ABSENT: "written",
    HookState.OUTDATED: "brought up to date",
    HookState.CURRENT: "is there already",
}
_TOOK = {
    HookState.ABSENT: "was not there",
    HookState.OUTDATED: "removed",
    HookState.CURRENT: "removed",
}
_SHOWS = {
    HookState.ABSENT: "not there",
    HookState.OUTDATED: "there, of another version or for another program",
    HookState.CURRENT: "there",
    HookState.FOREIGN: "somebody else's file",
}

_root = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("/"),
    metavar="DIR",
    help="The host's root.  [default: /]",
)
_program = click.option(
    "--program",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The insvc to run.  [default: this one]",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("hook")
def command() -> None:
    """Have apt, dnf, dnf5 and zypper run a short scan after each package transaction.

    The scan asks nothing, changes nothing, ends within 20 s and never fails the transaction. Before
    it, within 10 s, sources that interpreters run are remembered, so that those that are put there
    again with equal content are not taken for changed.
    """


@command.command("install")
@_root
@_program
@_json
def install_hooks(root: Path, program: Path | None, as_json: bool) -> None:
    """Put the hooks in place for the package managers that this host has.

    Doing it again changes nothing. A file that insvc has not written is never overwritten.
    """
    _tell(install(root, program or find_program()), _DID, as_json=as_json, is_installed=True)


@command.command("remove")
@_root
@_program
@_json
def remove_hooks(root: Path, program: Path | None, as_json: bool) -> None:
    """Take away the hooks that insvc has written, and nothing else."""
    _tell(remove(root, program or find_program()), _TOOK, as_json=as_json)


@command.command("show")
@_root
@_program
@_json
def show_hooks(root: Path, program: Path | None, as_json: bool) -> None:
    """Tell which hooks are there, and what they say or would say."""
    chosen = program or find_program()
    found = places(root, chosen)
    _tell(found, _SHOWS, as_json=as_json)
    for place in () if as_json else found:
        click.echo("\n" + place.hook.text(str(chosen)), nl=False)


@command.command("remember")
@_json
def remember_sources(as_json: bool) -> None:
    """Remember which sources interpreters run now; the hooks do this before each transaction.

    For each script and module its digest is kept, in insvc's own folder for this machine. Nothing
    of them is run.
    """
    from insvc.adapters.remember import remember
    from insvc.adapters.remembered import NAME

    path = host_directory() / NAME
    done = remember(path, limit_s=REMEMBER_WITHIN_S)
    if as_json:
        click.echo(json.dumps({"remembered": {"path": str(path), **asdict(done)}}, indent=2))
        return
    click.echo(f"{path}: {done.files} files of {done.programs} processes are remembered")
    if done.left_out:
        click.echo(f"  {done.left_out} processes were left out: the time was over")


def _tell(
    found: tuple[Place, ...],
    words: dict[HookState, str],
    *,
    as_json: bool,
    is_installed: bool = False,
) -> None:
    if as_json:
        rows = [
            {"manager": one.hook.manager, "path": str(one.path), "was": one.state.value}
            for one in found
        ]
        click.echo(json.dumps({"hooks": rows}, indent=2))
        return
    for one in found:
        click.echo(f"{one.path}: {words[one.state]}")
        if is_installed and one.hook.needs:
            click.echo(f"  {one.hook.manager} reads it where {one.hook.needs} is installed")
    if not found:
        click.echo("no package manager here that insvc has a hook for (apt, dnf, dnf5, zypper)")

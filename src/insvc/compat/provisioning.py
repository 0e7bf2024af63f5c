"""Commands that take rows of sm's tables into use and out of it."""

import asyncio
from collections.abc import Sequence

import click

from insvc.adapters.agent_client import UnixAgents
from insvc.compat.code import Code, Result
from insvc.compat.place import place
from insvc.compat.registry import command, tell
from insvc.errors import InputError, UnknownName, WorldError
from insvc.supervise.provisioning import KINDS, PAIRS, Change


def _command(name: str, text: str, *, provisioned: bool) -> None:
    @click.argument("kind", type=click.Choice(KINDS))
    @click.argument("names", nargs=-1, required=True, metavar="NAME [MEMBER]")
    @click.option("--apply", "at_once", is_flag=True, help="From now on, not from the next start.")
    def act(kind: str, names: Sequence[str], at_once: bool) -> Code:
        return _ask(kind, names, provisioned=provisioned, at_once=at_once)

    act.__doc__ = text
    command(name)(act)


def _ask(kind: str, names: Sequence[str], *, provisioned: bool, at_once: bool) -> Code:
    (found,) = (one for one in KINDS if one == kind)
    expected = 2 if found in PAIRS else 1
    if len(names) != expected:
        raise click.UsageError(f"found {len(names)} names, expected {expected} for a {kind}")
    change = Change(kind=found, name=names[0], member="".join(names[1:]), provisioned=provisioned)
    here = place()
    try:
        said = asyncio.run(UnixAgents(here.cloud).provision(here.host, change, at_once=at_once))
    except UnknownName as fault:
        return _told(change, Code.UNKNOWN_NAME, f"{fault}; next: {fault.next_act}")
    except InputError as fault:
        return _told(change, Code.REFUSED, f"is refused: {fault.reason}; next: {fault.next_act}")
    except WorldError as fault:
        return _told(change, Code.UNREACHABLE, f"is not changed: {fault}; next: {fault.next_act}")
    return _told(change, Code.DONE, said)


def _told(change: Change, code: Code, said: str) -> Code:
    return tell([Result(name=change.subject, code=code, said=said)])


_command("sm-provision", "Take a row of sm's tables into use.", provisioned=True)
_command("sm-deprovision", "Take a row of sm's tables out of use.", provisioned=False)

"""What all the commands share: how one is made, how it looks, and how it tells."""

import asyncio
from collections.abc import Callable, Sequence

import click

from insvc.bootstrap import connect
from insvc.compat.code import MEANING, Code, Result, worst
from insvc.compat.log import write_log
from insvc.compat.output import say
from insvc.compat.place import place
from insvc.flow import observe_host
from insvc.model.observation import HostObservation

_CODES = "Exit codes: " + "; ".join(f"{code.value} {text}" for code, text in MEANING.items()) + "."
_ONLY_HERE = "what is told here is written nowhere else"
_CONTEXT = {"help_option_names": ["-h", "--help"]}
COMMANDS: dict[str, click.Command] = {}
"""Every command by its name; a module that makes some fills it when it is imported."""
what = click.argument("what", type=click.Choice(["service"]), metavar="service")
"""The word that sm's commands take before a name."""


def command(name: str, codes: str = _CODES) -> Callable[[Callable[..., int]], click.Command]:
    """Make it a command of that name, whose help ends with what its exit codes mean."""

    def make(function: Callable[..., int]) -> click.Command:
        made = click.command(name, context_settings=_CONTEXT, epilog=codes)(function)
        COMMANDS[name] = made
        return made

    return make


def tell(results: Sequence[Result]) -> Code:
    """Print what became of each name, write it to the patch log, and give the code of the whole.

    Neither a log nor an output that cannot be written changes what became of them.
    """
    path = place().log
    name = click.get_current_context().info_name or ""
    try:
        write_log(path, name, [f"{one.name} {one.said}" for one in results])
    except OSError as fault:
        say(f"{path} cannot be written ({fault.strerror}); {_ONLY_HERE}", err=True)
    for one in results:
        say(f"{one.name} {one.said}", err=one.code is not Code.DONE)
    return worst(results)


def look() -> HostObservation:
    """What the command's own host looks like now."""
    here = place()
    return asyncio.run(observe_host(here.host, connect(here.cloud).agents))

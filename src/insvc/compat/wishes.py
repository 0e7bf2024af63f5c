"""Commands that ask a manager for something else than a restart."""

import asyncio
import time

import click

from insvc.adapters.agent_client import UnixAgents
from insvc.compat import services
from insvc.compat.code import Code, Result
from insvc.compat.place import place
from insvc.compat.registry import command, tell, what
from insvc.errors import InputError, UnknownName

_LIMIT_S = 120.0


def ask_manager(wish: str, name: str) -> Code:
    """Let the host's manager do what is asked of one service, and tell what became of it."""
    here = place()
    agents = UnixAgents(here.cloud)
    began = time.monotonic()
    try:
        told = asyncio.run(agents.carry_out(here.host, wish, name, _LIMIT_S))
    except UnknownName as fault:
        return tell([Result(name=name, code=Code.UNKNOWN_NAME, said=fault.reason)])
    except InputError as fault:
        return tell([Result(name=name, code=Code.REFUSED, said=fault.reason)])
    is_late = time.monotonic() - began >= _LIMIT_S
    code = Code.DONE if told.done else Code.TIMEOUT if is_late else Code.FAILED
    return tell([Result(name=name, code=code, said=told.said)])


def _ask_of_pmon(wish: str, text: str) -> None:
    def act(process: str) -> Code:
        return ask_manager(wish, process)

    act.__doc__ = text
    command(f"pmon-{wish}")(click.argument("process")(act))


_ask_of_pmon("stop", "Take a process of pmon down; after 30 minutes it is started again by itself.")
_ask_of_pmon("start", "Start a process of pmon that was stopped, and wait until it is ready.")


def _ask_of_sm(wish: str, text: str) -> None:
    def act(what: str, service: str) -> Code:  # noqa: ARG001 - its word
        return ask_manager(wish, service)

    act.__doc__ = text
    command(f"sm-{wish}")(what(click.argument("service", metavar="NAME")(act)))


_ask_of_sm("manage", "Let sm act on a service again.")
_ask_of_sm("unmanage", "Let sm leave a service as it is, dead or alive, until it is managed again.")


def _job(name: str) -> None:
    def act() -> Code:
        return ask_manager("run", name)

    act.__doc__ = "Run this job once, now, and wait for its end; never beside a run under way."
    command(name)(act)


for _name in services.JOBS:
    _job(_name)

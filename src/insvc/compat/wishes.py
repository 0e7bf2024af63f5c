"""Commands that ask a manager for something else than a restart."""

import asyncio
import time
from contextlib import suppress

import click

from insvc.adapters.agent_client import UnixAgents
from insvc.bootstrap import connect
from insvc.compat import services
from insvc.compat.code import Code, Result
from insvc.compat.place import place
from insvc.compat.registry import command, look, tell, what
from insvc.errors import InputError, InsvcError, UnknownName, WorldError
from insvc.supervise.pmon_command import ITSELF

_LIMIT_S = 120.0
_SHORT_S = 20.0
_LOOK_AGAIN_S = 0.1


def refused_by_pmon(name: str) -> Result | None:
    """Why pmon restarts no process of that name, where it knows one and may not."""
    here = place()
    try:
        asyncio.run(UnixAgents(here.cloud).carry_out(here.host, "check", name, _SHORT_S))
    except UnknownName:
        return None
    except InputError as fault:
        return Result(name=name, code=Code.REFUSED, said=fault.reason)
    except InsvcError:
        # Whoever restarts it finds out the same, and tells it.
        return None
    return None


def restart_pmon() -> Code:
    """Let pmon begin anew, and wait until it answers again; what it looks after runs on."""
    here = place()
    agents = UnixAgents(here.cloud)

    async def restart() -> bool:
        before = (await agents.ping(here.host)).get("began")
        await agents.carry_out(here.host, "restart", ITSELF, _SHORT_S)
        until = time.monotonic() + _LIMIT_S
        while time.monotonic() < until:
            await asyncio.sleep(_LOOK_AGAIN_S)
            with suppress(InsvcError):
                if (await agents.ping(here.host)).get("began") != before:
                    return True
        return False

    if asyncio.run(restart()):
        return tell([Result(name=ITSELF, code=Code.DONE, said="restarted")])
    said = f"did not answer again within {_LIMIT_S:g} s"
    return tell([Result(name=ITSELF, code=Code.TIMEOUT, said=said)])


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
    except WorldError as fault:
        said = f"was asked to {wish}, with no answer: {fault}; next: {fault.next_act}"
        return tell([Result(name=name, code=Code.UNREACHABLE, said=said)])
    is_late = time.monotonic() - began >= _LIMIT_S
    code = Code.DONE if told.done else Code.TIMEOUT if is_late else Code.FAILED
    return tell([Result(name=name, code=code, said=told.said)])


def refused_in_service(name: str) -> Result | None:
    """Why that may not be taken down now, where its entry allows it on a locked host alone."""
    seen = look()
    entry = connect(place().cloud).catalog.entry_of(name)
    if seen.locked or seen.instance(name) is None or entry is None or entry.in_service_patchable:
        return None
    said = "was not stopped: in service it may not be; lock the host first"
    return Result(name=name, code=Code.REFUSED, said=said)


def _ask_of_pmon(wish: str, text: str) -> None:
    def act(process: str) -> Code:
        refused = refused_in_service(process) if wish == "stop" else None
        return ask_manager(wish, process) if refused is None else tell([refused])

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

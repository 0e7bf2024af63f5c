"""Init scripts and OCF agents of the page: what they do is done by the service's own manager.

A process that is stopped behind its manager's back is a death to the manager, and two of them
start it again. So `stop` asks the manager, who keeps it down until `start`, or for half an hour.
The exit codes are those of init scripts (LSB) and of OCF agents, since that is who reads them.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import click

from insvc.compat.carry import Wish, restart
from insvc.compat.code import MEANING, Code, Result, code_of, worst
from insvc.compat.output import say
from insvc.compat.page_files import INIT_SCRIPT, OCF_AGENT
from insvc.compat.place import place
from insvc.compat.registry import command, look, tell
from insvc.compat.wishes import ask_manager, refused_in_service
from insvc.errors import InsvcError, describe
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import InstanceState, Manager

LSB: Mapping[Code, int] = {
    Code.DONE: 0,
    Code.FAILED: 1,
    Code.USAGE: 3,
    Code.UNKNOWN_NAME: 5,
    Code.DEAD: 7,
    Code.DISABLED: 6,
    Code.TIMEOUT: 156,
    Code.REFUSED: 157,
    Code.UNREACHABLE: 158,
    Code.INTERRUPTED: 159,
}
"""An act of an init script; from 150 on the numbers are an application's own."""
OCF: Mapping[Code, int] = {
    Code.DONE: 0,
    Code.USAGE: 3,
    Code.UNKNOWN_NAME: 5,
    Code.DEAD: 7,
    Code.DISABLED: 7,
}
"""An act of an OCF agent; whatever else went wrong is 1."""
_STATUS = {InstanceState.RUNNING: 0, InstanceState.STARTING: 0, InstanceState.STOPPING: 0}
_LSB_STATUS = {InstanceState.FAILED: 1, InstanceState.UNKNOWN: 4}
_OCF_STATUS = {InstanceState.FAILED: 1, InstanceState.UNKNOWN: 1}
_DOWN = 3
_NOT_RUNNING = 7
_RESTARTS = frozenset({"restart", "reload", "force-reload"})
_WISHES = {
    Manager.PMON: {"start": "start", "stop": "stop"},
    Manager.SM: {"start": "enable", "stop": "disable"},
}
_CODES = {
    INIT_SCRIPT: "Exit codes of status: 0 it runs, 1 failed, 3 is down, 4 unknown; else: "
    + "; ".join(f"{number} {MEANING[code]}" for code, number in LSB.items())
    + ".",
    OCF_AGENT: "Exit codes of monitor: 0 it runs, 1 failed or unknown, 7 is down; else: "
    + "; ".join(f"{number} {MEANING[code]}" for code, number in OCF.items())
    + "; 1 all else that went wrong.",
}


@command(INIT_SCRIPT, _CODES[INIT_SCRIPT])
@click.argument("service")
@click.argument("act", metavar="start|stop|restart|status|try-restart|force-reload")
def init_script(service: str, act: str) -> int:
    """Do what an init script of that service is asked, by way of its manager."""
    if act == "status":
        unknown = _LSB_STATUS[InstanceState.UNKNOWN]
        return _or(lambda: _status(service, _LSB_STATUS, down=_DOWN), lambda _: unknown)
    return _or(lambda: LSB[_act(service, act)], lambda code: LSB[code])


@command(OCF_AGENT, _CODES[OCF_AGENT])
@click.argument("service")
@click.argument("act", metavar="start|stop|monitor|status")
def ocf_agent(service: str, act: str) -> int:
    """Do what an OCF agent of that service is asked, by way of its manager."""
    if act in {"monitor", "status"}:
        unknown = _OCF_STATUS[InstanceState.UNKNOWN]
        return _or(lambda: _status(service, _OCF_STATUS, down=_NOT_RUNNING), lambda _: unknown)
    return _or(lambda: OCF.get(_act(service, act), 1), lambda code: OCF.get(code, 1))


def _or(act: Callable[[], int], number_of: Callable[[Code], int]) -> int:
    """What the act answers; an error that ends it answers in the same kind of numbers."""
    try:
        return act()
    except InsvcError as fault:
        say(describe(fault), err=True)
        code = code_of(fault)
        return number_of(Code.FAILED if code is Code.USAGE else code)


def _act(service: str, act: str) -> Code:
    """Start, stop or restart it, and tell what became of it."""
    seen = look()
    one = seen.instance(service)
    if one is None:
        return tell([_unknown(service, seen)])
    if act in _RESTARTS or act == "try-restart":
        return _restart(one, is_conditional=act == "try-restart")
    if act not in {"start", "stop"}:
        said = f"found {act!r}, expected start, stop, restart or status"
        return tell([Result(name=service, code=Code.USAGE, said=said)])
    if act == "stop" and one.state in {InstanceState.STOPPED, InstanceState.DISABLED}:
        return tell([Result(name=service, code=Code.DONE, said="is not running")])
    refused = refused_in_service(service) if act == "stop" else None
    return _ask(one, act) if refused is None else tell([refused])


def _ask(one: Instance, act: str) -> Code:
    words = _WISHES.get(one.manager) if one.manager else None
    if words is None:
        said = f"cannot be asked to {act}: its manager is {one.manager or 'not known'}"
        return tell([Result(name=one.service, code=Code.REFUSED, said=said)])
    return ask_manager(words[act], one.service)


def _restart(one: Instance, *, is_conditional: bool) -> Code:
    """Restart what runs; bring up what does not, unless only a running one is meant."""
    if one.state is InstanceState.STOPPED and not is_conditional:
        return _ask(one, "start")
    alone = Wish(names=(one.service,), takes_dependants=False)
    return tell(asyncio.run(restart(place(), replace(alone, manager=one.manager))))


def _status(service: str, codes: Mapping[InstanceState, int], *, down: int) -> int:
    """Tell what its manager says of it."""
    seen = look()
    one = seen.instance(service)
    if one is None:
        code = worst([_unknown(service, seen)])
        click.echo(f"{service} {_unknown(service, seen).said}", err=True)
        return codes[InstanceState.UNKNOWN] if code is Code.UNREACHABLE else down
    pids = ", ".join(str(process.pid) for process in one.processes[:1])
    click.echo(f"{service} is {one.state}" + (f" (pid {pids})" if pids else ""))
    return _STATUS.get(one.state, codes.get(one.state, down))


def _unknown(service: str, seen: HostObservation) -> Result:
    if not seen.reachable:
        said = f"cannot be asked: {seen.host} does not answer"
        return Result(name=service, code=Code.UNREACHABLE, said=said)
    said = f"does not belong on {seen.host}"
    return Result(name=service, code=Code.UNKNOWN_NAME, said=said)

"""Commands that restart services of their host."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence

import click

from insvc.bootstrap import connect
from insvc.compat import services
from insvc.compat.carry import Wish, foresee, restart
from insvc.compat.choice import absent, instances_of
from insvc.compat.code import Code, Result, worst
from insvc.compat.flags import Flags
from insvc.compat.output import say
from insvc.compat.place import place
from insvc.compat.registry import command, look, tell, what
from insvc.compat.wishes import ask_manager, refused_by_pmon, restart_pmon
from insvc.model.observation import Instance
from insvc.model.words import InstanceState, Manager
from insvc.supervise.pmon_command import ITSELF

_no_wait = click.option(
    "--no-wait", is_flag=True, help="Return at once and tell nothing of how it ends."
)


def _restart(wish: Wish, *, no_wait: bool = False) -> Code:
    """Restart and tell; without waiting, let a process of its own do it."""
    if not no_wait:
        return tell(asyncio.run(restart(place(), wish)))
    found = asyncio.run(foresee(place(), wish))
    if worst(found.left) is not Code.DONE or not found.services:
        return tell(found.left)
    arguments = [one for one in sys.argv[1:] if one != "--no-wait"]
    subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "insvc.compat", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for one in found.services:
        say(f"{one} is restarting.")
    return tell(found.left)


@command("pmon-restart")
@click.argument("process")
@_no_wait
def pmon_restart(process: str, no_wait: bool) -> Code:
    """Restart a process of pmon and wait until it has run unbroken for its dwell time."""
    if process == ITSELF:
        return restart_pmon()
    refused = refused_by_pmon(process)
    if refused is not None:
        return tell([refused])
    return _restart(Wish(names=(process,), manager=Manager.PMON), no_wait=no_wait)


def _sm(name: str, text: str, *, takes_dependants: bool) -> None:
    def act(what: str, service: str, no_wait: bool) -> Code:  # noqa: ARG001 - its word
        wish = Wish(names=(service,), manager=Manager.SM, takes_dependants=takes_dependants)
        return _restart(wish, no_wait=no_wait)

    act.__doc__ = text
    command(name)(what(click.argument("service", metavar="NAME")(_no_wait(act))))


_sm(
    "sm-restart",
    "Restart a service of sm with all that depends on it, in order, and wait until it is "
    "enabled-active again.",
    takes_dependants=True,
)
_sm(
    "sm-restart-safe",
    "Restart a service of sm alone and wait until it is enabled-active again.",
    takes_dependants=False,
)


@command("patch-restart-processes")
@click.option("-l", "--list", "lists", is_flag=True, help="Names that can be given here.")
@click.option("-c", "--clean", is_flag=True, help="Forget what was restarted before.")
@click.option("-p", "--parallel", is_flag=True, help="Several at a time, as far as rules allow.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def patch_restart_processes(lists: bool, clean: bool, parallel: bool, names: Sequence[str]) -> Code:
    """Restart processes once for a patch; a second call restarts only what is not done yet.

    What does not belong on this host, or is not meant to run here, is skipped.
    """
    if lists:
        click.echo("\n".join(sorted(_known())))
        return Code.DONE
    if not names:
        click.echo(click.get_current_context().get_help())
        return Code.USAGE
    wanted = tuple(services.ALIASES.get(one, one) for one in names)
    if clean:
        _forget(wanted)
    return _restart(Wish(names=wanted, at_once=services.AT_ONCE if parallel else 1, once=True))


@command("patch-restart-haproxy")
def patch_restart_haproxy() -> Code:
    """Restart haproxy, and on a worker the agents that start haproxy processes of their own."""
    return _restart(Wish(names=("haproxy", *services.NEUTRON_OF_HAPROXY), once=True))


@command("patch-restart-mtce")
@click.option("-c", "--clean", is_flag=True, help="Forget what was restarted before.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def patch_restart_mtce(clean: bool, names: Sequence[str]) -> Code:
    """Restart maintenance processes once for a patch."""
    if clean:
        _forget(names)
    return _restart(Wish(names=tuple(names), once=True))


@command("neutron-restart")
@click.option("--all", "everything", is_flag=True, help="Every neutron process of this host.")
@click.option("--agents-using-haproxy", "of_haproxy", is_flag=True, help="Those alone.")
@click.argument("name", required=False)
def neutron_restart(everything: bool, of_haproxy: bool, name: str | None) -> Code:
    """Restart one neutron process of this host, or all of them."""
    if name is not None and name not in services.NEUTRON:
        known = ", ".join(services.NEUTRON)
        said = f"is no neutron process; known are {known}"
        return tell([Result(name=name, code=Code.UNKNOWN_NAME, said=said)])
    chosen = (name,) if name else services.NEUTRON_OF_HAPROXY if of_haproxy else services.NEUTRON
    if not (name or everything or of_haproxy):
        click.echo(click.get_current_context().get_help())
        return Code.USAGE
    takes = True if "neutron-server" in chosen else None
    return _restart(Wish(names=chosen, takes_dependants=takes, once=True))


@command("nova-restart")
def nova_restart() -> Code:
    """Restart every nova process of this host."""
    return _restart(Wish(names=services.NOVA, at_once=services.AT_ONCE, once=True))


@command("horizon-patching-restart")
def horizon_patching_restart() -> Code:
    """Restart the dashboard and delete its users' sessions while it is down."""
    return _restart(Wish(names=("horizon",), once=True))


@command("restart-glance")
def restart_glance() -> Code:
    """Restart Glance's services; each finishes its requests first."""
    return _restart(Wish(names=("glance",)))


@command("restart-cinder")
def restart_cinder() -> Code:
    """Restart Cinder's services; refused while Ceph restarts on the active controller."""
    return _restart(Wish(names=("cinder",)))


@command("ceph_pmon_wrapper.sh")
@click.argument("act", type=click.Choice(["start", "restart", "status"]))
def ceph(act: str) -> Code:
    """Restart or start Ceph's daemons of this host, or tell whether they run."""
    if act == "restart":
        return _restart(Wish(names=services.CEPH))
    seen = look()
    catalog = connect(place().cloud).catalog
    found = instances_of("ceph", seen, catalog)
    if not found:
        return tell([absent("ceph", seen, catalog)])
    codes = [
        ask_manager("start", one.service)
        if act == "start" and one.state not in _UP_OR_UNKNOWN
        else tell([_state(one)])
        for one in found
    ]
    return min((one for one in codes if one is not Code.DONE), default=Code.DONE)


_UP_OR_UNKNOWN = frozenset({InstanceState.RUNNING, InstanceState.UNKNOWN})


def _state(one: Instance) -> Result:
    """What its manager says of it."""
    codes = {InstanceState.RUNNING: Code.DONE, InstanceState.UNKNOWN: Code.UNREACHABLE}
    code = codes.get(one.state, Code.DEAD)
    return Result(name=one.service, code=code, said=f"is {one.state}")


def _known() -> set[str]:
    """Every service that some host of the cloud may have, and the names scripts use for them."""
    catalog = connect(place().cloud).catalog
    return {one.name for entry in catalog.entries for one in entry.services} | set(services.ALIASES)


def _forget(names: Sequence[str]) -> None:
    catalog = connect(place().cloud).catalog
    for name in names:
        entry = catalog.entry(name)
        own = [one.name for one in entry.services] if entry else [name]
        Flags(place().flags).forget(own)

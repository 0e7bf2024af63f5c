"""The commands by name: their arguments as ever, their answers as they should have been."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence

import click

from insvc.bootstrap import connect
from insvc.compat import services
from insvc.compat.carry import Wish, restart
from insvc.compat.choice import instances_of
from insvc.compat.code import MEANING, Code, Result, worst
from insvc.compat.flags import Flags
from insvc.compat.log import write_log
from insvc.compat.place import place
from insvc.compat.sm_words import sentence, table
from insvc.flow import observe_host
from insvc.model.observation import HostObservation
from insvc.model.words import InstanceState, Manager

_CODES = "Exit codes: " + "; ".join(f"{code.value} {text}" for code, text in MEANING.items()) + "."
_CONTEXT = {"help_option_names": ["-h", "--help"]}
COMMANDS: dict[str, click.Command] = {}
_no_wait = click.option(
    "--no-wait", is_flag=True, help="Return at once and tell nothing of how it ends."
)


def _command(name: str) -> Callable[[Callable[..., Code]], click.Command]:
    """Make it a command of that name."""

    def make(function: Callable[..., Code]) -> click.Command:
        made = click.command(name, context_settings=_CONTEXT, epilog=_CODES)(function)
        COMMANDS[name] = made
        return made

    return make


def _tell(results: Sequence[Result]) -> Code:
    """Print what became of each name, write it to the patch log, and give the code of the whole."""
    for one in results:
        click.echo(f"{one.name} {one.said}", err=one.code is not Code.DONE)
    name = click.get_current_context().info_name or ""
    write_log(place().log, name, [f"{one.name} {one.said}" for one in results])
    return worst(results)


def _restart(wish: Wish, *, no_wait: bool = False) -> Code:
    """Restart and tell; without waiting, let a process of its own do it."""
    if not no_wait:
        return _tell(asyncio.run(restart(place(), wish)))
    arguments = [one for one in sys.argv[1:] if one != "--no-wait"]
    subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "insvc.compat", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for one in wish.names:
        click.echo(f"{one} is restarting.")
    return Code.DONE


def _look() -> HostObservation:
    here = place()
    return asyncio.run(observe_host(here.host, connect(here.cloud).agents))


@_command("pmon-restart")
@click.argument("process")
@_no_wait
def pmon_restart(process: str, no_wait: bool) -> Code:
    """Restart a process of pmon and wait until it has run unbroken for its debounce time."""
    return _restart(Wish(names=(process,), manager=Manager.PMON), no_wait=no_wait)


def _sm(name: str, text: str, *, takes_dependants: bool) -> None:
    def act(what: str, service: str, no_wait: bool) -> Code:  # noqa: ARG001 - its word
        wish = Wish(names=(service,), manager=Manager.SM, takes_dependants=takes_dependants)
        return _restart(wish, no_wait=no_wait)

    act.__doc__ = text
    what = click.argument("what", type=click.Choice(["service"]), metavar="service")
    _command(name)(what(click.argument("service", metavar="NAME")(_no_wait(act))))


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


@_command("sm-query")
@click.argument("what", type=click.Choice(["service"]), metavar="service")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def sm_query(what: str, names: Sequence[str]) -> Code:  # noqa: ARG001 - the word of the original
    """Tell the state of services of sm: NAME is STATE."""
    seen = _look()
    results = []
    for name in names:
        one = seen.instance(name)
        if not seen.reachable:
            results.append(Result(name=name, code=Code.UNREACHABLE, said="is unknown"))
        elif one is None or one.manager is not Manager.SM:
            results.append(Result(name=name, code=Code.UNKNOWN_NAME, said="is no service of sm"))
        else:
            click.echo(sentence(one))
            lost = one.state is InstanceState.UNKNOWN
            results.append(Result(name=name, code=Code.UNREACHABLE if lost else Code.DONE, said=""))
    for result in results:
        if result.said:
            click.echo(f"{result.name} {result.said}", err=True)
    return worst(results)


@_command("sm-dump")
@click.option("--pid", is_flag=True, help="The main process of each, too.")
def sm_dump(pid: bool) -> Code:
    """Table of the services of sm: name, desired state, state, status."""
    seen = _look()
    if not seen.reachable:
        click.echo(seen.unseen[0] if seen.unseen else f"{seen.host} does not answer", err=True)
        return Code.UNREACHABLE
    own = [one for one in seen.instances if one.manager is Manager.SM]
    click.echo(table(own, pid=pid), nl=False)
    return Code.DONE


@_command("patch-restart-processes")
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


@_command("patch-restart-haproxy")
def patch_restart_haproxy() -> Code:
    """Restart haproxy, and on a worker the agents that start haproxy processes of their own."""
    return _restart(Wish(names=("haproxy", *services.NEUTRON_OF_HAPROXY), once=True))


@_command("patch-restart-mtce")
@click.option("-c", "--clean", is_flag=True, help="Forget what was restarted before.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def patch_restart_mtce(clean: bool, names: Sequence[str]) -> Code:
    """Restart maintenance processes once for a patch."""
    if clean:
        _forget(names)
    return _restart(Wish(names=tuple(names), once=True))


@_command("neutron-restart")
@click.option("--all", "everything", is_flag=True, help="Every neutron process of this host.")
@click.option("--agents-using-haproxy", "of_haproxy", is_flag=True, help="Those alone.")
@click.argument("name", required=False)
def neutron_restart(everything: bool, of_haproxy: bool, name: str | None) -> Code:
    """Restart one neutron process of this host, or all of them."""
    if name is not None and name not in services.NEUTRON:
        known = ", ".join(services.NEUTRON)
        said = f"is no neutron process; known are {known}"
        return _tell([Result(name=name, code=Code.UNKNOWN_NAME, said=said)])
    chosen = (name,) if name else services.NEUTRON_OF_HAPROXY if of_haproxy else services.NEUTRON
    if not (name or everything or of_haproxy):
        click.echo(click.get_current_context().get_help())
        return Code.USAGE
    takes = True if "neutron-server" in chosen else None
    return _restart(Wish(names=chosen, takes_dependants=takes, once=True))


@_command("nova-restart")
def nova_restart() -> Code:
    """Restart every nova process of this host."""
    return _restart(Wish(names=services.NOVA, at_once=services.AT_ONCE, once=True))


@_command("horizon-patching-restart")
def horizon_patching_restart() -> Code:
    """Restart the dashboard and delete its users' sessions while it is down."""
    return _restart(Wish(names=("horizon",), once=True))


@_command("restart-glance")
def restart_glance() -> Code:
    """Restart Glance's services; each finishes its requests first."""
    return _restart(Wish(names=("glance",)))


@_command("restart-cinder")
def restart_cinder() -> Code:
    """Restart Cinder's services; refused while Ceph restarts on the active controller."""
    return _restart(Wish(names=("cinder",)))


@_command("ceph_pmon_wrapper.sh")
@click.argument("act", type=click.Choice(["start", "restart", "status"]))
def ceph(act: str) -> Code:
    """Restart Ceph's daemons of this host, or tell whether they run."""
    if act == "restart":
        return _restart(Wish(names=services.CEPH))
    seen = _look()
    catalog = connect(place().cloud).catalog
    down = [
        Result(name=one.service, code=Code.DEAD, said=f"is {one.state}")
        for one in instances_of("ceph", seen, catalog)
        if one.state is not InstanceState.RUNNING
    ]
    return _tell(down) if down else Code.DONE


@_command("insvc-is-locked")
def is_locked() -> Code:
    """Whether this host is out of service: 0 where it is, 1 where it is not."""
    seen = _look()
    if not seen.reachable:
        return Code.UNREACHABLE
    return Code.DONE if seen.locked else Code.FAILED


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

"""Commands that tell what is there and change nothing."""

import asyncio
from collections.abc import Sequence

import click

from insvc.adapters.agent_client import UnixAgents
from insvc.compat.code import Code, Result, worst
from insvc.compat.place import place
from insvc.compat.registry import command, look
from insvc.compat.sm_words import (
    Columns,
    group_sentence,
    sentence,
    tables,
    unprovisioned_sentence,
)
from insvc.errors import InsvcError
from insvc.model.sm_table import GroupRow, SmTable


@command("sm-query")
@click.argument("what", type=click.Choice(["service", "service-group"]))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--desired-state", is_flag=True, help="What each group is to be, too.")
def sm_query(what: str, names: Sequence[str], desired_state: bool) -> Code:
    """Tell the state of services of sm, NAME is STATE; or of its groups, GROUP STATE."""
    seen = _table()
    if isinstance(seen, str):
        for name in names:
            click.echo(f"{name} is unknown: {seen}", err=True)
        return Code.UNREACHABLE
    if what == "service-group":
        return _tell_groups(seen, names, desired=desired_state)
    return _tell_services(seen, names)


def _tell_services(seen: SmTable, names: Sequence[str]) -> Code:
    results = []
    known = {one.name: one for one in seen.services}
    for name in names:
        if name in known:
            click.echo(sentence(known[name]))
        else:
            results.append(Result(name=name, code=Code.UNKNOWN_NAME, said="is no service of sm"))
    for result in results:
        click.echo(f"{result.name} {result.said}", err=True)
    return worst(results)


def _tell_groups(seen: SmTable, names: Sequence[str], *, desired: bool) -> Code:
    known = {one.name: one for one in seen.groups}
    found: list[GroupRow] = [known[name] for name in names if name in known]
    for one in found:
        click.echo(group_sentence(one, desired=desired))
    missing = [name for name in names if name not in known]
    if not missing:
        return Code.DONE
    click.echo(unprovisioned_sentence(missing), err=True)
    return Code.UNKNOWN_NAME


@command("sm-dump")
@click.option("--verbose", is_flag=True, help="The condition of each, too.")
@click.option("--impact", is_flag=True, help="What the failure of each service means, too.")
@click.option("--pid", is_flag=True, help="The main process of each service, too.")
@click.option("--pn", is_flag=True, help="The name of that process, too.")
@click.option("--pid_file", "pidfile", is_flag=True, help="The file that names it, too.")
def sm_dump(verbose: bool, impact: bool, pid: bool, pn: bool, pidfile: bool) -> Code:
    """Tables of the groups and services of sm: name, desired state, state, status."""
    seen = _table()
    if isinstance(seen, str):
        click.echo(seen, err=True)
        return Code.UNREACHABLE
    columns = Columns(condition=verbose, impact=impact, pid=pid, process=pn, pidfile=pidfile)
    click.echo(tables(seen, columns), nl=False)
    return Code.DONE


def _table() -> SmTable | str:
    """What sm of this host has in use, or why that is not known."""
    here = place()
    try:
        seen = asyncio.run(UnixAgents(here.cloud).sm_table(here.host))
    except InsvcError as fault:
        return f"{fault}; next: {fault.next_act}"
    for fault_told in seen.faults:
        click.echo(fault_told, err=True)
    return seen


@command("insvc-is-locked")
def is_locked() -> Code:
    """Whether this host is out of service: 0 where it is, 1 where it is not."""
    seen = look()
    if not seen.reachable:
        return Code.UNREACHABLE
    return Code.DONE if seen.locked else Code.FAILED

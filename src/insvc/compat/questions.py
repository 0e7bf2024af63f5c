"""Commands that tell what is there and change nothing."""

from collections.abc import Sequence

import click

from insvc.compat.code import Code, Result, worst
from insvc.compat.registry import command, look, what
from insvc.compat.sm_words import sentence, table
from insvc.model.words import InstanceState, Manager


@command("sm-query")
@what
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def sm_query(what: str, names: Sequence[str]) -> Code:  # noqa: ARG001 - the word of the original
    """Tell the state of services of sm: NAME is STATE."""
    seen = look()
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


@command("sm-dump")
@click.option("--pid", is_flag=True, help="The main process of each, too.")
def sm_dump(pid: bool) -> Code:
    """Table of the services of sm: name, desired state, state, status."""
    seen = look()
    if not seen.reachable:
        click.echo(seen.unseen[0] if seen.unseen else f"{seen.host} does not answer", err=True)
        return Code.UNREACHABLE
    own = [one for one in seen.instances if one.manager is Manager.SM]
    click.echo(table(own, pid=pid), nl=False)
    return Code.DONE


@command("insvc-is-locked")
def is_locked() -> Code:
    """Whether this host is out of service: 0 where it is, 1 where it is not."""
    seen = look()
    if not seen.reachable:
        return Code.UNREACHABLE
    return Code.DONE if seen.locked else Code.FAILED

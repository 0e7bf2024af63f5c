"""Run one of the commands: `python -m insvc.compat NAME ARGUMENTS`."""

import sys

import click

from insvc.compat.code import Code, code_of
from insvc.compat.commands import COMMANDS
from insvc.compat.output import let_go, say
from insvc.errors import InsvcError, describe


def main(arguments: list[str]) -> int:
    """Run the command that the first argument names; returns its exit code."""
    name, *rest = arguments or [""]
    command = COMMANDS.get(name)
    if command is None:
        click.echo(f"{name}: no such command; there are {', '.join(sorted(COMMANDS))}", err=True)
        return Code.USAGE
    try:
        return int(command.main(args=rest, prog_name=name, standalone_mode=False) or 0)
    except click.ClickException as fault:
        fault.show()
        return Code.USAGE
    except InsvcError as fault:
        say(describe(fault), err=True)
        return code_of(fault)
    except click.exceptions.Abort:
        said = "what it asked of the host may go on there; look with `insvc scan`"
        say(f"{name} was interrupted; {said}", err=True)
        return Code.INTERRUPTED
    except OSError as fault:
        let_go(sys.stdout)
        say(f"{name} cannot go on: {fault}", err=True)
        return Code.FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Run one of the commands: `python -m insvc.compat NAME ARGUMENTS`."""

import sys

import click

from insvc.compat.code import Code
from insvc.compat.commands import COMMANDS
from insvc.errors import AgentUnreachable, InputError, InsvcError, describe


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
        click.echo(describe(fault), err=True)
        if isinstance(fault, AgentUnreachable):
            return Code.UNREACHABLE
        return Code.USAGE if isinstance(fault, InputError) else Code.FAILED
    except click.exceptions.Abort:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The command `insvc`: subcommands are imported only when they are used."""

import importlib
import sys
from typing import Any

import click

from insvc import __version__
from insvc.cli.start import refused
from insvc.errors import InsvcError, describe

COMMANDS: dict[str, tuple[str, str]] = {
    "catalog": ("insvc.cli.catalog", "What is known of each process: list, show, lint, import …"),
    "scan": ("insvc.cli.scan", "Find what runs replaced code, with the evidence."),
    "patch": ("insvc.cli.patch", "Install package files, and list what was installed."),
    "plan": ("insvc.cli.plan", "Decide what to restart, in which order, and what it costs."),
    "check": ("insvc.cli.check", "Judge a plan or a run against every law, independently."),
    "run": ("insvc.cli.run", "Carry out a plan; show, pause, resume, abort or undo it."),
    "restart": ("insvc.cli.restart", "Plan, show, ask and restart in one go."),
    "hook": ("insvc.cli.hook", "Have package managers run a scan after each transaction."),
    "report": ("insvc.cli.report", "Render the report of a run."),
    "demo": ("insvc.cli.demo", "Patch a five-host cloud in service, from start to end."),
    "cloud": ("insvc.cli.cloud", "Start, look at and stop the embedded cloud."),
    "alarm": ("insvc.cli.alarm", "What is wrong now, and what was: list, history."),
    "recorder": ("insvc.cli.recorder", "What a host did before it failed: samples, events."),
    "sm": ("insvc.cli.sm", "The tables of our service manager: lint."),
    "compat": ("insvc.cli.compat", "Put the commands of the operators' page in place."),
    "schema": ("insvc.cli.schema", "Print the JSON Schema of a document format."),
}


class LazyGroup(click.Group):
    """A group that knows its subcommands by name and imports them on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The subcommand, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the subcommands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="insvc")
def insvc() -> None:
    """Restart exactly what a patch made stale, in a safe order, and prove it."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the error's own exit code."""
    try:
        outcome: Any = insvc.main(args=arguments, prog_name="insvc", standalone_mode=False)
    except InsvcError as fault:
        click.echo(describe(fault), err=True)
        sys.exit(fault.exit_code)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except OSError as fault:
        sys.exit(refused(fault))
    sys.exit(outcome if isinstance(outcome, int) else 0)


if __name__ == "__main__":
    main()

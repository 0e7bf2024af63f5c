from pathlib import Path

import click
from click.testing import CliRunner

from insvc.adapters.places import host_directory
from insvc.cli.options import cloud_option, world_options


@click.command()
@cloud_option
def show(cloud: Path | None) -> None:
    """Print what was given."""
    click.echo(repr(cloud))


def test_a_given_cloud_is_passed_as_a_path() -> None:
    assert CliRunner().invoke(show, ["--cloud", "x/y"]).output == "PosixPath('x/y')\n"


def test_no_cloud_is_passed_as_nothing() -> None:
    assert CliRunner().invoke(show, []).output == "None\n"


@click.command()
@world_options
def look(cloud: Path | None) -> None:
    """Print which world is meant."""
    click.echo(repr(cloud))


def test_this_machine_is_meant_by_its_own_directory() -> None:
    told = CliRunner().invoke(look, ["--local"])
    assert told.output == f"{host_directory()!r}\n"


def test_a_world_that_was_not_named_is_left_to_the_command() -> None:
    assert CliRunner().invoke(look, []).output == "None\n"


def test_two_worlds_at_once_are_refused() -> None:
    told = CliRunner().invoke(look, ["--local", "--cloud", "x"])
    assert told.exit_code == 2
    assert "leave one of them out" in told.output

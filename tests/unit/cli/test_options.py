from pathlib import Path

import click
from click.testing import CliRunner

from insvc.cli.options import cloud_option


@click.command()
@cloud_option
def show(cloud: Path | None) -> None:
    """Print what was given."""
    click.echo(repr(cloud))


def test_a_given_cloud_is_passed_as_a_path() -> None:
    assert CliRunner().invoke(show, ["--cloud", "x/y"]).output == "PosixPath('x/y')\n"


def test_no_cloud_is_passed_as_nothing() -> None:
    assert CliRunner().invoke(show, []).output == "None\n"

"""`insvc.cli.improving`: whether a solver is asked for."""

import sys

import click
import pytest
from click.testing import CliRunner

from insvc.cli.improving import chosen_solver, improve_options
from insvc.errors import WorldError


@click.command()
@improve_options
def show(*, improve: bool, improve_within: float | None) -> None:
    """Print what was given."""
    click.echo(f"{improve} {improve_within}")


@pytest.mark.parametrize(
    ("given", "received"),
    [
        ((), "False None"),
        (("--improve",), "True None"),
        (("--improve", "--improve-within", "3"), "True 3.0"),
    ],
)
def test_the_options_are_passed_on(given: tuple[str, ...], received: str) -> None:
    assert CliRunner().invoke(show, given).output == f"{received}\n"


@pytest.mark.parametrize("wrong", ["0", "-1", "soon"])
def test_no_work_at_all_is_refused(wrong: str) -> None:
    assert CliRunner().invoke(show, ["--improve-within", wrong]).exit_code == 2


def test_nobody_is_asked_unless_it_is_wished() -> None:
    assert chosen_solver(improve=False, within=None) is None


@pytest.mark.parametrize(("improve", "within"), [(True, None), (False, 3.0)])
def test_a_solver_that_is_not_installed_is_named_with_the_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch, improve: bool, within: float | None
) -> None:
    # What the import system does for a package that is not there, whether it is here or not.
    monkeypatch.setitem(sys.modules, "ortools", None)
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    monkeypatch.delitem(sys.modules, "insvc.adapters.improve_cpsat", raising=False)
    monkeypatch.delattr("insvc.adapters.improve_cpsat", raising=False)
    with pytest.raises(WorldError, match="OR-Tools: is not installed") as refused:
        chosen_solver(improve=improve, within=within)
    assert refused.value.exit_code == 6
    assert "insvc[improve]" in refused.value.next_act

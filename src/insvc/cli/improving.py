"""`--improve`: look for a shorter order of a plan's steps."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from insvc.bootstrap import make_solver
from insvc.plan.puzzle import Solve

F = TypeVar("F", bound=Callable[..., Any])
_WITHIN = 2.0


def improve_options(function: F) -> F:
    """Add `--improve` and `--improve-within S`, received as `improve` and `improve_within`."""
    within = click.option(
        "--improve-within",
        type=click.FloatRange(min=0, min_open=True),
        metavar="S",
        help=f"How much work that may be, in the solver's own seconds ({_WITHIN:g}).",
    )
    improve = click.option(
        "--improve", is_flag=True, help="Look for a shorter order with OR-Tools (an extra)."
    )
    return improve(within(function))


def chosen_solver(*, improve: bool, within: float | None) -> Solve | None:
    """The solver, if one is asked for; how much work it may do asks for it too.

    Raises:
        WorldError: it is not installed.
    """
    if not improve and within is None:
        return None
    return make_solver(_WITHIN if within is None else within)

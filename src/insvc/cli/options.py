"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def cloud_option(function: F) -> F:
    """Add `--cloud DIR`; the command receives it as `cloud`, absent where it was not given."""
    option = click.option(
        "--cloud",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="The cloud's directory.  [env: INSVC_CLOUD; default: ~/.local/state/insvc/cloud]",
    )
    return option(function)

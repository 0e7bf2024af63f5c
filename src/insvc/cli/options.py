"""Options that several commands share."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

F = TypeVar("F", bound=Callable[..., Any])

_CLOUD = click.option(
    "--cloud",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The cloud's directory.  [env: INSVC_CLOUD; default: ~/.local/state/insvc/cloud]",
)


def cloud_option(function: F) -> F:
    """Add `--cloud DIR`; the command receives it as `cloud`, absent where it was not given."""
    return _CLOUD(function)


def world_options(function: F) -> F:
    """Add `--cloud DIR` and `--local`; the command receives either as the directory `cloud`.

    Absent where neither was given: then the cloud of this user is meant, or this machine where
    there is none.
    """

    @functools.wraps(function)
    def chosen(*args: Any, local: bool, cloud: Path | None, **rest: Any) -> Any:  # noqa: ANN401 - as the command
        from insvc.adapters.places import host_directory

        if local and cloud is not None:
            raise click.UsageError(
                "--local and --cloud name different hosts; leave one of them out"
            )
        return function(*args, cloud=host_directory() if local else cloud, **rest)

    local_option = click.option(
        "--local", is_flag=True, help="This very machine, whatever clouds there are."
    )
    return cast("F", _CLOUD(local_option(chosen)))

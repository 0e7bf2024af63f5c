"""What a command says, where the disk is full or nobody reads it any more.

What was done is done: that it cannot be told on one stream changes neither the exit code nor what
is told elsewhere.
"""

import io
import os
import sys
from typing import TextIO

import click


def say(text: str, *, err: bool = False) -> bool:
    """Print a line; whether that went well."""
    try:
        click.echo(text, err=err)
    except OSError:
        let_go(sys.stderr if err else sys.stdout)
        return False
    return True


def let_go(stream: TextIO | None) -> None:
    """Drop what the stream still holds: else the interpreter fails over it at its end."""
    if stream is None:
        return
    try:
        target = stream.fileno()
    except (io.UnsupportedOperation, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, target)
    os.close(nowhere)

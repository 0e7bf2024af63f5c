"""Starts a program of the cloud apart from the process that asked for it."""

import os
import sys
from pathlib import Path


def start_detached(module: str, cloud: Path, log: Path) -> int:
    """Start `python -m MODULE CLOUD` in a session of its own.

    It has no terminal to be interrupted from, and outlives whoever started it.

    Args:
        module: one of the cloud's own programs.
        cloud: the cloud's directory, its argument and its INSVC_CLOUD.
        log: where its output is appended.

    Returns:
        Its pid; it is a child of this process as long as this process lives.
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-P", "-m", module, str(cloud)],
            {**os.environ, "INSVC_CLOUD": str(cloud)},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
            setsigmask=[],
        )
    finally:
        os.close(output)
        os.close(nothing)

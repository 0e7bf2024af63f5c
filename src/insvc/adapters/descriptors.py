"""How many files a process of ours may hold open, and what its children are left with."""

import resource
from contextlib import suppress

_GIVEN = resource.getrlimit(resource.RLIMIT_NOFILE)
"""What this process was started with: many a program counts on a low limit (`select`)."""


def raise_limit() -> None:
    """Let this process hold as many files open as it may: it holds one for each service."""
    _, hard = _GIVEN
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def give_back_limit(pid: int) -> None:
    """Let a child have the limit that this process was started with. One that has ended needs none.

    Args:
        pid: of the child; it must not have been reaped.
    """
    if resource.getrlimit(resource.RLIMIT_NOFILE) != _GIVEN:
        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, _GIVEN)

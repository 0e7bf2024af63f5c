"""Processes that lose their parent become ours: daemons that fork twice, and what dies with them.

Without it they would belong to the machine's first process, which tells nobody how they ended,
and in a container may not even clear them away.
"""

import ctypes
import os
from collections.abc import Collection
from contextlib import suppress

from insvc.adapters.proc_file import read_at

_PR_SET_CHILD_SUBREAPER = 36
_ZOMBIE = b"Z"


def set_subreaper(*, is_on: bool) -> bool:
    """Let orphans below this process become its children, or not; false where that cannot be."""
    libc = ctypes.CDLL(None)
    return bool(libc.prctl(_PR_SET_CHILD_SUBREAPER, int(is_on), 0, 0, 0) == 0)


def children() -> frozenset[int]:
    """The pids of the main thread's children, orphans among them, ended ones too.

    What other threads have forked is theirs to wait for and is not told. Empty on kernels that
    do not tell.
    """
    me = os.getpid()
    try:
        return frozenset(map(int, read_at(None, f"/proc/self/task/{me}/children").split()))
    except OSError:
        return frozenset()


def reap(pids: Collection[int]) -> tuple[int, ...]:
    """Clear away those of these children that have ended; answers with their pids."""
    return tuple(pid for pid in pids if _is_zombie(pid) and _clear(pid))


def _clear(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False


def _is_zombie(pid: int) -> bool:
    try:
        stat = read_at(None, f"/proc/{pid}/stat")
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[0] == _ZOMBIE

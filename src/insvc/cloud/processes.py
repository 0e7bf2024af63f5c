"""Finds and ends the processes of one cloud, and nobody else's."""

import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path

from insvc.adapters.procfs import ProcfsTable
from insvc.errors import WorldError
from insvc.model.observation import ProcessIdentity

KILLS = 5
OWN_MODULES = frozenset({"insvc.agent", "insvc.cloud.keeper", "insvc.cloud.load"})


def members(cloud: Path) -> tuple[ProcessIdentity, ...]:
    """Every live process that the cloud in this directory started.

    A process belongs to it when its environment names the directory in INSVC_CLOUD and it is
    either a service of a host (INSVC_HOST) or runs one of the cloud's own modules. An operator's
    shell with INSVC_CLOUD set is neither.
    """
    table = ProcfsTable()
    found = (table.identity(pid) for pid in table.pids() if _belongs(table, pid, cloud))
    return tuple(one for one in found if one is not None)


def _belongs(table: ProcfsTable, pid: int, cloud: Path) -> bool:
    environment = table.environment(pid)
    if environment.get("INSVC_CLOUD") != str(cloud) or pid == os.getpid():
        return False
    return "INSVC_HOST" in environment or not OWN_MODULES.isdisjoint(table.command_line(pid))


def lives(identity: ProcessIdentity) -> bool:
    """Whether this very process still runs."""
    return ProcfsTable().identity(identity.pid) == identity


def end(identity: ProcessIdentity, *, by: signal.Signals, patience_s: float) -> bool:
    """Signal this very process and wait for its end.

    Returns:
        Whether it is gone; false when it still runs after that time.
    """
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return True
    try:
        if not lives(identity):
            return True
        with suppress(ProcessLookupError):  # it ended just now
            signal.pidfd_send_signal(handle, by)
        return bool(select.select([handle], [], [], patience_s)[0])
    finally:
        os.close(handle)
        reap(identity.pid)


def sweep(cloud: Path, *, patience_s: float = 5.0) -> int:
    """End whatever still runs of a cloud whose keeper is gone; how many processes that were.

    All are told to end; after the patience those left are killed.

    Raises:
        WorldError: some cannot be killed.
    """
    left = members(cloud)
    count = len(left)
    for one in left:
        end(one, by=signal.SIGTERM, patience_s=0.0)
    until = time.monotonic() + patience_s
    while (left := members(cloud)) and time.monotonic() < until:
        end(left[0], by=signal.SIGTERM, patience_s=min(0.2, patience_s))
    for _ in range(KILLS):
        for one in members(cloud):
            end(one, by=signal.SIGKILL, patience_s=1.0)
    if left := members(cloud):
        pids = ", ".join(str(one.pid) for one in left)
        raise WorldError(
            f"the cloud in {cloud}",
            f"has processes that survive SIGKILL: {pids}",
            next_act="look at them with ps, then stop the cloud again",
        )
    return count


def reap(pid: int) -> None:
    """Collect a child of this process that ended; nothing when it is no child of ours."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return

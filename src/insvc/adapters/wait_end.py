"""Waits for the end of processes that are not our own."""

import select
import time
from collections.abc import Iterable

from insvc.adapters.pidfd import Held
from insvc.model.observation import ProcessIdentity


def wait_for_ends(processes: Iterable[ProcessIdentity], timeout_s: float) -> bool:
    """Wait until all of them have ended; false where one had not in time.

    Exactly these are waited for, whoever has their pids later.
    """
    until = time.monotonic() + timeout_s
    return all(_has_ended(one, until) for one in processes)


def _has_ended(process: ProcessIdentity, until: float) -> bool:
    held = Held.by_identity(process)
    if held is None:
        return True
    try:
        poll = select.poll()
        poll.register(held.fd, select.POLLIN)
        left_s = max(0.0, until - time.monotonic())
        return bool(poll.poll(left_s * 1000))
    finally:
        held.close()

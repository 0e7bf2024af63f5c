"""Waits for the end of processes that are not our own."""

import select
import time
from collections.abc import Callable, Iterable

from insvc.adapters.pidfd import Held
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import ProcessIdentity

_LOOK_AGAIN_S = 0.1


def wait_for_ends(processes: Iterable[ProcessIdentity], timeout_s: float) -> bool:
    """Wait until all of them have ended; false where one had not in time.

    Exactly these are waited for, whoever has their pids later.
    """
    until = time.monotonic() + timeout_s
    return all(_has_ended(one, until) for one in processes)


def wait_while_running(
    look: Callable[[], ManagerRow],
    timeout_s: float,
    pause: Callable[[float], object] = time.sleep,
) -> bool:
    """Wait until its manager names no process of a service any more; false where it does still.

    Args:
        look: asks the manager about the service; what it raises is passed on.
        timeout_s: for how long.
        pause: what lets some seconds pass between two looks.
    """
    until = time.monotonic() + timeout_s
    while look().pid is not None:
        if time.monotonic() >= until:
            return False
        pause(_LOOK_AGAIN_S)
    return True


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

"""Workers that take over from older ones of the same unit, while its main process stays."""

import signal
import time

from insvc.adapters.pidfd import Held, read_identity
from insvc.adapters.systemd_bus import SystemdBus
from insvc.inspect.systemd_unit import UnitFacts
from insvc.model.act import DrainRule

_AFTER_KILL_S = 10.0
_PAUSE_S = 0.02


def hold_workers(bus: SystemdBus, facts: UnitFacts) -> tuple[Held, ...]:
    """The unit's processes but the main one, each held; to be closed by the caller.

    Raises:
        WorldError: systemd does not tell them.
    """
    pids = bus.processes(facts.name) - {facts.pid or 0}
    found = (read_identity(pid) for pid in sorted(pids))
    held = (Held.by_identity(one) for one in found if one is not None)
    return tuple(one for one in held if one is not None)


def await_new_workers(
    bus: SystemdBus,
    before: UnitFacts,
    workers: tuple[Held, ...],
    *,
    drain: DrainRule | None,
    until: float,
) -> tuple[str, ...]:
    """Wait until new workers serve and the old ones have finished what they serve.

    Args:
        bus: the connection to systemd.
        before: the unit before the hand-over.
        workers: those it had then.
        drain: how long the old ones may finish, and what is done then; until the end without one.
        until: on the monotonic clock, when to stop waiting.

    Returns:
        What is worth saying of it.

    Raises:
        WorldError: systemd does not tell which processes there are.
    """
    old = {one.identity.pid for one in workers} | {before.pid or 0}
    finish = until if drain is None else time.monotonic() + drain.timeout_s
    while not bus.processes(before.name) - old and time.monotonic() < until:
        time.sleep(_PAUSE_S)
    left = _wait_for_ends(workers, finish)
    if not left:
        return ()
    if drain is None or drain.on_timeout != "kill":
        return (f"{len(left)} old workers still finish what they serve",)
    for one in left:
        one.signal(signal.SIGKILL)
    _wait_for_ends(left, time.monotonic() + _AFTER_KILL_S)
    return ("old workers that still served were killed",)


def _wait_for_ends(workers: tuple[Held, ...], until: float) -> tuple[Held, ...]:
    """Those of the processes that have not ended by then."""
    while True:
        left = tuple(one for one in workers if read_identity(one.identity.pid) == one.identity)
        if not left or time.monotonic() >= until:
            return left
        time.sleep(_PAUSE_S)

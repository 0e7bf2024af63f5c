"""Threads that wait in the kernel and do not come back, and what is due to whom about them.

A thread stalls while it is uninterruptible (state D) at every look and has not moved between two of
them: the same thread (pid, number, start), no time of a processor spent, no voluntary switch. One
that sleeps again and again for a moment, as a busy disk makes it, has moved. All is reckoned in
times and never in numbers of looks, so that a look that comes late or twice changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

UNINTERRUPTIBLE = "D"


class ThreadKey(NamedTuple):
    """What makes two looks be at the same thread: its numbers are used again, its start is not."""

    pid: int
    tid: int
    start_ticks: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadLook:
    """One thread at one moment.

    Source: `/proc/PID/task/TID/stat` and `status`.

    Attributes:
        key: which thread.
        program: name of its program, as the kernel keeps it.
        state: one letter.
        cpu_ticks: clock ticks that it has run, in user and kernel mode.
        switches: how often it has waited of its own will.
    """

    key: ThreadKey
    program: str
    state: str
    cpu_ticks: int = 0
    switches: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stall:
    """A thread that was uninterruptible at its last look.

    Attributes:
        look: the thread as it was when it was first seen so.
        since: when that was, in seconds of a clock that nobody sets.
    """

    look: ThreadLook
    since: float


class Due(StrEnum):
    """What is to be done about a stall."""

    NOTHING = "nothing"
    TELL = "tell"
    REBOOT = "reboot"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long a thread may stall.

    Attributes:
        stalled_s: longer than that, and it is told.
        grace_s: so long after that the host is rebooted, where it is to be.
    """

    stalled_s: float = 60.0
    grace_s: float = 60.0


def follow(
    stalls: Mapping[ThreadKey, Stall], looks: Iterable[ThreadLook], now: float
) -> dict[ThreadKey, Stall]:
    """The stalls after one more look at every thread; those that moved begin anew, or end."""
    return {
        one.key: _followed(stalls.get(one.key), one, now)
        for one in looks
        if one.state == UNINTERRUPTIBLE
    }


def due(stall: Stall, now: float, limits: Limits) -> Due:
    """What is to be done about it now."""
    lasted_s = now - stall.since
    if lasted_s <= limits.stalled_s:
        return Due.NOTHING
    return Due.REBOOT if lasted_s > limits.stalled_s + limits.grace_s else Due.TELL


def _followed(before: Stall | None, look: ThreadLook, now: float) -> Stall:
    if before is None or _moved(before.look, look):
        return Stall(look=look, since=now)
    return before


def _moved(before: ThreadLook, now: ThreadLook) -> bool:
    return (before.cpu_ticks, before.switches) != (now.cpu_ticks, now.switches)

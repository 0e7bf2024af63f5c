"""Processes held by descriptor: their end is an event, and a signal never hits a later process."""

import os
import signal
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Self

from insvc.model.observation import ProcessIdentity

_START_TICKS = 19
_STATE = 0


@cache
def boot_id() -> str:
    """The boot this machine is in."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def read_identity(pid: int) -> ProcessIdentity | None:
    """The identity of the live process of that pid; nothing where none or only a zombie is."""
    try:
        fields = _stat(pid)
    except OSError:
        return None
    if fields[_STATE] in {b"Z", b"X"}:
        return None
    return ProcessIdentity(boot_id=boot_id(), pid=pid, start_ticks=int(fields[_START_TICKS]))


def start_ticks(pid: int) -> int:
    """When the process was started, in clock ticks since boot; a zombie's too.

    Raises:
        OSError: there is none.
    """
    return int(_stat(pid)[_START_TICKS])


def _stat(pid: int) -> list[bytes]:
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - on the path of a restart
        return file.read().rpartition(b")")[2].split()


class Held:
    """One process, held until `close`. Its descriptor is readable once the process has ended.

    Attributes:
        identity: which process.
        fd: the pidfd, for a selector.
    """

    def __init__(self, identity: ProcessIdentity, fd: int) -> None:
        self.identity = identity
        self.fd = fd

    @classmethod
    def by_identity(cls, identity: ProcessIdentity) -> Self | None:
        """Take hold of exactly that process; nothing where it is gone, whoever has its pid now."""
        try:
            fd = os.pidfd_open(identity.pid)
        except OSError:
            return None
        if read_identity(identity.pid) != identity:
            os.close(fd)
            return None
        return cls(identity, fd)

    def signal(self, number: int) -> None:
        """Send it a signal; nothing happens where it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.fd, number)

    def signal_group(self, number: int) -> None:
        """Signal what is left of its process group. It must not have been reaped before."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.identity.pid, number)

    def reap(self) -> int | None:
        """Collect how it ended where it is a child of ours, so that no zombie stays.

        Returns:
            Its exit code, or the number of the signal that ended it, below zero; nothing where it
            is no child of ours or has not ended.
        """
        with suppress(ChildProcessError):
            ended = os.waitid(os.P_PIDFD, self.fd, os.WEXITED | os.WNOHANG)
            if ended is not None:
                status: int = ended.si_status
                return status if ended.si_code == os.CLD_EXITED else -status
        return None

    def close(self) -> None:
        """Let go of it."""
        os.close(self.fd)

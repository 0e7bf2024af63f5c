"""Listening sockets that a manager keeps, and how services say that they are ready.

Sources: sd_listen_fds(3) and sd_notify(3) of systemd, as far as they are used here.
"""

import ctypes
import hashlib
import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from insvc.errors import WorldError

BACKLOG = 512
FIRST_FD = 3
_PIDFD_GETFD = 438
_LONGEST_NOTE = 4096
_CREDENTIALS = struct.Struct("3i")


class Handed(NamedTuple):
    """What a program is given so that it can take over.

    Attributes:
        listener: the socket; it becomes descriptor 3.
        name: what it is called.
        notify: where the program says that it is ready.
    """

    listener: socket.socket
    name: str
    notify: str

    @property
    def environment(self) -> dict[str, str]:
        """What the program's environment says of it; LISTEN_PID is added by the launch."""
        return {"LISTEN_FDS": "1", "LISTEN_FDNAMES": self.name, "NOTIFY_SOCKET": self.notify}


def listen(address: str, port: int) -> socket.socket:
    """A new listening socket.

    Raises:
        WorldError: the port is taken, or the address is none of this host.
    """
    try:
        return socket.create_server((address, port), backlog=BACKLOG)
    except OSError as fault:
        raise WorldError(
            f"{address}:{port}",
            f"cannot listen: {fault.strerror}",
            next_act="end what listens there",
        ) from fault


def take_back(pidfd: int, pid: int, address: str, port: int) -> socket.socket | None:
    """The listening socket that a process serves, for a manager that has lost its own.

    Absent where the process has none for that address, or the kernel does not give it: it asks
    for the right to trace the process.
    """
    for fd in _sockets_of(pid):
        copy = _get_fd(pidfd, fd)
        if copy is None:
            continue
        found = socket.socket(fileno=copy)
        if _listens_at(found, address, port):
            return found
        found.close()
    return None


class NotifySocket:
    """Hears which processes say that they are ready. The kernel vouches for who speaks.

    Args:
        owner: whose socket it is; only one process at a time has that of one owner.
    """

    def __init__(self, owner: str) -> None:
        digest = hashlib.sha256(owner.encode()).hexdigest()[:24]
        self.address = f"@insvc-{digest}"
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        self._socket = socket.socket(socket.AF_UNIX, kind)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with suppress(OSError):  # taken: services that speak there are judged by their port
            self._socket.bind(f"\0{self.address[1:]}")

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._socket.fileno()

    def read(self) -> tuple[int, ...]:
        """The pids of those that have said they are ready since the last call."""
        ready: list[int] = []
        while True:
            try:
                note, more, _, _ = self._socket.recvmsg(
                    _LONGEST_NOTE, socket.CMSG_SPACE(_CREDENTIALS.size)
                )
            except OSError:
                return tuple(ready)
            pids = [
                _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0]
                for level, kind, content in more
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
            ]
            if b"READY=1" in note.split(b"\n"):
                ready += pids

    def close(self) -> None:
        """Hear nobody any more."""
        self._socket.close()


def _sockets_of(pid: int) -> list[int]:
    found = []
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if str(entry.readlink()).startswith("socket:"):
                    found.append(int(entry.name))
    return sorted(found)


def _get_fd(pidfd: int, fd: int) -> int | None:
    libc = ctypes.CDLL(None, use_errno=True)
    copy = int(libc.syscall(_PIDFD_GETFD, pidfd, fd, 0))
    if copy < 0:
        return None
    os.set_inheritable(copy, False)
    return copy


def _listens_at(found: socket.socket, address: str, port: int) -> bool:
    try:
        listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        return bool(listens) and found.getsockname()[:2] == (address, port)
    except OSError:
        return False

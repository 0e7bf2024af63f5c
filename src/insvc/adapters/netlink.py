"""The kernel's word on interfaces, addresses and queues, over a netlink socket. Needs no root."""

import errno
import socket
from collections.abc import Iterator

from insvc.supervise.netlink import Kind, Message, messages, question

_ROUTE = 0
_GROUPS = 0x1 | 0x10 | 0x100
"""Interfaces, addresses of IPv4, addresses of IPv6."""
_BUFFER_BYTES = 1 << 20
_ANSWER_S = 2.0


class RouteEvents:
    """Hears of every change of interfaces and addresses from now on.

    Raises:
        OSError: the kernel refuses the socket.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _ROUTE
        )
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            self._socket.bind((0, _GROUPS))
        except OSError:
            self._socket.close()
            raise

    def wait(self) -> tuple[Message, ...] | None:
        """The next messages, waiting for them; nothing where the kernel had to drop some.

        Raises:
            OSError: the socket is closed.
        """
        try:
            return tuple(messages(self._socket.recv(_BUFFER_BYTES)))
        except OSError as fault:
            if fault.errno == errno.ENOBUFS:
                return None
            raise

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


def everything(kind: Kind) -> Iterator[Message]:
    """All there is of that kind now.

    Raises:
        OSError: the kernel refuses, or does not answer.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _ROUTE) as asked:
        asked.settimeout(_ANSWER_S)
        asked.bind((0, 0))
        asked.send(question(kind, 1))
        while True:
            for one in messages(asked.recv(_BUFFER_BYTES)):
                if one.kind == Kind.DONE:
                    return
                if one.kind == Kind.ERROR:
                    number = -int.from_bytes(one.body[:4], "little", signed=True)
                    raise OSError(number, "the kernel refuses to tell", str(int(kind)))
                yield one

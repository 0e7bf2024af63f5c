"""The kernel's own word on interfaces, addresses and queues."""

import errno
import socket

import pytest

from insvc.adapters.netlink import RouteEvents, everything
from insvc.supervise.netlink import Kind, address, link, messages, queue

pytestmark = pytest.mark.integration


def test_the_loopback_is_among_all_interfaces() -> None:
    found = {one.name: one for message in everything(Kind.GET_LINK) if (one := link(message))}
    assert found["lo"].index == socket.if_nametoindex("lo")
    assert found["lo"].state == "up, carrier"


def test_its_address_is_among_all_addresses() -> None:
    found = [one for message in everything(Kind.GET_ADDRESS) if (one := address(message))]
    assert "127.0.0.1/8" in [one.text for one in found]


def test_an_ordinary_user_may_ask_for_queues() -> None:
    found = [queue(message) for message in everything(Kind.GET_QUEUE)]
    assert None not in found


def test_a_question_that_the_kernel_does_not_know_is_refused() -> None:
    with pytest.raises(OSError, match="the kernel refuses"):
        list(everything(9999))  # type: ignore[arg-type]


class Full:
    """A socket whose kernel had to drop messages, and then gives up."""

    def __init__(self) -> None:
        self.faults = [errno.ENOBUFS, errno.EBADF]

    def recv(self, _: int) -> bytes:
        """Fail as it was told."""
        raise OSError(self.faults.pop(0), "no")


def test_messages_that_were_dropped_are_told_apart_from_a_broken_socket() -> None:
    events = RouteEvents()
    whole, events._socket = events._socket, Full()  # type: ignore[assignment]
    whole.close()
    assert events.wait() is None
    with pytest.raises(OSError, match="no"):
        events.wait()


def test_a_socket_that_cannot_be_bound_is_not_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []

    class Unbindable(socket.socket):
        def __init__(self, *given: int) -> None:
            super().__init__(*given)
            made.append(self)

        def bind(self, _: object) -> None:
            raise OSError(1, "not permitted")

    monkeypatch.setattr(socket, "socket", Unbindable)
    with pytest.raises(OSError, match="not permitted"):
        RouteEvents()
    assert [one.fileno() for one in made] == [-1]


def test_the_bytes_of_the_kernel_are_whole_messages() -> None:
    assert [one for one in everything(Kind.GET_LINK) if not one.body] == []
    assert list(messages(b"")) == []

"""Listening sockets that are kept, taken back, and spoken for."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from insvc.adapters import listening
from insvc.adapters.listening import Handed, NotifySocket, listen, take_back
from insvc.errors import WorldError

pytestmark = pytest.mark.integration
_HOLDS = """
import os, socket
idle = socket.socket()
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
input()
"""


@pytest.fixture
def server() -> Iterator[tuple[int, int]]:
    """A process that listens: its pid and port."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    port = int(child.stdout.readline())
    yield child.pid, port
    child.communicate()


@pytest.fixture
def held() -> Iterator[Callable[[int], int]]:
    fds: list[int] = []

    def hold(pid: int) -> int:
        fds.append(os.pidfd_open(pid))
        return fds[-1]

    yield hold
    for fd in fds:
        os.close(fd)


def test_a_port_that_is_taken_is_named() -> None:
    first = listen("127.0.0.1", 0)
    port = first.getsockname()[1]
    with pytest.raises(WorldError, match=f"127.0.0.1:{port}: cannot listen"):
        listen("127.0.0.1", port)
    first.close()


def test_what_is_handed_is_told_by_the_environment() -> None:
    with listen("127.0.0.1", 0) as one:
        assert Handed(one, "x", "@there").environment == {
            "LISTEN_FDS": "1",
            "LISTEN_FDNAMES": "x",
            "NOTIFY_SOCKET": "@there",
        }


def test_only_the_socket_of_that_address_is_taken_back(
    server: tuple[int, int], held: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, port = server
    listener = listen("127.0.0.1", 0)
    mine = listener.getsockname()[1]
    own = held(os.getpid())
    found = take_back(own, os.getpid(), "127.0.0.1", mine)
    if found is None:  # the kernel gives no descriptor of any process, not even of this one
        assert listening._get_fd(own, listener.fileno()) is None
    else:
        with found:
            assert found.getsockname() == ("127.0.0.1", mine)
            assert not found.get_inheritable()
    listener.close()
    assert take_back(held(pid), pid, "127.0.0.1", mine) is None
    monkeypatch.setattr(listening, "_get_fd", lambda *_: None)
    assert take_back(held(pid), pid, "127.0.0.1", port) is None


def test_a_process_that_has_gone_has_no_sockets() -> None:
    assert take_back(-1, 2**22 + 1, "127.0.0.1", 80) is None
    assert listening._get_fd(-1, 0) is None
    closed = socket.socket()
    closed.close()
    assert not listening._listens_at(closed, "127.0.0.1", 80)


def test_the_kernel_says_who_is_ready() -> None:
    notify = NotifySocket("test of who is ready")
    assert notify.address.startswith("@insvc-")
    address = "\0" + notify.address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.sendto(b"STATUS=on its way", address)
        one.sendto(b"MAINPID=1\nREADY=1\n", address)
        one.sendto(b"NOTREADY=1", address)
    assert notify.read() == (os.getpid(),)
    assert notify.read() == ()
    assert notify.fileno() > 0
    second = NotifySocket("test of who is ready")
    assert second.read() == ()
    second.close()
    notify.close()

"""The one rule for "it serves", used at every start and after every act."""

import socket
from collections.abc import Sequence
from pathlib import Path

LOOK_TIMEOUT_S = 1.0
_TAKEN_TIMEOUT_S = 0.05


def is_serving(endpoint: str, path: str | None) -> bool:
    """Whether the endpoint answers its HTTP path with 200, or, without a path, a TCP connect."""
    address, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((address, int(port)), LOOK_TIMEOUT_S) as client:
            return path is None or is_ok(_status(client, endpoint, path))
    except OSError:
        return False


def answers(endpoint: str, path: str | None) -> bool:
    """Whether anything at all answers there: any HTTP status, or, without a path, a TCP connect."""
    address, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((address, int(port)), LOOK_TIMEOUT_S) as client:
            return path is None or bool(_status(client, endpoint, path))
    except OSError:
        return False


def is_taken(endpoint: str) -> bool:
    """Whether somebody listens there, whether or not he answers."""
    address, _, port = endpoint.rpartition(":")
    try:
        socket.create_connection((address, int(port)), _TAKEN_TIMEOUT_S).close()
    except TimeoutError:
        return True
    except OSError:
        return False
    return True


def has_written_pid(pidfile: Path, pid: int) -> bool:
    """Whether the pid file holds that pid: how a program without a port says that it is ready."""
    try:
        return pidfile.read_text(encoding="ascii", errors="replace").strip() == str(pid)
    except OSError:
        return False


def is_ok(words: Sequence[bytes]) -> bool:
    """Whether these words of a first line say that it serves."""
    return len(words) > 1 and words[0].startswith(b"HTTP/") and words[1] == b"200"


def request_for(endpoint: str, path: str) -> bytes:
    """What is asked there."""
    address = endpoint.rpartition(":")[0]
    return f"GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode("ascii")


def _status(client: socket.socket, endpoint: str, path: str) -> list[bytes]:
    """The words of the first line of the answer."""
    client.sendall(request_for(endpoint, path))
    with client.makefile("rb") as answer:
        return answer.readline(200).split()

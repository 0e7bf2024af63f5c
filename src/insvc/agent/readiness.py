"""The one rule for "it serves", used at every start and after every act."""

import socket
from pathlib import Path

LOOK_TIMEOUT_S = 1.0


def is_serving(endpoint: str, path: str | None) -> bool:
    """Whether the endpoint answers its HTTP path with 200, or, without a path, a TCP connect."""
    address, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((address, int(port)), LOOK_TIMEOUT_S) as client:
            return path is None or _answers_200(client, address, path)
    except OSError:
        return False


def answers(endpoint: str, path: str | None) -> bool:
    """Whether anything at all answers there: any HTTP status, or, without a path, a TCP connect."""
    address, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((address, int(port)), LOOK_TIMEOUT_S) as client:
            return path is None or bool(_status(client, address, path))
    except OSError:
        return False


def has_written_pid(pidfile: Path, pid: int) -> bool:
    """Whether the pid file holds that pid: how a program without a port says that it is ready."""
    try:
        return pidfile.read_text(encoding="ascii", errors="replace").strip() == str(pid)
    except OSError:
        return False


def _answers_200(client: socket.socket, address: str, path: str) -> bool:
    status = _status(client, address, path)
    return len(status) > 1 and status[0].startswith(b"HTTP/") and status[1] == b"200"


def _status(client: socket.socket, address: str, path: str) -> list[bytes]:
    """The words of the first line of the answer."""
    request = f"GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    client.sendall(request.encode("ascii"))
    with client.makefile("rb") as answer:
        return answer.readline(200).split()

"""The small HTTP answer by which a daemon of ours says that it serves."""

import os
import socket
import threading
from contextlib import suppress
from typing import Self

from insvc.errors import WorldError

_LONGEST_REQUEST_BYTES = 4096
_CLIENT_S = 2.0


class HealthServer:
    """Answers `/healthz` with 200 and `/version` with a version, until it is closed.

    Args:
        address: where to listen.
        port: the port; 0 for any.
        version: what `/version` answers.

    Raises:
        WorldError: the port is taken.
    """

    def __init__(self, address: str, port: int, version: str) -> None:
        self._pages = {"/healthz": "ok\n", "/version": f"{version}\n"}
        try:
            self._listener = socket.create_server((address, port), backlog=32)
        except OSError as fault:
            raise WorldError(
                f"{address}:{port}",
                f"cannot listen: {fault.strerror}",
                next_act="end what listens there",
            ) from fault
        threading.Thread(target=self._serve, daemon=True).start()

    @classmethod
    def from_environment(cls, version: str) -> Self | None:
        """Listen where the environment of a program says; nothing where it names no port."""
        port = os.environ.get("INSVC_PORT")
        return cls(os.environ["INSVC_ADDRESS"], int(port), version) if port else None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client, suppress(OSError):
                client.settimeout(_CLIENT_S)
                client.sendall(self._page(client.recv(_LONGEST_REQUEST_BYTES)))

    def _page(self, request: bytes) -> bytes:
        path = b"".join(request.split(b" ", 2)[1:2]).decode("ascii", "replace")
        text = self._pages.get(path)
        status = "404 Not Found" if text is None else "200 OK"
        body = text or "no such page\n"
        return (
            f"HTTP/1.0 {status}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
        ).encode()

"""Answers asks on a Unix socket, each connection in a thread of its own."""

import errno
import json
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from insvc.adapters.ask import refusal
from insvc.adapters.unix_socket import listen
from insvc.errors import InputError, InsvcError, WorldError

Ask = Callable[[Mapping[str, Any]], Any]
_PASSING = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED, errno.EINTR}
)
"""Why no connection could be had just now; the next one may be."""
_PASSING_S = 0.05


class Server:
    """Holds the socket at once, and serves the asks by name from `start` until it is closed.

    Who connects before the start waits for it.

    Args:
        path: the socket.
        asks: what answers each of them; called in a thread of the connection.

    Raises:
        WorldError: somebody else answers on that socket.
    """

    def __init__(self, path: Path, asks: Mapping[str, Ask]) -> None:
        self._path = path
        self._asks = asks
        self._listener = listen(path)

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and remove the socket."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError as fault:
                if fault.errno not in _PASSING:
                    return
                time.sleep(_PASSING_S)
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines, suppress(OSError):
            for line in lines:
                client.sendall(json.dumps(self.answer(line)).encode() + b"\n")

    def answer(self, line: bytes) -> dict[str, Any]:
        """The answer to one request line."""
        try:
            return {"ok": True, "answer": self._ask(line)}
        except InsvcError as fault:
            return refusal(fault)
        except Exception as fault:  # noqa: BLE001 - the top of the thread: a defect is told, too
            traceback.print_exc(file=sys.stderr)
            return refusal(
                WorldError(str(self._path), f"defect: {fault!r}", next_act="report this defect")
            )

    def _ask(self, line: bytes) -> Any:  # noqa: ANN401 - JSON
        try:
            request = json.loads(line)
            name = str(request["ask"])
        except (ValueError, KeyError, TypeError) as fault:
            raise InputError(
                str(self._path),
                "a request is one JSON object a line, with `ask`",
                next_act="ask so",
            ) from fault
        if name not in self._asks:
            known = ", ".join(sorted(self._asks))
            raise InputError(name, "is not asked here", next_act=f"ask one of: {known}")
        return self._asks[name](request)

"""A small HTTP server and client: one thread a connection, one request a connection."""

import errno
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qsl

OK = 200
MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 16 << 20
"""Of a request."""
IDLE_S = 10.0
_PASSING = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED, errno.EINTR}
)
"""Why no connection could be had just now; the next one may be."""
_PASSING_S = 0.05
REASONS = {
    200: "OK",
    201: "Created",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class Request:
    """One request as it was read: method, path, query, headers (lower case) and body."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.target = target
        self.path, _, query = target.partition("?")
        self.query = dict(parse_qsl(query))
        self.headers = headers
        self.body = body

    def fields(self) -> dict[str, object]:
        """The body as a JSON object; empty where it is none."""
        try:
            value = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


class Reply:
    """One answer: status, body and further headers."""

    def __init__(self, status: int, body: object = None, **headers: str) -> None:
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode() + b"\n"

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(self.body)}", "Connection: close", "", ""]
        return "\r\n".join(lines).encode() + self.body


Answer = Callable[[Request], Reply]


class Server:
    """Listens at once; every connection is answered in a thread of its own.

    Args:
        address: where it listens.
        port: 0 lets the kernel choose; `port` then tells.
        answer: what is asked for each request.
    """

    def __init__(self, address: str, port: int, answer: Answer) -> None:
        self._answer = answer
        self._open = 0
        self._change = threading.Condition()
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((address, port))
            self._listener.listen(128)
        except OSError:
            self._listener.close()
            raise
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def stop_accepting(self) -> None:
        """Refuse new connections from now on; those open go on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()

    def count_open(self) -> int:
        """How many requests are open now."""
        with self._change:
            return self._open

    def wait_for_open(self, seconds: float) -> bool:
        """Wait until no request is open; false when some still are after that time."""
        with self._change:
            return self._change.wait_for(lambda: self._open == 0, seconds)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as fault:
                if fault.errno not in _PASSING:
                    return
                time.sleep(_PASSING_S)
                continue
            with self._change:
                self._open += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(IDLE_S)
                try:
                    request = read_request(connection)
                except ValueError as fault:
                    connection.sendall(Reply(400, {"error": str(fault)}).encoded())
                    return
                if request is not None:
                    connection.sendall(self._answer(request).encoded())
        except OSError:
            pass  # the client went away; there is nobody to tell
        finally:
            with self._change:
                self._open -= 1
                self._change.notify_all()


def read_request(connection: socket.socket) -> Request | None:
    """The request on that connection, or nothing where none (or another protocol's) came.

    Raises:
        ValueError: its head or its body is too large, or it does not tell how large the body is.
    """
    head, body = _read_head(connection)
    if len(head) >= MAX_HEAD_BYTES:
        raise ValueError(f"the head has more than {MAX_HEAD_BYTES} bytes")
    lines = head.decode("latin-1").split("\r\n")
    method, _, target = lines[0].removesuffix(" HTTP/1.1").removesuffix(" HTTP/1.0").partition(" ")
    if not method or not target.startswith("/"):
        return None
    headers = _headers(lines[1:])
    told = headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit()) or len(told) > len(str(MAX_BODY_BYTES)):
        raise ValueError(f"found {told[:40]!r} as Content-Length, expected a number of bytes")
    if int(told) > MAX_BODY_BYTES:
        raise ValueError(f"the body has {told} bytes, expected at most {MAX_BODY_BYTES}")
    return Request(method, target, headers, _read_body(connection, body, headers))


def ask(
    address: str, port: int, method: str, target: str, *, body: bytes = b"", timeout_s: float = 5.0
) -> tuple[int, bytes]:
    """Ask another server; its status and body.

    Raises:
        OSError: it refused, broke off or took too long.
    """
    status, _, answer = ask_whole(address, port, method, target, {}, body, timeout_s)
    return status, answer


def ask_whole(
    address: str,
    port: int,
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes,
    timeout_s: float,
) -> tuple[int, dict[str, str], bytes]:
    """As `ask`, with headers in both directions."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {address}:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    with socket.create_connection((address, port), timeout=timeout_s) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1") + body)
        head, rest = _read_head(connection)
        answer_lines = head.decode("latin-1").split("\r\n")
        answer_headers = _headers(answer_lines[1:])
        rest = _read_body(connection, rest, answer_headers)
    _, _, status = answer_lines[0].partition(" ")
    if not status[:3].isdigit():
        raise ConnectionError("it closed the connection without an answer")
    return int(status[:3]), answer_headers, rest


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received and len(received) < MAX_HEAD_BYTES:
        piece = connection.recv(8192)
        if not piece:
            break
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _read_body(connection: socket.socket, begun: bytes, headers: dict[str, str]) -> bytes:
    wanted = int(headers.get("content-length", "0"))
    while len(begun) < wanted:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError("it closed the connection before the end")
        begun += piece
    return begun


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}

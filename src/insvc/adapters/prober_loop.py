"""The prober's own process: ask every target each few milliseconds, tell its outages.

Run as a program it reads one JSON object a line from standard input and answers each with one line:
`{"ask": "watch", "name", "address", "port", "path"}` → `{"answer": true}`;
`{"ask": "unwatch", "name"}` → `{"answer": [{from_at, until_at, resolution_s}, …]}`, or null where
nothing of that name is watched. It ends with its input. Standard library only.
"""

import errno
import json
import math
import os
import selectors
import socket
import sys
import time
from typing import Any

EVERY_S = 0.008
"""Between two questions to one target."""

ANSWER_WITHIN_S = 1.0
"""A question without an answer for so long has failed."""

_FIRST_ERROR_STATUS = 400


class Record:
    """What is known of one target: its last answer and its outages so far.

    Args:
        now: when the watch began, in seconds.
    """

    def __init__(self, now: float) -> None:
        self.outages: list[dict[str, float | None]] = []
        self._last_good = now
        self._last_asked = now
        self._gap_s = 0.0
        self._is_down = False

    def asked(self, now: float) -> None:
        """A question was sent."""
        pause = now - self._last_asked
        self._gap_s = max(self._gap_s, pause) if self._is_down else pause
        self._last_asked = now

    def answered(self, now: float) -> None:
        """The target serves."""
        if self._is_down:
            self.outages[-1]["until_at"] = now
            self.outages[-1]["resolution_s"] = self._gap_s
            self._is_down = False
        self._last_good = now

    def failed(self) -> None:
        """The target does not serve."""
        if not self._is_down:
            self._is_down = True
            self.outages.append({"from_at": self._last_good, "until_at": None, "resolution_s": 0.0})
        self.outages[-1]["resolution_s"] = self._gap_s


class Question:
    """One target and the connection to it, kept open between questions where it allows that."""

    def __init__(
        self, selector: selectors.BaseSelector, address: str, port: int, path: str | None
    ) -> None:
        self._selector = selector
        self._address = (address, port)
        self._family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._request = b""
        if path is not None:
            host = f"[{address}]" if ":" in address else address
            self._request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
        self._socket: socket.socket | None = None
        self._is_connected = False
        self._is_reused = False
        self._received = b""
        self.is_open = False
        self.asked_at = -math.inf
        self.record = Record(time.time())

    def ask(self) -> None:
        """Put the question, on the open connection where there is one."""
        self.asked_at = time.monotonic()
        self.record.asked(time.time())
        self.is_open = True
        self._received = b""
        self._is_reused = self._socket is not None
        if self._is_reused:
            self._send()
        else:
            self._connect()

    def on_ready(self, events: int) -> None:
        """The connection has something to say."""
        if self._socket is None:
            return
        if not self._is_connected and events & selectors.EVENT_WRITE:
            self._on_connected()
        elif events & selectors.EVENT_READ:
            self._on_readable()

    def fail(self) -> None:
        """No answer came in time, or none that counts."""
        self.close()
        self.is_open = False
        self.record.failed()

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None
            self._is_connected = False

    def _connect(self) -> None:
        self._socket = socket.socket(self._family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(self._socket, selectors.EVENT_WRITE, self)
        if self._socket.connect_ex(self._address) not in {0, errno.EINPROGRESS}:
            self.fail()

    def _on_connected(self) -> None:
        assert self._socket is not None
        is_refused = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        # Where nobody listens, the kernel may pick the very port that is asked: we met ourselves.
        if is_refused or self._socket.getsockname()[:2] == self._address:
            self.fail()
            return
        self._is_connected = True
        if not self._request:
            self.close()
            self._answer(serves=True)
            return
        self._selector.modify(self._socket, selectors.EVENT_READ, self)
        self._send()

    def _send(self) -> None:
        assert self._socket is not None
        try:
            self._socket.send(self._request)
        except OSError:
            self._on_broken()

    def _on_readable(self) -> None:
        assert self._socket is not None
        try:
            chunk = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not self.is_open:
            self.close()
            return
        if not chunk:
            self._on_closed()
            return
        self._received += chunk
        end = answer_end(self._received)
        if end is not None:
            self._on_answer(keep=may_keep(self._received))

    def _on_closed(self) -> None:
        """A whole answer may end with the connection; anything less is none."""
        if status_of(self._received) is not None and b"\r\n\r\n" in self._received:
            self._on_answer(keep=False)
        else:
            self._on_broken()

    def _on_broken(self) -> None:
        """A kept connection may have ended between two questions: ask once more on a new one."""
        was_reused = self._is_reused and not self._received
        self.close()
        if was_reused:
            self._is_reused = False
            self._connect()
        else:
            self.fail()

    def _on_answer(self, *, keep: bool) -> None:
        status = status_of(self._received)
        if not keep:
            self.close()
        self._answer(serves=status is not None and status < _FIRST_ERROR_STATUS)

    def _answer(self, *, serves: bool) -> None:
        self.is_open = False
        if serves:
            self.record.answered(time.time())
        else:
            self.record.failed()


def status_of(answer: bytes) -> int | None:
    """The HTTP status of an answer, or nothing where it does not begin like one."""
    parts = answer.split(b" ", 2)
    is_http = answer.startswith(b"HTTP/1.") and len(parts) > 1
    return int(parts[1][:3]) if is_http and parts[1][:3].isdigit() else None


def answer_end(answer: bytes) -> int | None:
    """Where the answer is whole by its own account, or nothing where more must come."""
    head, mark, _ = answer.partition(b"\r\n\r\n")
    if not mark:
        return None
    length = _header(head, b"content-length")
    if length is None or not length.isdigit():
        return None
    end = len(head) + len(mark) + int(length)
    return end if len(answer) >= end else None


def may_keep(answer: bytes) -> bool:
    """Whether the connection may carry another question."""
    head = answer.partition(b"\r\n\r\n")[0]
    told = (_header(head, b"connection") or b"").lower()
    return told != b"close" and (answer.startswith(b"HTTP/1.1") or told == b"keep-alive")


def _header(head: bytes, name: bytes) -> bytes | None:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return None


class Loop:
    """All targets, and the asker at the other end of standard input and output."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders = orders
        self._answers = answers
        self._selector = selectors.DefaultSelector()
        self._selector.register(orders, selectors.EVENT_READ, None)
        self._targets: dict[str, Question] = {}
        self._unread = b""

    def run(self) -> None:
        """Until the input ends."""
        while self._turn():
            pass
        for one in self._targets.values():
            one.close()
        self._selector.close()

    def _turn(self) -> bool:
        now = time.monotonic()
        for one in self._targets.values():
            _ask_if_due(one, now)
        for key, events in self._selector.select(self._pause_s(time.monotonic())):
            if key.data is not None:
                key.data.on_ready(events)
            elif not self._read_orders():
                return False
        return True

    def _pause_s(self, now: float) -> float | None:
        ends = [
            one.asked_at + (ANSWER_WITHIN_S if one.is_open else EVERY_S)
            for one in self._targets.values()
        ]
        return max(0.0, min(ends) - now) if ends else None

    def _read_orders(self) -> bool:
        chunk = os.read(self._orders, 65536)
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        for line in lines:
            answer = json.dumps({"answer": self._obey(json.loads(line))})
            os.write(self._answers, answer.encode() + b"\n")
        return bool(chunk)

    def _obey(self, order: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        known = self._targets.pop(order["name"], None)
        if known is not None:
            known.close()
        if order["ask"] == "watch":
            fresh = Question(self._selector, order["address"], order["port"], order["path"])
            self._targets[order["name"]] = fresh
            return True
        return None if known is None else known.record.outages


def _ask_if_due(one: Question, now: float) -> None:
    if one.is_open:
        if now - one.asked_at >= ANSWER_WITHIN_S:
            one.fail()
    elif now - one.asked_at >= EVERY_S:
        one.ask()


if __name__ == "__main__":
    Loop(sys.stdin.fileno(), sys.stdout.fileno()).run()

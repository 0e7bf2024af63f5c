"""One connection to a D-Bus peer over a Unix socket. Every wait has an end; nothing is retried."""

import os
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insvc.adapters.dbus import CALL, ERROR, NO_REPLY, RETURN, SIGNAL, Message, decode, length_of
from insvc.adapters.dbus_writer import encode
from insvc.adapters.unix_socket import connect
from insvc.errors import WorldError

BUS = "org.freedesktop.DBus"
_BUS_PATH = "/org/freedesktop/DBus"
_KEPT_SIGNALS = 4096
_CHUNK_BYTES = 1 << 16


class CallRefused(Exception):
    """The peer answered a call with an error.

    Args:
        name: the error's name, dotted.
        text: what the peer says about it.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{text} ({name})" if text else name)
        self.name = name
        self.text = text or name


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of a method.

    Attributes:
        path, interface, member: of which object and which method.
        signature: types of the arguments.
        arguments: their values.
    """

    path: str
    interface: str
    member: str
    signature: str = ""
    arguments: tuple[Any, ...] = ()


class Link:
    """A connection that has been authenticated.

    Args:
        peer: the connected socket; the link owns it from now on.
        name: what the peer is called in errors.
        destination: the name that calls go to.
        is_bus: whether the peer is a bus that has to be asked for signals.
        timeout_s: how long an answer may take where a call says nothing else.
    """

    def __init__(
        self,
        peer: socket.socket,
        name: str,
        *,
        destination: str,
        is_bus: bool = True,
        timeout_s: float = 5.0,
    ) -> None:
        self._peer = peer
        self._name = name
        self._destination = destination
        self._is_bus = is_bus
        self._timeout_s = timeout_s
        self._serial = 0
        self._unread = bytearray()
        self._signals: deque[Message] = deque(maxlen=_KEPT_SIGNALS)

    @classmethod
    def open(
        cls, path: Path, *, destination: str, is_bus: bool = True, timeout_s: float = 5.0
    ) -> "Link":
        """Connect to the socket at that path, as the user this process is.

        Args:
            path: the socket.
            destination: the name that calls go to.
            is_bus: whether a bus listens there, or the very peer that is called.
            timeout_s: how long the greeting, and later each answer, may take.

        Raises:
            WorldError: nobody answers there in time, or the peer does not let us in.
        """
        peer = connect(path, timeout_s)
        link = cls(peer, str(path), destination=destination, is_bus=is_bus, timeout_s=timeout_s)
        try:
            end = time.monotonic() + timeout_s
            link._greet(end)
            if is_bus:
                hello = Call(path=_BUS_PATH, interface=BUS, member="Hello")
                link._send(hello, to=BUS)
                link._answer(link._serial, end)
        except CallRefused as fault:
            link.close()
            raise link._down(f"it refuses us: {fault}") from fault
        except BaseException:
            link.close()
            raise
        return link

    def call(self, call: Call, *, timeout_s: float | None = None) -> tuple[Any, ...]:
        """Call a method and wait for its answer.

        Raises:
            CallRefused: the peer answered with an error.
            WorldError: no answer in time, or the connection is lost; whether it acted is unknown.
        """
        return self.ask(call, timeout_s=timeout_s).values()

    def ask(self, call: Call, *, timeout_s: float | None = None) -> Message:
        """The same, with the answer left as it came; raises alike."""
        end = self._end(timeout_s)
        return self._answer(self._send(call), end)

    def ask_all(
        self, calls: Sequence[Call], *, timeout_s: float | None = None
    ) -> tuple[Message | CallRefused, ...]:
        """The answers to many calls that are sent at once, in their order.

        Raises:
            WorldError: not all are answered in time, or the connection is lost.
        """
        end = self._end(timeout_s)
        found: list[Message | CallRefused] = []
        for start in range(0, len(calls), 32):
            for serial in [self._send(one) for one in calls[start : start + 32]]:
                try:
                    found.append(self._answer(serial, end))
                except CallRefused as refused:
                    found.append(refused)
        return tuple(found)

    def tell(self, call: Call) -> None:
        """Call a method of which no answer is expected.

        Raises:
            WorldError: the connection is lost.
        """
        self._send(call, flags=NO_REPLY)

    def subscribe(self, rule: str) -> None:
        """Ask the bus for the signals that the rule matches; a peer that is no bus sends all.

        Raises:
            WorldError: no answer in time.
        """
        if self._is_bus:
            call = Call(
                path=_BUS_PATH,
                interface=BUS,
                member="AddMatch",
                signature="s",
                arguments=(rule,),
            )
            self._answer(self._send(call, to=BUS), self._end(None))

    def signal(self, is_wanted: Callable[[Message], bool], until: float) -> Message | None:
        """The first signal that is wanted, also one that came before this was asked.

        Args:
            is_wanted: tells whether it is the one.
            until: on the monotonic clock, when to give up.

        Returns:
            The signal, or nothing where none came in time.

        Raises:
            WorldError: the connection is lost.
        """
        while True:
            while self._signals:
                found = self._signals.popleft()
                if is_wanted(found):
                    return found
            if time.monotonic() >= until:
                return None
            try:
                self._keep(self._receive(until))
            except TimeoutError:
                return None

    def close(self) -> None:
        """Let go of it."""
        self._peer.close()

    def _end(self, timeout_s: float | None) -> float:
        return time.monotonic() + (self._timeout_s if timeout_s is None else timeout_s)

    def _greet(self, end: float) -> None:
        """Say who we are (EXTERNAL: the kernel tells the peer our user) and begin.

        Both at once: systemd takes what follows BEGIN in the same read for part of the greeting,
        and then waits for it in vain. So BEGIN must be read before the first message is sent,
        which the answer to what was sent with it proves.
        """
        user = str(os.geteuid()).encode().hex().encode()
        self._write(b"\0AUTH EXTERNAL " + user + b"\r\nBEGIN\r\n")
        while b"\r\n" not in self._unread:
            if len(self._unread) > _CHUNK_BYTES:
                raise self._down("it does not greet as a D-Bus peer does")
            try:
                self._fill(end)
            except TimeoutError as fault:
                raise self._down("it accepted the connection and does not answer") from fault
        line, _, rest = bytes(self._unread).partition(b"\r\n")
        if not line.startswith(b"OK"):
            raise self._down(f"it does not let us in: {line[:80]!r}")
        self._unread = bytearray(rest)

    def _send(self, call: Call, *, to: str | None = None, flags: int = 0) -> int:
        self._serial += 1
        message = Message(
            kind=CALL,
            serial=self._serial,
            path=call.path,
            interface=call.interface,
            member=call.member,
            destination=self._destination if to is None else to,
            signature=call.signature,
            flags=flags,
        )
        self._write(encode(message, call.arguments))
        return self._serial

    def _answer(self, serial: int, end: float) -> Message:
        while True:
            try:
                message = self._receive(end)
            except TimeoutError as fault:
                raise self._down("it does not answer in time") from fault
            if message.reply_to == serial and message.kind == RETURN:
                return message
            if message.reply_to == serial and message.kind == ERROR:
                text = next((one for one in message.values() if isinstance(one, str)), "")
                raise CallRefused(message.error, text)
            self._keep(message)

    def _keep(self, message: Message) -> None:
        if message.kind == SIGNAL:
            self._signals.append(message)

    def _receive(self, end: float) -> Message:
        """The next message.

        Raises:
            TimeoutError: none came in time.
            WorldError: the connection is lost.
        """
        while True:
            length = length_of(self._unread)
            if length and len(self._unread) >= length:
                raw = bytes(self._unread[:length])
                del self._unread[:length]
                return decode(raw)
            self._fill(end)

    def _fill(self, end: float) -> None:
        left_s = end - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._peer.settimeout(left_s)
        try:
            chunk = self._peer.recv(_CHUNK_BYTES)
        except TimeoutError:
            raise
        except OSError as fault:
            raise self._down(f"the connection is lost: {fault.strerror or fault}") from fault
        if not chunk:
            raise self._down("it closed the connection")
        self._unread += chunk

    def _write(self, raw: bytes) -> None:
        self._peer.settimeout(self._timeout_s)
        try:
            self._peer.sendall(raw)
        except TimeoutError as fault:
            raise self._down("it does not read what it is sent") from fault
        except OSError as fault:
            raise self._down(f"the connection is lost: {fault.strerror or fault}") from fault

    def _down(self, reason: str) -> WorldError:
        return WorldError(self._name, reason, next_act="look at its service: systemctl status dbus")

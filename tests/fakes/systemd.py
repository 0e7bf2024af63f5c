"""A systemd that runs nothing: a real socket, the real wire format, units in memory."""
# ruff: noqa: ARG002 - every method is called with the same arguments

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from insvc.adapters.dbus import CALL, ERROR, RETURN, SIGNAL, Message, decode, length_of
from insvc.adapters.dbus_writer import encode
from insvc.adapters.systemd_bus import BUS_SOCKET, NAME, PRIVATE_SOCKET, path_of

MANAGER = f"{NAME}.Manager"
_TYPES: dict[str, str] = {
    "MainPID": "u",
    "NRestarts": "u",
    "InvocationID": "ay",
    "Job": "(uo)",
    "StartLimitBurst": "u",
    "ExecMainCode": "i",
    "ExecMainStatus": "i",
    "ExecStart": "a(sasb)",
    "ExecReload": "a(sasb)",
    "Pair": "(st)",
}
_JOBS = frozenset({"RestartUnit", "ReloadUnit", "StartUnit", "StopUnit"})
_BY_VALUE: dict[type, str] = {bool: "b", str: "s", int: "t", list: "as"}


class Refuse(Exception):
    """Answer a call with this error name."""


class Hang(Exception):
    """Do not answer a call."""


class Drop(Exception):
    """Close the connection instead of an answer."""


class FakeSystemd:
    """systemd behind its bus and its own socket, below a folder.

    Args:
        root: the folder that plays the host's root.
        has_bus: whether the bus listens.
        is_direct: whether systemd listens itself.

    Attributes:
        units: properties by unit name; what is absent is not told.
        calls: every call of a method of the manager, with its arguments.
        greetings: what each peer greeted with.
        on: what is done instead of, or before, a method by that name; returning `None` goes on.
        result: how the next jobs end; without one they never do.
        pids: processes by unit beside the main one.
    """

    def __init__(self, root: Path, *, has_bus: bool = True, is_direct: bool = False) -> None:
        self.units: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.on: dict[str, Callable[..., Any]] = {}
        self.greetings: list[bytes] = []
        self.result: str | None = "done"
        self.pids: dict[str, list[int]] = {}
        self.loaded_at = 1_000_000
        self.name = ":1.7"
        self._jobs = 0
        self._next_pid = 1000
        self._now_us = 50_000_000
        self._servers: list[socket.socket] = []
        self._peers: list[socket.socket] = []
        self._greeted: list[socket.socket] = []
        (root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
        for path, is_open in ((BUS_SOCKET, has_bus), (PRIVATE_SOCKET, is_direct)):
            if is_open:
                self._listen(root / path, is_bus=path == BUS_SOCKET)

    def add(self, name: str, **properties: Any) -> None:
        """Add a unit; a running service where nothing else is said."""
        self._next_pid += 1
        self.units[name] = {
            "Id": name,
            "LoadState": "loaded",
            "ActiveState": "active",
            "SubState": "running",
            "Type": "simple",
            "MainPID": self._next_pid,
            "InvocationID": self._next_pid.to_bytes(16, "big"),
            "ControlGroup": f"/system.slice/{name}",
            "ActiveEnterTimestampMonotonic": self._now_us,
            "InactiveExitTimestampMonotonic": self._now_us,
            "TimeoutStopUSec": 90_000_000,
            "Job": (0, "/"),
            **properties,
        }

    def close(self) -> None:
        """Stop listening and drop every connection."""
        for one in (*self._servers, *self._peers):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def end_job(self, name: str, result: str) -> None:
        """Tell every connection that is let in of the end of the last job."""
        body = (self._jobs, f"/job/{self._jobs}", name, result)
        for peer in self._greeted:
            signal = Message(
                kind=SIGNAL,
                serial=9999,
                path="/org/freedesktop/systemd1",
                interface=MANAGER,
                member="JobRemoved",
                signature="uoss",
            )
            with contextlib.suppress(OSError):
                peer.sendall(encode(signal, body))

    def start_again(self, name: str, **changes: Any) -> None:
        """What a restart does to a unit: another process, another invocation, later stamps."""
        self._next_pid += 1
        self._now_us += 1_000_000
        stamps = ("ActiveExit", "InactiveExit", "ActiveEnter")
        self.units[name] |= {
            "MainPID": self._next_pid,
            "InvocationID": self._next_pid.to_bytes(16, "big"),
            "ExecMainStartTimestampMonotonic": self._now_us,
            "ActiveState": "active",
            **{f"{one}TimestampMonotonic": self._now_us for one in stamps},
            **changes,
        }

    def _listen(self, path: Path, *, is_bus: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        server.bind(f"/proc/self/fd/{folder}/{path.name}")  # its path may be too long for a socket
        os.close(folder)
        server.listen(8)
        self._servers.append(server)
        threading.Thread(target=self._accept, args=(server, is_bus), daemon=True).start()

    def _accept(self, server: socket.socket, is_bus: bool) -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            self._peers.append(peer)
            threading.Thread(target=self._serve, args=(peer, is_bus), daemon=True).start()

    def _serve(self, peer: socket.socket, is_bus: bool) -> None:
        with contextlib.suppress(OSError, Drop):
            self._greet(peer)
            self._greeted.append(peer)
            unread = bytearray()
            while chunk := peer.recv(65536):
                unread += chunk
                while (size := length_of(unread)) and len(unread) >= size:
                    message = decode(bytes(unread[:size]))
                    del unread[:size]
                    self._answer(peer, message, self.name if is_bus else NAME)
        with contextlib.suppress(OSError):
            peer.shutdown(socket.SHUT_RDWR)

    def _greet(self, peer: socket.socket) -> None:
        """Read the greeting as systemd does: what comes with its end is taken for part of it."""
        greeting = b""
        while b"\r\n" not in greeting:
            chunk = peer.recv(256)
            if not chunk:
                raise Drop
            greeting += chunk
        self.greetings.append(greeting)
        peer.sendall(self.on.get("AUTH", lambda: b"OK 1234\r\n")())

    def _answer(self, peer: socket.socket, message: Message, sender: str) -> None:
        if message.kind != CALL:
            return
        arguments = message.values()
        if message.interface == MANAGER:
            self.calls.append((message.member, *arguments))
        try:
            signature, values = self._act(message, arguments)
            reply = Message(kind=RETURN, signature=signature)
        except Refuse as refused:
            reply, values = Message(kind=ERROR, error=str(refused), signature="s"), ("no",)
        except Hang:
            return
        reply.serial, reply.reply_to, reply.sender = 1, message.serial, sender
        if not message.flags:
            peer.sendall(encode(reply, values))
        if message.member in _JOBS and self.result is not None:
            self.end_job(arguments[0], self.result)

    def _act(self, message: Message, arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        own = self.on.get(message.member)
        given = own(*arguments) if own else None
        if given is not None:
            signature, *values = given
            return signature, tuple(values)
        act = getattr(self, f"_{message.member.lower()}", None)
        if act is None:
            return "", ()
        found: tuple[str, tuple[Any, ...]] = act(message.path, *arguments)
        return found

    def _hello(self, path: str) -> tuple[str, tuple[Any, ...]]:
        return "s", (":1.42",)

    def _getall(self, path: str, kind: str) -> tuple[str, tuple[Any, ...]]:
        for name, properties in self.units.items():
            if path_of(name) == path:
                return "a{sv}", (_variants(properties),)
        return "a{sv}", ({"Id": ("s", "x"), "LoadState": ("s", "not-found")},)

    def _get(self, path: str, kind: str, wanted: str) -> tuple[str, tuple[Any, ...]]:
        if wanted == "UnitsLoadTimestampMonotonic":
            return "v", (("t", self.loaded_at),)
        if wanted == "State":
            return "v", (("s", "waiting" if self.result is None else "running"),)
        for name, properties in self.units.items():
            if path_of(name) == path and wanted in properties:
                return "v", (("t", properties[wanted]),)
        raise Refuse("org.freedesktop.DBus.Error.UnknownProperty")

    def _listunits(self, path: str) -> tuple[str, tuple[Any, ...]]:
        return self._listed(self.units)

    def _listunitsbynames(self, path: str, names: list[str]) -> tuple[str, tuple[Any, ...]]:
        return self._listed(names)

    def _listed(self, names: Iterable[str]) -> tuple[str, tuple[Any, ...]]:
        rows = []
        for name in names:
            one = self.units.get(name, {"LoadState": "not-found", "ActiveState": "inactive"})
            states = (one["LoadState"], one["ActiveState"], one.get("SubState", "dead"))
            rows.append((name, "", *states, "", path_of(name), 0, "", "/"))
        return "a(ssssssouso)", (rows,)

    def _restartunit(self, path: str, name: str, mode: str) -> tuple[str, tuple[Any, ...]]:
        self._jobs += 1
        if self.result == "done":
            self.start_again(name)
        return "o", (f"/job/{self._jobs}",)

    def _startunit(self, path: str, name: str, mode: str) -> tuple[str, tuple[Any, ...]]:
        if name not in self.units:
            raise Refuse("org.freedesktop.systemd1.NoSuchUnit")
        return self._restartunit(path, name, mode)

    def _stopunit(self, path: str, name: str, mode: str) -> tuple[str, tuple[Any, ...]]:
        self._jobs += 1
        self.units[name] |= {"ActiveState": "inactive", "SubState": "dead", "MainPID": 0}
        return "o", (f"/job/{self._jobs}",)

    def _reloadunit(self, path: str, name: str, mode: str) -> tuple[str, tuple[Any, ...]]:
        self._jobs += 1
        return "o", (f"/job/{self._jobs}",)

    def _getunitprocesses(self, path: str, name: str) -> tuple[str, tuple[Any, ...]]:
        pids = [self.units[name]["MainPID"], *self.pids.get(name, [])]
        return "a(sus)", ([("/", pid, "") for pid in pids],)


def _variants(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (_TYPES.get(name) or _BY_VALUE[type(value)], value)
        for name, value in properties.items()
    }

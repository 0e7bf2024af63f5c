"""Hears the commands of old clients to pmon, and does what they ask as for any other client."""

import socket
import sys
import threading
from collections.abc import Callable
from ipaddress import ip_address

from insvc.agent.active_check import LOOPBACK
from insvc.agent.loop import Loop
from insvc.errors import InsvcError
from insvc.model.restart import Restarted
from insvc.supervise.pmon_command import LONGEST_BYTES, PmonCommand, read_command


class PmonCommands:
    """The command socket of one host's pmon.

    Nobody is answered; what came of a command is told on standard error. While a command for a
    process is carried out, further ones for that process are left out, as the original does.

    Args:
        address: of the host; the socket is there if that is a loopback address, else on the usual
            one.
        port: of UDP.
        loop: what serves its events.
        act: carries a command out, in a thread of its own.
    """

    def __init__(
        self, address: str, port: int, loop: Loop, act: Callable[[PmonCommand], Restarted]
    ) -> None:
        self._where = (address if ip_address(address).is_loopback else LOOPBACK, port)
        self._loop = loop
        self._act = act
        self._busy: set[str] = set()
        self._socket: socket.socket | None = None

    @property
    def port(self) -> int:
        """The port it hears on; 0 while it does not."""
        return 0 if self._socket is None else int(self._socket.getsockname()[1])

    def begin(self) -> None:
        """Hear from now on; where somebody else has the port, that is told."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            made.bind(self._where)
        except OSError as fault:
            made.close()
            where = ":".join(map(str, self._where))
            sys.stderr.write(f"commands to pmon are not heard at {where}: {fault.strerror}\n")
            return
        self._socket = made
        self._loop.watch(made.fileno(), self._hear)

    def close(self) -> None:
        """Hear no more."""
        if self._socket is not None:
            self._loop.unwatch(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _hear(self) -> None:
        while self._socket is not None:
            try:
                text = self._socket.recv(LONGEST_BYTES)
            except OSError:
                return
            try:
                command = read_command(text)
            except ValueError as fault:
                sys.stderr.write(f"a command to pmon is none: {fault}\n")
                continue
            self._begin(command)

    def _begin(self, command: PmonCommand) -> None:
        if command.process in self._busy:
            sys.stderr.write(f"{command.process}: {command.verb} left out: another is under way\n")
            return
        self._busy.add(command.process)

        def work() -> None:
            try:
                said = self._act(command).said
            except InsvcError as fault:
                said = str(fault)
            sys.stderr.write(f"{command.process}: {command.verb}: {said}\n")
            self._loop.post(lambda: self._busy.discard(command.process))

        threading.Thread(target=work, daemon=True).start()

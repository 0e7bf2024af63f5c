"""Asks processes in pmon's active mode, and hears their answers on one socket for all."""

import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import NamedTuple

from insvc.agent.loop import Loop
from insvc.model.observation import ProcessIdentity
from insvc.supervise.active_check import (
    LONGEST_BYTES,
    Heard,
    has_recovered,
    heard,
    is_owed,
    question,
    read_answer,
    unheard,
)
from insvc.supervise.definition import ActiveCheck
from insvc.supervise.unit import Event, Unit

_LARGEST_NUMBER = 0x7FFFFFFF
LOOPBACK = "127.0.0.1"


class _Asked(NamedTuple):
    """A question without an answer so far."""

    number: int
    main: ProcessIdentity
    check: ActiveCheck
    started_at: float
    until: float


class ActiveChecks:
    """The questions of one host's pmon. It belongs to the loop's thread.

    The socket is taken at the first question. Where its port is taken, nobody is asked and nobody
    judged: processes answer to that port alone, so none of their answers would be heard.

    Args:
        address: of the host; its processes are asked there if that is a loopback address, else on
            the usual one.
        loop: what serves its events.
        feed: lets an event happen to a service.
        main_of: the main process of a service now.
        clock: the manager's clock, by which units remember their start.
    """

    def __init__(
        self,
        address: str,
        loop: Loop,
        feed: Callable[[str, Event], object],
        main_of: Callable[[str], ProcessIdentity | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address if ip_address(address).is_loopback else LOOPBACK
        self._loop = loop
        self._feed = feed
        self._main_of = main_of
        self._clock = clock
        self._socket: socket.socket | None = None
        self._number = int(clock() * 1000) % _LARGEST_NUMBER
        self._asked: dict[str, _Asked] = {}
        self._heard: dict[str, tuple[ProcessIdentity, Heard]] = {}
        self._told = ""
        self.port = 0

    def ask(self, unit: Unit) -> None:
        """Ask its process whether it works; what follows comes as an event, or not at all."""
        check, main, now = unit.definition.active_check, unit.main, self._clock()
        name = unit.definition.name
        if check is None or main is None or not self._has_socket():
            return
        owed = self._asked.pop(name, None)
        if owed is not None:
            self._miss(name, owed, now)
        self._number = self._number % _LARGEST_NUMBER + 1
        self._asked[name] = _Asked(
            self._number, main, check, unit.started_at or now, now + check.timeout_s
        )
        if self._heard.get(name, (None,))[0] != main:
            self._heard[name] = (main, Heard())
        if self._socket is not None:
            with suppress(OSError):
                text = question(name, self._number)
                self._socket.sendto(text, (self._address, check.port))

    def close(self) -> None:
        """Ask nobody any more, and give the port back."""
        self._asked.clear()
        if self._socket is not None:
            self._loop.unwatch(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def wait_s(self) -> float | None:
        """Seconds until an answer is late."""
        return (
            min(one.until for one in self._asked.values()) - self._clock() if self._asked else None
        )

    def tick(self) -> None:
        """Tell of the answers that are late."""
        now = self._clock()
        for name, asked in tuple(self._asked.items()):
            if asked.until <= now:
                del self._asked[name]
                self._miss(name, asked, now)

    def _miss(self, name: str, asked: _Asked, now: float) -> None:
        who, before = self._heard[name]
        if who == asked.main and is_owed(before, now - asked.started_at):
            self._heard[name] = (asked.main, unheard(before))
            self._tell(name, asked.main, Event.SILENT)

    def _hear(self) -> None:
        """Take all answers; one that is late, of another question or in another's name is none."""
        while self._socket is not None:
            try:
                answer = read_answer(self._socket.recv(LONGEST_BYTES))
            except OSError:
                return
            if answer is None:
                continue
            name, number = answer
            asked = self._asked.get(name)
            if asked is not None and asked.number == number and self._clock() < asked.until:
                del self._asked[name]
                self._take(name, asked)

    def _take(self, name: str, asked: _Asked) -> None:
        after = heard(self._heard[name][1])
        self._heard[name] = (asked.main, after)
        self._tell(name, asked.main, Event.ALIVE)
        if has_recovered(after, asked.check.period_s):
            self._tell(name, asked.main, Event.SETTLED)

    def _tell(self, name: str, main: ProcessIdentity, event: Event) -> None:
        """Soon, and only of the process that was asked: another may have taken its place."""

        def tell() -> None:
            if self._main_of(name) == main:
                self._feed(name, event)

        self._loop.post(tell)

    def _has_socket(self) -> bool:
        if self._socket is not None:
            return True
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            made.bind((self._address, self.port))
        except OSError as fault:
            made.close()
            said = f"{self._address}:{self.port} cannot be had: {fault.strerror}; nobody is asked\n"
            if said != self._told:
                sys.stderr.write(said)
            self._told = said
            return False
        self._socket = made
        self._loop.watch(made.fileno(), self._hear)
        return True

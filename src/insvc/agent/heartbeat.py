"""Tells the other controller five times a second how this one stands, and hears the other."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from insvc.adapters.heartbeat import Beat, seal, unseal
from insvc.agent.loop import Loop
from insvc.errors import WorldError
from insvc.supervise.pair import PairDefinition
from insvc.supervise.swact import NodeState

_LARGEST_BYTES = 65_536


class Voice(NamedTuple):
    """By what a controller's heartbeats are known: the shared key, and its present life."""

    key: bytes
    life: int


class Heartbeat:
    """The heartbeats between two controllers. All of it belongs to the loop's thread.

    Args:
        loop: what serves it.
        definition: of the pair.
        address: where this one hears.
        voice: what seals the datagrams.
        state: how this one stands now.
        on_beat: called when the other was heard, with whether it has changed in what decides who
            serves.
        clock: seconds.

    Attributes:
        last: what was heard last; absent where nothing was yet.

    Raises:
        WorldError: the address and port cannot be had.
    """

    def __init__(
        self,
        loop: Loop,
        definition: PairDefinition,
        address: str,
        voice: Voice,
        state: Callable[[], NodeState],
        on_beat: Callable[[bool], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.last: Beat | None = None
        self._loop = loop
        self._definition = definition
        self._voice = voice
        self._sequence = 0
        self._state = state
        self._on_beat = on_beat
        self._clock = clock
        self._heard_at = clock()
        self._due = clock()
        self._socket = _bind(address, definition.port)
        loop.watch(self._socket.fileno(), self._hear)
        loop.add_timed(self)

    @property
    def peer(self) -> NodeState | None:
        """How the other stood when it was heard last."""
        return None if self.last is None else self.last.state

    @property
    def heard_s(self) -> float | None:
        """How long ago that was; absent where it was never heard."""
        return None if self.last is None else self._clock() - self._heard_at

    @property
    def silent_s(self) -> float:
        """How long nothing was heard: since the last time, or since this one listens."""
        return self._clock() - self._heard_at

    @property
    def is_heard(self) -> bool:
        """Whether it was heard so lately that it counts as there."""
        return self.last is not None and self.silent_s < self._definition.dead_s

    def wait_s(self) -> float | None:
        """Seconds until the next one is due."""
        return self._due - self._clock()

    def tick(self) -> None:
        """Send one, if it is due."""
        if self._clock() >= self._due:
            self.send()

    def send(self) -> None:
        """Send one now; what cannot be sent is lost, as any datagram may be."""
        self._due = self._clock() + self._definition.hello_s
        self._sequence += 1
        beat = Beat(life=self._voice.life, sequence=self._sequence, state=self._state())
        place = (self._definition.peer_address, self._definition.port)
        with suppress(OSError):
            self._socket.sendto(seal(beat, self._voice.key), place)

    def close(self) -> None:
        """Neither send nor hear any more."""
        self._loop.unwatch(self._socket.fileno())
        self._due = float("inf")
        self._socket.close()

    def _hear(self) -> None:
        with suppress(OSError):
            while True:
                self._take(self._socket.recv(_LARGEST_BYTES))

    def _take(self, datagram: bytes) -> None:
        """Believe it if it is sealed, of the peer, and newer than the last; else drop it."""
        beat = unseal(datagram, self._voice.key)
        if beat is None or beat.state.host != self._definition.peer:
            return
        if not beat.is_after(self.last):
            return
        before, self.last, self._heard_at = self.last, beat, self._clock()
        self._on_beat(before is None or _decisive(before.state) != _decisive(beat.state))


def _decisive(state: NodeState) -> tuple[object, ...]:
    return (state.role, state.locked, state.is_ready, state.epoch, state.holds)


def _bind(address: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.setblocking(False)
    try:
        found.bind((address, port))
    except OSError as fault:
        found.close()
        raise WorldError(
            f"{address}:{port}",
            f"cannot hear heartbeats there: {fault.strerror}",
            next_act="end what uses that port, or set another in host.json on both controllers",
        ) from fault
    return found

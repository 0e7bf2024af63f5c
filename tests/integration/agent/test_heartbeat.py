"""Heartbeats over real datagrams between two loops."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from insvc.adapters.heartbeat import KEY_BYTES, Beat, seal
from insvc.agent.heartbeat import Heartbeat, Voice
from insvc.agent.loop import Loop
from insvc.errors import WorldError
from insvc.model.words import Role
from insvc.supervise.pair import PairDefinition
from insvc.supervise.swact import NodeState
from tests.fakes.host_folder import looping, until

pytestmark = pytest.mark.integration
KEY = b"k" * KEY_BYTES
ADDRESSES = {"c0": "127.66.0.1", "c1": "127.66.0.2"}
PORT = 18_222


class Side:
    """One controller: its state may be changed, and its news are counted."""

    def __init__(self, name: str, peer: str, key: bytes = KEY, life: int = 1) -> None:
        self.state = NodeState(host=name, role=Role.STANDBY)
        self.news = 0
        self.loop = Loop()
        definition = PairDefinition(peer=peer, peer_address=ADDRESSES[peer], port=PORT)
        self.beat = Heartbeat(
            self.loop, definition, ADDRESSES[name], Voice(key, life), lambda: self.state, self.hear
        )

    def hear(self, has_changed: bool) -> None:
        self.news += has_changed

    def stop(self) -> None:
        self.loop.call(self.beat.close)


@contextmanager
def speaking(*sides: Side) -> Iterator[None]:
    with ExitStack() as stack:
        for one in sides:
            stack.enter_context(looping(one.loop))
            stack.callback(one.stop)
        yield


def test_each_hears_how_the_other_stands() -> None:
    c0, c1 = Side("c0", "c1"), Side("c1", "c0")
    assert (c0.beat.peer, c0.beat.heard_s, c0.beat.is_heard) == (None, None, False)
    with speaking(c0, c1):
        until(lambda: c0.beat.is_heard and c1.beat.is_heard)
        assert c0.beat.peer == c1.state
        assert c0.beat.heard_s is not None
        c1.state = replace(c1.state, role=Role.ACTIVE, epoch=4)
        until(lambda: c0.beat.peer == c1.state)


def test_only_what_decides_who_serves_is_news() -> None:
    c0, c1 = Side("c0", "c1"), Side("c1", "c0")
    with speaking(c0, c1):
        until(lambda: c0.beat.is_heard)
        first = c0.news
        c1.state = replace(c1.state, in_transition=("x",))
        until(lambda: c0.beat.peer == c1.state)
        assert c0.news == first == 1
        c1.state = replace(c1.state, locked=True)
        until(lambda: c0.news == 2)


def test_silence_is_noticed_and_ends_with_the_next_life() -> None:
    c0, c1 = Side("c0", "c1"), Side("c1", "c0")
    with speaking(c0):
        with speaking(c1):
            until(lambda: c0.beat.is_heard)
        until(lambda: not c0.beat.is_heard)
        assert c0.beat.silent_s >= 0.8
        assert c0.beat.peer == c1.state
        with speaking(Side("c1", "c0", life=2)):
            until(lambda: c0.beat.is_heard)


def test_what_is_not_sealed_not_the_peer_s_or_played_back_is_not_heard() -> None:
    c0 = Side("c0", "c1")
    peer = NodeState(host="c1", role=Role.ACTIVE)
    latest = Beat(life=3, sequence=9, state=peer)
    dropped = [
        b"",
        b"nonsense",
        seal(replace(latest, sequence=99), b"wrong" * 20),
        seal(replace(latest, sequence=99, state=replace(peer, host="c0")), KEY),
        seal(replace(latest, sequence=8, state=replace(peer, locked=True)), KEY),
        seal(replace(latest, life=2, sequence=99, state=replace(peer, locked=True)), KEY),
    ]
    with speaking(c0), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        place = (ADDRESSES["c0"], PORT)
        sender.sendto(seal(latest, KEY), place)
        until(lambda: c0.beat.last == latest)
        for datagram in dropped:
            sender.sendto(datagram, place)
        last = replace(latest, sequence=10)
        sender.sendto(seal(last, KEY), place)
        until(lambda: c0.beat.last == last)
        assert c0.news == 1


def test_a_place_that_is_taken_is_told() -> None:
    c0 = Side("c0", "c1")
    with speaking(c0), pytest.raises(WorldError, match="cannot hear heartbeats there"):
        Side("c0", "c1")


def test_what_cannot_be_sent_is_lost_and_nothing_else() -> None:
    c0 = Side("c0", "c1")
    definition = PairDefinition(peer="c1", peer_address="no address at all", port=PORT + 1)
    lonely = Heartbeat(
        c0.loop, definition, ADDRESSES["c0"], Voice(KEY, 1), lambda: c0.state, c0.hear
    )
    with speaking(c0):
        c0.loop.call(lonely.send)
        c0.loop.call(lonely.close)

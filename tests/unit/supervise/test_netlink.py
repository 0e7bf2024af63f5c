"""Messages of the kernel about interfaces, addresses and queues, from their bytes."""

import socket
import struct

import pytest

from insvc.supervise.netlink import Kind, Link, Message, address, link, messages, question, queue

LINK_HEAD = struct.Struct("=BxHiII")


def attribute(number: int, value: bytes) -> bytes:
    """One attribute, padded."""
    length = 4 + len(value)
    return struct.pack("=HH", length, number) + value + bytes(-length % 4)


def framed(kind: int, body: bytes) -> bytes:
    """A whole message, padded."""
    raw = struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body
    return raw + bytes(-len(raw) % 4)


def a_link(flags: int, *, kind: int = Kind.NEW_LINK, name: bytes = b"eth0\0") -> Message:
    """The message about an interface."""
    return Message(kind=kind, body=LINK_HEAD.pack(0, 1, 7, flags, 0) + attribute(3, name))


@pytest.mark.parametrize(
    ("flags", "kind", "state"),
    [
        (0x10001, Kind.NEW_LINK, "up, carrier"),
        (0x1, Kind.NEW_LINK, "up, no carrier"),
        (0x0, Kind.NEW_LINK, "down, no carrier"),
        (0x10001, Kind.DEL_LINK, "gone"),
    ],
)
def test_an_interface_tells_its_state(flags: int, kind: int, state: str) -> None:
    one = link(a_link(flags, kind=kind))
    assert one is not None
    assert (one.index, one.name, one.state) == (7, "eth0", state)


def test_an_interface_without_a_name_goes_by_its_number() -> None:
    found = link(a_link(0, name=b""))
    assert found == Link(index=7, name="7", is_up=False, carries=False)


@pytest.mark.parametrize(
    ("raw", "prefix", "text"),
    [
        (socket.inet_pton(socket.AF_INET, "10.0.0.1"), 24, "10.0.0.1/24"),
        (socket.inet_pton(socket.AF_INET6, "fe80::1"), 64, "fe80::1/64"),
    ],
)
def test_an_address_tells_itself_and_its_interface(raw: bytes, prefix: int, text: str) -> None:
    body = struct.pack("=BBBBi", 2, prefix, 0, 0, 7) + attribute(1, raw)
    for kind, is_gone in ((Kind.NEW_ADDRESS, False), (Kind.DEL_ADDRESS, True)):
        one = address(Message(kind=kind, body=body))
        assert one is not None
        assert (one.text, one.index, one.is_gone) == (text, 7, is_gone)


def test_our_own_end_counts_of_two_points() -> None:
    ours, far = (socket.inet_aton(one) for one in ("10.0.0.1", "10.0.0.2"))
    body = struct.pack("=BBBBi", 2, 32, 0, 0, 7) + attribute(1, far) + attribute(2, ours)
    one = address(Message(kind=Kind.NEW_ADDRESS, body=body))
    assert one is not None
    assert one.text == "10.0.0.1/32"


def test_a_queue_tells_what_it_counted() -> None:
    basic = attribute(1, struct.pack("=QIxxxx", 5000, 40))
    counted = attribute(3, struct.pack("=IIIII", 1, 2, 3, 4, 5))
    body = struct.pack("=BxxxiIII", 0, 7, 0x10000, 0xFFFFFFFF, 0)
    body += attribute(1, b"pfifo\0") + attribute(7, basic + counted)
    one = queue(Message(kind=Kind.NEW_QUEUE, body=body))
    assert one is not None
    assert one.name == "pfifo 1: below ffff:ffff"
    assert one.counts == {
        "sent_bytes": 5000,
        "sent_packets": 40,
        "drops": 3,
        "requeues": 4,
        "overlimits": 5,
    }
    bare = queue(Message(kind=Kind.NEW_QUEUE, body=body[:20]))
    assert bare is not None
    assert bare.counts == {}


@pytest.mark.parametrize("read", [link, address, queue])
def test_what_is_of_another_kind_or_cut_short_is_nothing(read: object) -> None:
    assert callable(read)
    for kind in (Kind.DONE, Kind.NEW_LINK, Kind.NEW_ADDRESS, Kind.NEW_QUEUE):
        assert read(Message(kind=kind, body=b"\0\0\0")) is None


def test_an_address_that_is_none_is_nothing() -> None:
    body = struct.pack("=BBBBi", 2, 24, 0, 0, 7) + attribute(1, b"\1\2\3")
    assert address(Message(kind=Kind.NEW_ADDRESS, body=body)) is None


def test_a_datagram_holds_several_messages_and_may_be_cut() -> None:
    whole = framed(16, b"abcde") + framed(17, b"")
    assert list(messages(whole)) == [Message(kind=16, body=b"abcde"), Message(kind=17, body=b"")]
    assert [one.kind for one in messages(whole[:30])] == [16]
    assert list(messages(struct.pack("=IHHII", 4, 16, 0, 0, 0))) == []


def test_attributes_that_are_cut_short_end_them() -> None:
    for broken in (struct.pack("=HH", 90, 3), struct.pack("=HH", 2, 3)):
        body = LINK_HEAD.pack(0, 1, 7, 0, 0) + broken
        one = link(Message(kind=Kind.NEW_LINK, body=body))
        assert one is not None
        assert one.name == "7"


def test_a_question_asks_for_all_of_a_kind() -> None:
    asked = question(Kind.GET_LINK, 5)
    assert struct.unpack_from("=IHHII", asked) == (len(asked), 18, 0x301, 5, 0)
    assert len(question(Kind.GET_QUEUE, 1)) == 36

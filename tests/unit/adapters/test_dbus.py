"""The D-Bus wire format, read."""

import pytest

from insvc.adapters.dbus import (
    CALL,
    LONGEST_BYTES,
    RETURN,
    Message,
    Reader,
    decode,
    length_of,
    types,
)
from insvc.adapters.dbus_writer import Writer, encode
from insvc.errors import WorldError

HELLO = (
    b"l\x01\x00\x01\x00\x00\x00\x00\x01\x00\x00\x00m\x00\x00\x00\x01\x01o\x00\x15\x00\x00\x00"
    b"/org/freedesktop/DBus\x00\x00\x00\x02\x01s\x00\x14\x00\x00\x00org.freedesktop.DBus"
    b"\x00\x00\x00\x00\x03\x01s\x00\x05\x00\x00\x00Hello\x00\x00\x00\x06\x01s\x00\x14\x00\x00\x00"
    b"org.freedesktop.DBus\x00\x00\x00\x00"
)
"""The first call on every connection to a bus, as an independent program wrote it."""


def written(kind: str, value: object) -> bytes:
    writer = Writer()
    writer.put(kind, value)
    return bytes(writer.raw)


def test_a_recorded_message_is_read() -> None:
    message = decode(HELLO)
    assert (message.kind, message.serial, message.member) == (CALL, 1, "Hello")
    assert (message.path, message.interface) == ("/org/freedesktop/DBus", "org.freedesktop.DBus")
    assert message.values() == ()


def test_a_signature_is_cut_into_its_types() -> None:
    assert types("sa{sv}a(ssou)v") == ("s", "a{sv}", "a(ssou)", "v")


@pytest.mark.parametrize(
    "broken", ["a", "(s", "{s}", "()", "z", "(s}", "{vs}", "{sss}", "a{s", ")"]
)
def test_what_is_no_signature_is_told_so(broken: str) -> None:
    with pytest.raises(WorldError):
        types(broken)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("y", 255),
        ("b", True),
        ("n", -2),
        ("q", 65535),
        ("i", -70000),
        ("u", 70000),
        ("x", -(2**40)),
        ("t", 2**64 - 1),
        ("d", 1.5),
        ("s", "für"),
        ("o", "/a/b"),
        ("g", "a{sv}"),
        ("as", ["a", "bc", ""]),
        ("ax", []),
        ("(sau)", ("a", [1, 2])),
        ("a{su}", {"a": 1, "b": 2}),
        ("a(yt)", [(1, 2), (3, 4)]),
    ],
)
def test_what_was_written_is_read_again(kind: str, value: object) -> None:
    reader = Reader(written(kind, value))
    assert reader.value(kind) == value


def test_a_variant_is_its_value() -> None:
    assert Reader(written("v", ("as", ["a"]))).value("v") == ["a"]


def test_the_other_byte_order_is_read_too() -> None:
    assert Reader(b"\0\0\0\x07", ">").value("u") == 7


def test_only_what_is_wanted_is_picked() -> None:
    properties = {
        "Wanted": ("s", "x"),
        "Array": ("a(st)", [("a", 1)]),
        "Pair": ("(sv)", ("a", ("u", 1))),
        "Flag": ("b", True),
        "Nested": ("v", ("u", 7)),
        "Last": ("u", 9),
    }
    reader = Reader(written("a{sv}", properties))
    assert reader.pick({"Wanted", "Last", "Absent"}) == {"Wanted": "x", "Last": 9}


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("u", b"\0\0"),
        ("s", b"\x09\0\0\0abc"),
        ("au", b"\xff\0\0\0\1\0\0\0"),
        ("au", b"\x05\0\0\0\1\0\0\0\1\0\0\0"),
        ("v", b"\2ss\0" + b"\0" * 8),
        ("v", b"\0\0"),
    ],
)
def test_what_does_not_fit_its_type_is_told_so(kind: str, raw: bytes) -> None:
    with pytest.raises(WorldError):
        Reader(raw).value(kind)


def test_endless_nesting_ends() -> None:
    nested = b"\1v\0" * 5000
    with pytest.raises(WorldError, match="deeper"):
        Reader(nested).value("v")
    entry = written("u", 6 + len(nested)) + b"\0" * 4 + b"\1\0\0\0x\0" + nested
    with pytest.raises(WorldError, match="deeper"):
        Reader(entry).pick(())


def test_a_message_tells_its_length_once_its_opening_is_there() -> None:
    assert [length_of(HELLO[:count]) for count in (0, 15, 16)] == [0, 0, len(HELLO)]


@pytest.mark.parametrize(
    "raw", [b"HTTP/1.1 400 Bad Request", b"l\x01\x00\x02" + b"\0" * 12, b"l\1\0\1" + b"\xff" * 12]
)
def test_what_is_no_message_is_told_so(raw: bytes) -> None:
    with pytest.raises(WorldError):
        length_of(raw)


def test_a_message_may_be_as_long_as_the_limit_and_no_longer() -> None:
    opening = b"l\1\0\1%b\1\0\0\0\0\0\0\0"
    longest = LONGEST_BYTES - 16
    assert length_of(opening % longest.to_bytes(4, "little")) == LONGEST_BYTES
    with pytest.raises(WorldError, match="at most"):
        length_of(opening % (longest + 1).to_bytes(4, "little"))


def test_a_header_with_a_value_of_another_type_is_told_so() -> None:
    raw = encode(Message(kind=RETURN, serial=1, reply_to=5))
    with pytest.raises(WorldError, match="a int where path is"):
        decode(raw.replace(b"\x05\x01u\0", b"\x01\x01u\0"))


def test_fields_that_are_not_known_are_passed_over() -> None:
    raw = encode(Message(kind=RETURN, serial=1, reply_to=5))
    assert decode(raw.replace(b"\x05\x01u\0", b"\x09\x01u\0")).reply_to == 0


def test_the_values_of_a_message_are_read_once() -> None:
    message = decode(encode(Message(kind=CALL, serial=1, signature="as"), [["a"]]))
    assert message.values() is message.values()

"""The D-Bus wire format, written."""

import pytest

from insvc.adapters.dbus import CALL, Message, decode
from insvc.adapters.dbus_writer import encode
from tests.unit.adapters.test_dbus import HELLO

BUS = "org.freedesktop.DBus"


def test_a_message_is_written_as_others_write_it() -> None:
    hello = Message(
        kind=CALL,
        serial=1,
        path="/org/freedesktop/DBus",
        interface=BUS,
        member="Hello",
        destination=BUS,
    )
    assert encode(hello) == HELLO


def test_a_message_with_a_body_comes_back_whole() -> None:
    call = Message(
        kind=CALL, serial=7, path="/a", member="Restart", signature="ssa{sv}(u)", flags=1
    )
    values = ("a.service", "replace", {"x": ("t", 2**40)}, (3,))
    read = decode(encode(call, values))
    assert (read.serial, read.flags, read.signature) == (7, 1, "ssa{sv}(u)")
    assert read.values() == ("a.service", "replace", {"x": 2**40}, (3,))


def test_values_that_do_not_fit_the_signature_are_not_sent() -> None:
    with pytest.raises(ValueError, match="shorter"):
        encode(Message(kind=CALL, serial=1, signature="ss"), ["one"])

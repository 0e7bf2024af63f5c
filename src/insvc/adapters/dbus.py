"""The D-Bus wire format: messages to bytes and back.

Source: the D-Bus specification, "Message Protocol". Only what a client of a service manager needs:
no file descriptors. Whatever comes from a peer is bounded; what does not fit is a WorldError.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from insvc.adapters.dbus_types import ALIGN as ALIGN
from insvc.adapters.dbus_types import FIXED as FIXED
from insvc.adapters.dbus_types import broken, single
from insvc.adapters.dbus_types import types as types

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
LONGEST_BYTES = 32 << 20
"""No message of a service manager is longer; the format itself would allow 128 MiB."""
NO_REPLY = 1
_DEEPEST = 32
_REPLY_TO = 5
FIELDS = {1: "path", 2: "interface", 3: "member", 4: "error", 5: "reply_to", 7: "sender"}
SIGNATURE = 8
_FORMS = {
    order: {
        kind: (struct.Struct(order + form), struct.calcsize(f"<{form}"))
        for kind, form in FIXED.items()
    }
    for order in "<>"
}
_START = 16


@dataclass(kw_only=True, slots=True)
class Message:
    """One message.

    Attributes:
        kind: CALL, RETURN, ERROR or SIGNAL.
        serial: its number on the connection, 1 or more.
        path, interface, member: what is called, or what the signal is.
        destination: the bus name it goes to.
        error: name of the error.
        reply_to: serial of the call it answers; 0 where it answers none.
        sender: unique name of who sent it; empty between two peers without a bus.
        signature: types of its body.
        body: its body as it lies on the wire.
        order: byte order of the body, `<` or `>`.
        flags: NO_REPLY or 0.
    """

    kind: int
    serial: int = 0
    path: str = ""
    interface: str = ""
    member: str = ""
    destination: str = ""
    error: str = ""
    reply_to: int = 0
    sender: str = ""
    signature: str = ""
    body: bytes = b""
    order: str = "<"
    flags: int = 0
    _cached: tuple[Any, ...] | None = field(default=None, repr=False)

    def values(self) -> tuple[Any, ...]:
        """The body as Python values; a variant is its value, a dictionary a dict.

        Raises:
            WorldError: it does not fit its signature.
        """
        if self._cached is None:
            reader = Reader(self.body, self.order)
            self._cached = tuple(reader.value(one) for one in types(self.signature))
        return self._cached


@lru_cache(maxsize=16)
def _encoded(names: frozenset[str]) -> dict[bytes, str]:
    return {name.encode("utf-8", "surrogateescape"): name for name in names}


@lru_cache(maxsize=512)
def _span(signature: bytes) -> tuple[str, int]:
    """What a variant of that signature holds, and to how many bytes it is aligned.

    Returns:
        a letter of `FIXED`; `s` or `o`; `a`, with the alignment of its elements; or the whole type.
    """
    kind = single(types(signature.decode("ascii", "replace")))
    if kind in FIXED:
        return kind, struct.calcsize(f"<{FIXED[kind]}")
    if kind[0] == "a":
        return "a", ALIGN.get(kind[1], 4)
    return kind, 4


class Reader:
    """Reads values from the body of a message.

    Args:
        raw: the body.
        order: its byte order.
    """

    __slots__ = ("_forms", "_raw", "at")

    def __init__(self, raw: bytes, order: str = "<") -> None:
        self._raw = raw
        self._forms = _FORMS[order]
        self.at = 0

    def value(self, kind: str, depth: int = 0) -> Any:  # noqa: ANN401 - what the peer sent
        """The next value, of that complete type.

        Raises:
            WorldError: what lies there does not fit.
        """
        first = kind[0]
        if first in FIXED:
            found = self._fixed(first)
            return bool(found) if first == "b" else found
        if first in "sog":
            return self._text(first)
        if depth > _DEEPEST:
            raise broken(f"values are nested deeper than {_DEEPEST}")
        if first == "v":
            return self.value(self._inner(), depth + 1)
        if first == "a":
            return self._array(kind, depth + 1)
        self.align(8)
        return tuple(self.value(one, depth + 1) for one in types(kind[1:-1]))

    def pick(self, wanted: Collection[str]) -> dict[str, Any]:
        """Of the next `a{sv}` those values whose names are wanted; the rest is passed over.

        Raises:
            WorldError: what lies there does not fit.
        """
        names = _encoded(frozenset(wanted))
        found: dict[str, Any] = {}
        end = self._length("{")
        raw, number = self._raw, self._forms["u"][0].unpack_from
        at = self.at
        try:
            while at < end:
                at += -at % 8
                start, (length,) = at + 4, number(raw, at)
                name = names.get(raw[start : start + length])
                self.at = start + length + 1
                if name is None:
                    self._pass_over_variant()
                else:
                    found[name] = self.value("v")
                at = self.at
        except (struct.error, IndexError) as fault:
            raise broken("it ends too early") from fault
        if at != end:
            raise broken("a dictionary does not end where it should")
        return found

    def _pass_over_variant(self) -> None:
        """Go on after it; a unit has hundreds, of which few are wanted."""
        raw, start = self._raw, self.at + 1
        end = start + raw[self.at]
        kind, size = _span(raw[start:end])
        at = end + 1
        if kind in FIXED:
            self.at = at + -at % size + size
        elif kind in "soa":
            at += -at % 4
            (length,) = self._forms["u"][0].unpack_from(raw, at)
            at += 4
            self.at = at + length + 1 if kind != "a" else at + -at % size + length
        else:
            self.at = at
            self._pass_over(kind, 1)

    def align(self, to: int) -> None:
        """Go on to the next multiple of that many bytes."""
        self.at += -self.at % to

    def _inner(self) -> str:
        """The type of the variant that begins here."""
        return single(types(self._text("g")))

    def _array(self, kind: str, depth: int) -> Any:  # noqa: ANN401 - list or dict
        inner = kind[1:]
        end = self._length(inner[0])
        found = []
        while self.at < end:
            found.append(self.value(inner, depth))
        if self.at != end:
            raise broken(f"an array of type {kind} does not end where it should")
        return dict(found) if inner[0] == "{" else found

    def _length(self, inner: str) -> int:
        """Where the array that begins here ends; reading goes on at its first element."""
        length = self._fixed("u")
        self.align(ALIGN.get(inner, 4))
        end: int = self.at + length
        if end > len(self._raw):
            raise broken("an array is longer than its message")
        return end

    def _pass_over(self, kind: str, depth: int = 0) -> None:
        if kind == "v" and depth <= _DEEPEST:
            self._pass_over(self._inner(), depth + 1)
        elif kind[0] == "a":
            self.at = self._length(kind[1])
        else:
            self.value(kind, depth)

    def _fixed(self, kind: str) -> Any:  # noqa: ANN401 - int or float
        form, size = self._forms[kind]
        at = self.at + -self.at % size
        try:
            (found,) = form.unpack_from(self._raw, at)
        except struct.error as fault:
            raise broken("it ends too early") from fault
        self.at = at + size
        return found

    def _text(self, kind: str) -> str:
        length = self._fixed("y" if kind == "g" else "u")
        start, self.at = self.at, self.at + length + 1
        if self.at > len(self._raw):
            raise broken("a text is longer than its message")
        return self._raw[start : start + length].decode("utf-8", "surrogateescape")


def length_of(raw: bytes | bytearray) -> int:
    """How many bytes the message that begins there has in all; 0 where it cannot be told yet.

    Raises:
        WorldError: what begins there is no message, or one that is too long.
    """
    if len(raw) < _START:
        return 0
    order = {ord("l"): "<", ord("B"): ">"}.get(raw[0])
    if order is None or raw[3] != 1:
        raise broken("its first bytes are no message of version 1")
    body, _, fields = struct.unpack_from(f"{order}III", raw, 4)
    length: int = _START + fields + -fields % 8 + body
    if length > LONGEST_BYTES:
        raise broken(f"it claims {length} bytes, at most {LONGEST_BYTES} are read")
    return length


def decode(raw: bytes) -> Message:
    """The message that these bytes are, in whole.

    Raises:
        WorldError: they are none.
    """
    order = "<" if raw[0] == ord("l") else ">"
    head = Reader(raw, order)
    _, kind, flags, _, length, serial = (head.value(one) for one in "yyyyuu")
    found = Message(kind=kind, serial=serial, flags=flags, order=order)
    for code, value in head.value("a(yv)"):
        if code == SIGNATURE:
            found.signature = str(value)
        elif code in FIELDS:
            wanted = int if code == _REPLY_TO else str
            if not isinstance(value, wanted):
                raise broken(f"its header has a {type(value).__name__} where {FIELDS[code]} is")
            setattr(found, FIELDS[code], value)
    found.body = raw[len(raw) - length :] if length else b""
    return found

"""Writes D-Bus messages; `dbus` reads them."""

import struct
from collections.abc import Sequence
from typing import Any

from insvc.adapters.dbus import ALIGN, FIXED, SIGNATURE, Message, types

_CODES = {1: "o", 2: "s", 3: "s", 4: "s", 5: "u", 6: "s", 7: "s"}


class Writer:
    """Puts values into the body of a message, little-endian."""

    __slots__ = ("raw",)

    def __init__(self) -> None:
        self.raw = bytearray()

    def put(self, kind: str, value: Any) -> None:  # noqa: ANN401 - as the type says
        """Append one value of that complete type; a variant is given as (type, value)."""
        first = kind[0]
        if first in FIXED:
            form = FIXED[first]
            self.align(struct.calcsize(f"<{form}"))
            self.raw += struct.pack(f"<{form}", value)
        elif first in "sog":
            raw = value.encode("utf-8", "surrogateescape")
            self.put("y" if first == "g" else "u", len(raw))
            self.raw += raw + b"\0"
        elif first == "v":
            self.put("g", value[0])
            self.put(value[0], value[1])
        elif first == "a":
            self._array(kind[1:], value)
        else:
            self.align(8)
            for inner, one in zip(types(kind[1:-1]), value, strict=True):
                self.put(inner, one)

    def align(self, to: int) -> None:
        """Fill up to the next multiple of that many bytes."""
        self.raw += bytes(-len(self.raw) % to)

    def _array(self, inner: str, value: Any) -> None:  # noqa: ANN401 - list or dict
        self.put("u", 0)
        where = len(self.raw) - 4
        self.align(ALIGN.get(inner[0], 4))
        start = len(self.raw)
        for one in value.items() if isinstance(value, dict) else value:
            self.put(inner, one)
        struct.pack_into("<I", self.raw, where, len(self.raw) - start)


def encode(message: Message, values: Sequence[Any] = ()) -> bytes:
    """The message as bytes, its body made of these values."""
    body = Writer()
    for kind, value in zip(types(message.signature), values, strict=True):
        body.put(kind, value)
    given = {
        1: message.path,
        2: message.interface,
        3: message.member,
        4: message.error,
        5: message.reply_to,
        6: message.destination,
        7: message.sender,
    }
    fields = [(code, (_CODES[code], value)) for code, value in given.items() if value]
    if message.signature:
        fields.append((SIGNATURE, ("g", message.signature)))
    head = Writer()
    for kind, one in zip("yyyyuu", _opening(message, len(body.raw)), strict=True):
        head.put(kind, one)
    head.put("a(yv)", fields)
    head.align(8)
    return bytes(head.raw + body.raw)


def _opening(message: Message, length: int) -> tuple[int, ...]:
    return (ord("l"), message.kind, message.flags, 1, length, message.serial)

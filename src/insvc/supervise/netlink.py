"""The kernel's messages about interfaces, addresses and queues (rtnetlink), from their bytes."""

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBi")
_QUEUE = struct.Struct("=BxxxiIII")
_NESTED = 0x3FFF
_UP, _LOWER_UP = 0x1, 0x10000
_IFNAME, _LOCAL, _ANY_ADDRESS = 3, 2, 1
_KIND, _STATS2, _BASIC, _COUNTS = 1, 7, 1, 3
_BASIC_FORM, _COUNTS_FORM = struct.Struct("=QI"), struct.Struct("=IIIII")


class Kind(IntEnum):
    """Kinds of messages."""

    ERROR = 2
    DONE = 3
    NEW_LINK = 16
    DEL_LINK = 17
    GET_LINK = 18
    NEW_ADDRESS = 20
    DEL_ADDRESS = 21
    GET_ADDRESS = 22
    NEW_QUEUE = 36
    GET_QUEUE = 38


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message: of what kind, and its bytes after the header."""

    kind: int
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An interface: its number and name, whether it is up and carries, or is gone."""

    index: int
    name: str
    is_up: bool
    carries: bool
    is_gone: bool = False

    @property
    def state(self) -> str:
        """In words."""
        if self.is_gone:
            return "gone"
        return f"{'up' if self.is_up else 'down'}, {'carrier' if self.carries else 'no carrier'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An address with its prefix, on the interface of that number, or taken from it."""

    index: int
    text: str
    is_gone: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """A queueing discipline: on which interface, which, and what it has counted so far."""

    index: int
    name: str
    counts: dict[str, float]


def question(kind: Kind, number: int) -> bytes:
    """The bytes that ask the kernel for everything of that kind."""
    request, dump = 0x1, 0x300
    body = bytes(_QUEUE.size if kind is Kind.GET_QUEUE else _LINK.size)
    return _HEADER.pack(_HEADER.size + len(body), kind, request | dump, number, 0) + body


def messages(data: bytes) -> Iterator[Message]:
    """The messages of one datagram; what is cut short ends them."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, _, _, _ = _HEADER.unpack_from(data, at)
        if length < _HEADER.size or at + length > len(data):
            return
        yield Message(kind=kind, body=data[at + _HEADER.size : at + length])
        at += _aligned(length)


def link(message: Message) -> Link | None:
    """The interface that a message is about; nothing where it is about none."""
    if message.kind not in {Kind.NEW_LINK, Kind.DEL_LINK} or len(message.body) < _LINK.size:
        return None
    _, _, index, flags, _ = _LINK.unpack_from(message.body)
    name = _attributes(message.body[_LINK.size :]).get(_IFNAME, b"")
    return Link(
        index=index,
        name=_text(name) or str(index),
        is_up=bool(flags & _UP),
        carries=bool(flags & _LOWER_UP),
        is_gone=message.kind == Kind.DEL_LINK,
    )


def address(message: Message) -> Address | None:
    """The address that a message is about; nothing where it is about none."""
    wanted = {Kind.NEW_ADDRESS, Kind.DEL_ADDRESS}
    if message.kind not in wanted or len(message.body) < _ADDRESS.size:
        return None
    _, prefix, _, _, index = _ADDRESS.unpack_from(message.body)
    found = _attributes(message.body[_ADDRESS.size :])
    # Of a point-to-point interface the first is the far end's, the second our own.
    raw = found.get(_LOCAL) or found.get(_ANY_ADDRESS, b"")
    try:
        text = f"{ipaddress.ip_address(raw)}/{prefix}"
    except ValueError:
        return None
    return Address(index=index, text=text, is_gone=message.kind == Kind.DEL_ADDRESS)


def queue(message: Message) -> Queue | None:
    """The queueing discipline that a message is about; nothing where it is about none."""
    if message.kind != Kind.NEW_QUEUE or len(message.body) < _QUEUE.size:
        return None
    _, index, handle, parent, _ = _QUEUE.unpack_from(message.body)
    found = _attributes(message.body[_QUEUE.size :])
    stats = _attributes(found.get(_STATS2, b""))
    below = f"{parent >> 16:x}:{parent & 0xFFFF:x}"
    name = f"{_text(found.get(_KIND, b''))} {handle >> 16:x}: below {below}"
    return Queue(index=index, name=name, counts=_counts(stats))


def _counts(stats: dict[int, bytes]) -> dict[str, float]:
    counts: dict[str, float] = {}
    basic, queued = stats.get(_BASIC, b""), stats.get(_COUNTS, b"")
    if len(basic) >= _BASIC_FORM.size:
        octets, packets = _BASIC_FORM.unpack_from(basic)
        counts |= {"sent_bytes": float(octets), "sent_packets": float(packets)}
    if len(queued) >= _COUNTS_FORM.size:
        _, _, drops, requeues, overlimits = _COUNTS_FORM.unpack_from(queued)
        counts |= {"drops": float(drops), "requeues": float(requeues)}
        counts["overlimits"] = float(overlimits)
    return counts


def _attributes(data: bytes) -> dict[int, bytes]:
    """Values by number; what is cut short ends them."""
    found: dict[int, bytes] = {}
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        length, number = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size or at + length > len(data):
            break
        found[number & _NESTED] = data[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)
    return found


def _aligned(length: int) -> int:
    return length + 3 & ~3


def _text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("utf-8", "replace")

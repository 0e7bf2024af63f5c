"""Values to JSON-ready bodies of records and back, strictly: what does not fit is refused."""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import TypeVar, cast

from insvc.errors import CorruptStore

T = TypeVar("T")


def to_json(value: object) -> object:
    """The value as JSON-ready parts: field names as keys, enums by value, tuples as lists."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_json(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    return value


def from_json(kind: type[T], value: object, where: str) -> T:
    """The value of that type that `to_json` made these parts of.

    Args:
        kind: a dataclass, or any type that occurs in one.
        value: JSON-ready parts.
        where: what they are part of, for the error.

    Raises:
        CorruptStore: a key or value does not fit; the error names it.
    """
    try:
        return cast("T", _reader(cast("object", kind))(value))
    except _Unfit as fault:
        raise CorruptStore(
            where + fault.path,
            f"found {fault.found!r:.80}, expected {fault.expected}",
            next_act="restore the file from a backup; it was not changed",
        ) from fault


class _Unfit(Exception):
    """A part that does not fit, and the way to it from the whole."""

    def __init__(self, found: object, expected: str, path: str = "") -> None:
        self.found = found
        self.expected = expected
        self.path = path

    def inside(self, part: str) -> "_Unfit":
        """The same, seen from the whole that has it as a part."""
        return _Unfit(self.found, self.expected, part + self.path)


_Read = Callable[[object], object]


@cache
def _reader(kind: object) -> _Read:
    """What reads values of that type; made once a type, for journals are long."""
    origin = typing.get_origin(kind)
    if origin in {types.UnionType, typing.Union}:
        return _union_reader(typing.get_args(kind))
    if origin is tuple:
        return _tuple_reader(_reader(typing.get_args(kind)[0]))
    if origin is dict:
        return _dict_reader(_reader(typing.get_args(kind)[1]))
    if origin is typing.Literal:
        return _choice_reader({one: one for one in typing.get_args(kind)})
    if dataclasses.is_dataclass(kind):
        return _record_reader(cast("type", kind))
    return _value_reader(cast("type", kind))


def _value_reader(kind: type) -> _Read:
    if issubclass(kind, Enum):
        return _choice_reader({one.value: one for one in kind})
    return _float_reader if kind is float else _plain_reader(kind)


def _union_reader(kinds: tuple[object, ...]) -> _Read:
    readers = [_reader(one) for one in kinds if one is not types.NoneType]
    may_lack = types.NoneType in kinds

    def read(value: object) -> object:
        if value is None and may_lack:
            return None
        faults: list[_Unfit] = []
        for one in readers:
            try:
                return one(value)
            except _Unfit as fault:
                faults.append(fault)
        if len(faults) == 1:
            raise faults.pop()
        raise _Unfit(value, " or ".join(one.expected for one in faults))

    return read


def _tuple_reader(inner: _Read) -> _Read:
    def read(value: object) -> object:
        if not isinstance(value, (list, tuple)):
            raise _Unfit(value, "a list")
        made: list[object] = []
        try:
            made.extend(map(inner, value))
        except _Unfit as fault:
            raise fault.inside(f"[{len(made)}]") from fault
        return tuple(made)

    return read


def _dict_reader(inner: _Read) -> _Read:
    def read(value: object) -> object:
        if not isinstance(value, dict):
            raise _Unfit(value, "a mapping")
        return {str(key): _read_key(inner, key, one) for key, one in value.items()}

    return read


def _record_reader(kind: type) -> _Read:
    hints = typing.get_type_hints(kind)
    readers = {one.name: _reader(hints[one.name]) for one in dataclasses.fields(kind)}

    def read(value: object) -> object:
        if not isinstance(value, dict):
            raise _Unfit(value, f"a {kind.__name__}")
        unknown = value.keys() - readers.keys()
        if unknown:
            first = min(unknown)
            raise _Unfit(value[first], "no such key", f".{first}")
        parts: dict[str, object] = {}
        try:
            for key, one in value.items():
                parts[key] = readers[key](one)
        except _Unfit as fault:
            raise fault.inside(f".{list(value)[len(parts)]}") from fault
        try:
            return kind(**parts)
        except TypeError as fault:
            raise _Unfit(sorted(value), f"every key of {kind.__name__}") from fault

    return read


def _read_key(inner: _Read, key: object, value: object) -> object:
    try:
        return inner(value)
    except _Unfit as fault:
        raise fault.inside(f".{key}") from fault


def _choice_reader(choices: Mapping[object, object]) -> _Read:
    expected = "one of " + ", ".join(map(str, choices))

    def read(value: object) -> object:
        try:
            return choices[value]
        except (KeyError, TypeError) as fault:
            raise _Unfit(value, expected) from fault

    return read


def _float_reader(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Unfit(value, "a value of type float")
    return float(value)


def _plain_reader(kind: type) -> _Read:
    def read(value: object) -> object:
        if type(value) is not kind:
            raise _Unfit(value, f"a value of type {getattr(kind, '__name__', kind)}")
        return value

    return read

"""Values to JSON-ready bodies of records and back, strictly: what does not fit is refused."""

import dataclasses
import types
import typing
from enum import Enum
from functools import lru_cache
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
    return cast("T", _read(kind, value, where))


def _read(kind: object, value: object, where: str) -> object:
    origin = typing.get_origin(kind)
    if origin in {types.UnionType, typing.Union}:
        return _read_union(typing.get_args(kind), value, where)
    if origin is tuple:
        return _read_tuple(typing.get_args(kind)[0], value, where)
    if origin is dict:
        return _read_dict(typing.get_args(kind)[1], value, where)
    if origin is typing.Literal:
        return _one_of(typing.get_args(kind), value, where)
    if dataclasses.is_dataclass(kind):
        return _read_record(cast("type", kind), value, where)
    return _read_plain(kind, value, where)


def _read_union(kinds: tuple[object, ...], value: object, where: str) -> object:
    if value is None and types.NoneType in kinds:
        return None
    inner = next(one for one in kinds if one is not types.NoneType)
    return _read(inner, value, where)


def _read_tuple(inner: object, value: object, where: str) -> tuple[object, ...]:
    if not isinstance(value, (list, tuple)):
        raise _unfit(where, value, "a list")
    return tuple(_read(inner, one, f"{where}[{at}]") for at, one in enumerate(value))


def _read_dict(inner: object, value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _unfit(where, value, "a mapping")
    return {str(key): _read(inner, one, f"{where}.{key}") for key, one in value.items()}


def _read_record(kind: type, value: object, where: str) -> object:
    if not isinstance(value, dict):
        raise _unfit(where, value, f"a {kind.__name__}")
    hints = _hints(kind)
    unknown = sorted(set(value) - set(hints))
    if unknown:
        raise _unfit(f"{where}.{unknown[0]}", value[unknown[0]], "no such key")
    parts = {key: _read(hints[key], one, f"{where}.{key}") for key, one in value.items()}
    try:
        return kind(**parts)
    except TypeError as fault:
        raise _unfit(where, sorted(value), f"every key of {kind.__name__}") from fault


@lru_cache
def _hints(kind: type) -> dict[str, object]:
    hints = typing.get_type_hints(kind)
    return {one.name: hints[one.name] for one in dataclasses.fields(kind)}


def _read_plain(kind: object, value: object, where: str) -> object:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(_one_of(tuple(one.value for one in kind), value, where))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise _unfit(where, value, f"a value of type {getattr(kind, '__name__', kind)}")
    return value


def _one_of(allowed: tuple[object, ...], value: object, where: str) -> object:
    if value not in allowed:
        raise _unfit(where, value, "one of " + ", ".join(map(str, allowed)))
    return value


def _unfit(where: str, value: object, expected: str) -> CorruptStore:
    return CorruptStore(
        where,
        f"found {value!r:.80}, expected {expected}",
        next_act="restore the file from a backup; it was not changed",
    )

"""JSON-ready values to dataclasses, strictly: each must be what its type says."""

import dataclasses
import types
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import ClassVar, Literal, Union, get_args, get_origin, get_type_hints

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def decode(kind: object, value: object, path: str) -> object:
    """The value as that type.

    Args:
        kind: a dataclass, enum, literal, `tuple[X, ...]`, `dict[str, X]`, `X | None` or plain type.
        value: as JSON gives it.
        path: where it stands, for the error.

    Raises:
        ValueError: it is something else; the text names the path, what was found and expected.
    """
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, path)
    if get_origin(kind) in {tuple, dict}:
        return _decode_many(kind, value, path)
    if get_origin(kind) in {types.UnionType, Union}:
        return None if value is None else decode(_other_than_none(kind), value, path)
    return _decode_single(kind, value, path)


def _other_than_none(kind: object) -> object:
    return next(one for one in get_args(kind) if one is not types.NoneType)


@cache
def _fields(kind: type[object]) -> dict[str, object]:
    hints = get_type_hints(kind)
    return {name: hint for name, hint in hints.items() if get_origin(hint) is not ClassVar}


def _decode_dataclass(kind: type[object], value: object, path: str) -> object:
    if not isinstance(value, dict):
        raise _unlike(path, value, "an object")
    fields = _fields(kind)  # type: ignore[arg-type]  # every class has a hash
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise ValueError(f"{path}.{unknown[0]} is not a key of {kind.__name__}")
    found = {key: decode(fields[key], one, f"{path}.{key}") for key, one in value.items()}
    try:
        return kind(**found)
    except TypeError as fault:
        raise ValueError(f"{path} lacks a key of {kind.__name__}: {fault}") from fault


def _decode_many(kind: object, value: object, path: str) -> object:
    inner = get_args(kind)
    if get_origin(kind) is dict:
        if not isinstance(value, dict):
            raise _unlike(path, value, "an object")
        return {key: decode(inner[1], one, f"{path}.{key}") for key, one in value.items()}
    if not isinstance(value, list):
        raise _unlike(path, value, "a list")
    return tuple(decode(inner[0], one, f"{path}[{at}]") for at, one in enumerate(value))


def _decode_single(kind: object, value: object, path: str) -> object:
    if get_origin(kind) is Literal:
        return _decode_word(get_args(kind), value, path)
    if not isinstance(kind, type):
        raise TypeError(f"{kind!r} is no type that a record may hold")
    if issubclass(kind, StrEnum):
        return kind(_decode_word([word.value for word in kind], value, path))
    return _decode_plain(kind, value, path)


def _decode_word(words: Sequence[str], value: object, path: str) -> str:
    for word in words:
        if word == value:
            return word
    raise _unlike(path, value, f"one of {', '.join(words)}")


def _decode_plain(kind: type[object], value: object, path: str) -> object:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise _unlike(path, value, _NAMES[kind])
    return value


def _unlike(path: str, value: object, expected: str) -> ValueError:
    return ValueError(f"{path} is {value!r}, expected {expected}")

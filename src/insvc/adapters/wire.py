"""The nouns as JSON values and back, with the standard library alone.

Dataclasses are objects keyed by field name, enums their values, tuples lists; absent is null. What
is read is checked against the field types, so that nothing malformed passes the socket.
"""

import dataclasses
import enum
import types
import typing
from functools import cache
from typing import Any, TypeVar, cast

from insvc.errors import InputError

T = TypeVar("T")
_NEXT = "run the same version of insvc on both sides"


def to_json(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value as dicts, lists, texts, numbers, booleans and None."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: to_json(getattr(value, name)) for name in _fields(type(value))}
    if isinstance(value, dict):
        return {str(key): to_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(one) for one in value]
    return value


def from_json(kind: type[T], value: object) -> T:
    """The value of that type which the JSON value stands for.

    Args:
        kind: a dataclass, an enum, a plain type, or a tuple, dict or union of them.
        value: what `json.loads` gave.

    Raises:
        InputError: a key is unknown or missing, or holds a value of another type; it names the key.
    """
    return cast("T", _read(kind, value, ""))


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:  # noqa: ANN401 - a dataclass
    """Type and whether it must be given, by field name."""
    hints = typing.get_type_hints(kind)
    return {
        one.name: (
            hints[one.name],
            one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING,
        )
        for one in dataclasses.fields(kind)
    }


def _read(kind: Any, value: object, key: str) -> object:  # noqa: ANN401 - any annotation
    origin = typing.get_origin(kind)
    if origin in _READERS:
        return _READERS[origin](kind, value, key)
    if dataclasses.is_dataclass(kind):
        return _read_fields(cast("type", kind), value, key)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _read_enum(kind, value, key)
    return _read_plain(kind, value, key)


def _read_fields(kind: type, value: object, key: str) -> object:
    if not isinstance(value, dict):
        raise _wrong(key, value, f"an object of {kind.__name__}")
    fields = _fields(kind)
    for name in value:
        if name not in fields:
            raise _wrong(_join(key, str(name)), "this key", f"a key of {kind.__name__}")
    for name, (_, is_needed) in fields.items():
        if is_needed and name not in value:
            raise _wrong(_join(key, name), "nothing", "a value")
    return kind(
        **{name: _read(fields[name][0], one, _join(key, name)) for name, one in value.items()}
    )


def _read_enum(kind: type[enum.Enum], value: object, key: str) -> object:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(str(one.value) for one in kind)
        raise _wrong(key, value, f"one of {known}") from None


def _read_plain(kind: Any, value: object, key: str) -> object:  # noqa: ANN401 - any annotation
    if kind is Any or kind is object:
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _wrong(key, value, "nothing" if kind is types.NoneType else kind.__name__)
    return value


def _read_tuple(kind: Any, value: object, key: str) -> object:  # noqa: ANN401 - any annotation
    if not isinstance(value, list | tuple):
        raise _wrong(key, value, "a list")
    inner = typing.get_args(kind)
    if len(inner) == 2 and inner[1] is Ellipsis:  # noqa: PLR2004 - tuple[T, ...]
        inner = (inner[0],) * len(value)
    if len(inner) != len(value):
        raise _wrong(key, f"{len(value)} values", f"{len(inner)} values")
    return tuple(
        _read(one, item, f"{key}[{number}]")
        for number, (one, item) in enumerate(zip(inner, value, strict=True))
    )


def _read_list(kind: Any, value: object, key: str) -> object:  # noqa: ANN401 - any annotation
    if not isinstance(value, list | tuple):
        raise _wrong(key, value, "a list")
    (inner,) = typing.get_args(kind)
    return [_read(inner, one, f"{key}[{number}]") for number, one in enumerate(value)]


def _read_dict(kind: Any, value: object, key: str) -> object:  # noqa: ANN401 - any annotation
    if not isinstance(value, dict):
        raise _wrong(key, value, "an object")
    of_key, of_value = typing.get_args(kind)
    return {
        _read(of_key, name, key): _read(of_value, one, _join(key, str(name)))
        for name, one in value.items()
    }


def _read_union(kind: Any, value: object, key: str) -> object:  # noqa: ANN401 - any annotation
    kinds = typing.get_args(kind)
    if value is None and types.NoneType in kinds:
        return None
    if isinstance(value, dict) and "kind" in value:
        kinds = tuple(one for one in kinds if _kind_of(one) == value["kind"]) or kinds
    fault: InputError | None = None
    for one in kinds:
        if one is types.NoneType:
            continue
        try:
            return _read(one, value, key)
        except InputError as wrong:
            fault = wrong
    raise fault or _wrong(key, value, "nothing")


@cache
def _kind_of(kind: Any) -> object:  # noqa: ANN401 - any annotation
    """What the field `kind` of such a value always holds; nothing where it has none."""
    return getattr(kind, "__dataclass_fields__", {}).get("kind", dataclasses.field()).default


def _read_literal(kind: Any, value: object, key: str) -> object:  # noqa: ANN401 - any annotation
    allowed = typing.get_args(kind)
    if value not in allowed:
        raise _wrong(key, value, "one of " + ", ".join(str(one) for one in allowed))
    return value


_READERS: dict[Any, Any] = {
    tuple: _read_tuple,
    list: _read_list,
    dict: _read_dict,
    types.UnionType: _read_union,
    typing.Union: _read_union,
    typing.Literal: _read_literal,
}


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _wrong(key: str, found: object, expected: str) -> InputError:
    shown = found if isinstance(found, str) else repr(found)
    return InputError(
        key or "the value", f"found {shown[:80]}, expected {expected}", next_act=_NEXT
    )

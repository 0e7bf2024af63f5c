"""What a document's schema refuses, in the words of its author rather than of the validator."""

import difflib
import json
from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from insvc.adapters.json_lines import Path
from insvc.adapters.text_tree import Fault
from insvc.catalog.entry import Rule

T = TypeVar("T")

_RULES = {one.__name__: one.__dataclass_fields__["kind"].default for one in get_args(Rule)}
_KINDS = tuple(_RULES.values())
_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
    "dataclass_exact_type": "a mapping",
}


def schema_faults(fault: ValidationError, value: object, known: dict[str, Any]) -> Iterator[Fault]:
    """Every fault the validator found, once each.

    Args:
        fault: what the validator raised.
        value: the document as plain values.
        known: the document kind's JSON Schema, for the names of fields.
    """
    reported: set[Fault] = set()
    for detail in fault.errors(include_url=False, include_context=True):
        for one in _translate(detail, value, known):
            if one not in reported:
                reported.add(one)
                yield one


def _translate(detail: ErrorDetails, value: object, known: dict[str, Any]) -> Iterator[Fault]:
    path, wrong_kind = _plain_path(detail["loc"], value)
    if wrong_kind is None:
        yield path, _words(detail, known)
    elif wrong_kind:
        yield path, wrong_kind


def _plain_path(loc: tuple[str | int, ...], value: object) -> tuple[Path, str | None]:
    """The path without the validator's own words for members of a union.

    Returns:
        the path, and nothing where the fault stands; empty text where it speaks of a rule that
        the author did not write; words where no rule has the kind that is written.
    """
    path: list[str | int] = []
    at: object = value
    for part in loc:
        if isinstance(part, str) and part in _RULES:
            kind = at.get("kind") if isinstance(at, dict) else None
            if kind not in _KINDS:
                return (*path, "kind"), _choice(kind, _KINDS)
            if kind != _RULES[part]:
                return tuple(path), ""
            continue
        path.append(part)
        at = _inside(at, part)
    return tuple(path), None


def _inside(at: object, part: str | int) -> object:
    if isinstance(at, dict):
        return at.get(part)
    return at[part] if isinstance(at, list) and isinstance(part, int) else None


def _words(detail: ErrorDetails, known: dict[str, Any]) -> str:
    kind, found = detail["type"], detail["input"]
    if kind == "missing":
        return "is missing"
    if kind == "unexpected_keyword_argument":
        return "is not a known field" + _near(str(detail["loc"][-1]), known)
    if kind in {"enum", "literal_error"}:
        return _choice(found, (detail["ctx"]["expected"],))
    if kind in _EXPECTED:
        return f"is {show(found)}, expected {_EXPECTED[kind]}"
    return f"is {show(found)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _choice(found: object, allowed: tuple[str, ...]) -> str:
    listed = ", ".join(allowed).replace("'", "")
    if found is None:
        return f"is missing, expected one of: {listed}"
    return f"is {show(found)}, expected one of: {listed}"


def show(found: object) -> str:
    """A found value, short enough for one line."""
    if isinstance(found, dict):
        return "a mapping"
    if isinstance(found, (list, tuple)):
        return "a list"
    text = json.dumps(found, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - fits a terminal line


def _near(name: str, known: dict[str, Any]) -> str:
    fields = {
        field
        for part in (known, *known.get("$defs", {}).values())
        for field in part.get("properties", {})
    }
    close = difflib.get_close_matches(name, sorted(fields), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def validate(kind: type[T], value: object) -> T:
    """The plain values as a value of that type, nothing converted.

    Raises:
        ValidationError: something does not fit.
    """
    checked: T = TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
    return checked

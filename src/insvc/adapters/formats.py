"""Documents at the edge: strict validation, every fault at once, JSON Schema, JSON text."""

import json
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from insvc.adapters.document_checks import document_faults
from insvc.adapters.schema_faults import schema_faults, show, validate
from insvc.adapters.text_tree import Fault, Tree, Unreadable, locate, parse
from insvc.catalog.entry import Catalog
from insvc.catalog.layers import Layer
from insvc.errors import FaultyDocument, InputError, UnknownName
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from insvc.report.report import Report

T = TypeVar("T")

KINDS: dict[str, type[Any]] = {
    "catalog": Catalog,
    "layer": Layer,
    "topology": Topology,
    "observation": Observation,
    "policy": Policy,
    "plan": Plan,
    "report": Report,
}


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one document kind.

    Raises:
        UnknownName: there is no such kind.
    """
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise UnknownName(kind, "no document has this format", next_act=f"use one of: {known}")
    schema = TypeAdapter(KINDS[kind]).json_schema()
    schema["properties"]["format"]["const"] = f"insvc-{kind}/1"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def read_text(path: Path) -> str:
    """The file's text.

    Raises:
        InputError: it cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise InputError(
            str(path), f"cannot be read: {fault.strerror}", next_act="check the path"
        ) from fault
    except UnicodeDecodeError as fault:
        raise InputError(
            str(path), f"is not UTF-8 text (byte {fault.start})", next_act="save it as UTF-8"
        ) from fault


def load(kind: type[T], text: str, source: str) -> T:
    """Read one JSON or YAML document.

    Args:
        kind: a value of `KINDS`.
        text: the document.
        source: the file's name, for the faults.

    Raises:
        FaultyDocument: with every fault, as `file:line: key.path: what is wrong`.
    """
    try:
        tree = parse(text)
    except Unreadable as fault:
        line = f"{source}:{fault.line}: {fault}"
        raise FaultyDocument(source, (line,), next_act="mend or replace the file") from fault
    name = name_of(kind)
    faults = [*tree.faults, *_format_faults(name, tree.value), *document_faults(name, tree.value)]
    document: T | None = None
    try:
        document = validate(kind, tree.value)
    except ValidationError as fault:
        faults += schema_faults(fault, tree.value, json_schema(name))
    if faults or document is None:
        raise faulty(source, text, tree, faults)
    return document


def name_of(kind: type[Any]) -> str:
    """The document kind's name in `KINDS`.

    Raises:
        UnknownName: no document is of this type.
    """
    for name, one in KINDS.items():
        if one is kind:
            return name
    raise UnknownName(kind.__name__, "no document is of this type", next_act="use one of KINDS")


def faulty(source: str, text: str, tree: Tree, faults: list[Fault]) -> FaultyDocument:
    """The error that lists all faults, each with its line and key path, in the file's order."""
    locate(tree, text, [path for path, _ in faults])
    lines = sorted(
        {(tree.line(path), ".".join(map(str, path)) or "document", what) for path, what in faults}
    )
    return FaultyDocument(
        source,
        tuple(f"{source}:{line}: {path}: {what}" for line, path, what in lines),
        next_act="correct these lines; `insvc schema KIND` prints what is expected",
    )


def _format_faults(kind: str, value: object) -> list[Fault]:
    """Whether the document says what it is, and is what was asked for."""
    expected = f"insvc-{kind}/1"
    found = value.get("format") if isinstance(value, dict) else None
    if not isinstance(value, dict) or found == expected:
        return []
    if found is None:
        return [(("format",), f"is missing, expected {expected}")]
    return [(("format",), f"is {show(found)}, expected {expected}")]


def dump(document: object) -> dict[str, Any]:
    """The document as JSON-ready values, keys as in its schema."""
    return cast("dict[str, Any]", TypeAdapter(type(document)).dump_python(document, mode="json"))


def dump_text(document: object) -> str:
    """The document as indented JSON text with a final newline."""
    return json.dumps(dump(document), indent=2, ensure_ascii=False) + "\n"

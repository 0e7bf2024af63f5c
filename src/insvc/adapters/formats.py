"""Documents at the edge: strict validation, every fault at once, JSON Schema, JSON text."""

import json
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from insvc.catalog.entry import Catalog
from insvc.errors import InputError, UnknownName
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from insvc.report.report import Report

T = TypeVar("T")

KINDS: dict[str, type[Any]] = {
    "catalog": Catalog,
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
    raise NotImplementedError


def dump(document: object) -> dict[str, Any]:
    """The document as JSON-ready values, keys as in its schema."""
    return cast("dict[str, Any]", TypeAdapter(type(document)).dump_python(document, mode="json"))


def dump_text(document: object) -> str:
    """The document as indented JSON text with a final newline."""
    return json.dumps(dump(document), indent=2, ensure_ascii=False) + "\n"

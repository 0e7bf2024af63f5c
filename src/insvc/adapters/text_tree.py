"""JSON and YAML text as plain values, with the line of every key.

Only what JSON can say is accepted: no tags, no aliases, no dates. Keys may not be repeated.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from insvc.adapters.json_lines import Path, scan

Fault = tuple[Path, str]

_PREFIX = "tag:yaml.org,2002:"
_WORDS = {"true": True, "false": False}


@dataclass(slots=True)
class Tree:
    """One document as plain values.

    Attributes:
        value: dictionaries, lists, text, numbers, truth values and nothing else.
        lines: line of every key path, counted from 1; empty where nobody has asked yet.
        faults: what the syntax allows and a document may not contain.
    """

    value: object
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of that key, or of the nearest one around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


class Unreadable(Exception):
    """The text is neither JSON nor YAML; the message says why, `line` where (from 1)."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def parse(text: str) -> Tree:
    """The document in the text: JSON where it begins with a brace, YAML elsewhere.

    Raises:
        Unreadable: neither of the two, or cut off.
    """
    if _is_json(text):
        return _parse_json(text)
    return _parse_yaml(text)


def locate(tree: Tree, text: str, paths: Iterable[Path]) -> None:
    """Find the lines of these keys and of those around them, where the tree has none yet."""
    if tree.lines:
        return
    if not _is_json(text):
        tree.lines = _parse_yaml(text).lines
        return
    wanted = {path[:end] for path in paths for end in range(len(path) + 1)}
    for path, line in scan(text):
        if path in wanted:
            tree.lines.setdefault(path, line)


def _is_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def _parse_json(text: str) -> Tree:
    is_repeated = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal is_repeated
        made = dict(found)
        is_repeated |= len(made) != len(found)
        return made

    try:
        value = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=pairs,
            parse_float=_finite,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as fault:
        raise Unreadable(fault.lineno, f"not JSON: {fault.msg} (column {fault.colno})") from fault
    except ValueError as fault:
        raise Unreadable(1, f"not JSON: {fault}") from fault
    except RecursionError as fault:
        raise Unreadable(1, "nested too deeply") from fault
    return Tree(value=value, faults=list(_repeated(text)) if is_repeated else [])


def _repeated(text: str) -> Iterator[Fault]:
    seen: set[Path] = set()
    for path, line in scan(text):
        if path in seen:
            yield path, f"is given twice, again in line {line}"
        seen.add(path)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_number(text)
    return number


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _parse_yaml(text: str) -> Tree:
    try:
        node = YAML(typ="safe", pure=True).compose(text)
        tree = Tree(value=None)
        tree.value = _Builder(tree).build(node, ()) if node is not None else None
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise Unreadable(line, f"not YAML: {fault.problem or fault.context}") from fault
    except (YAMLError, ValueError) as fault:
        first = str(fault).strip().splitlines()[0]
        raise Unreadable(1, f"not YAML: {first}") from fault
    except RecursionError as fault:
        raise Unreadable(1, "nested too deeply") from fault
    return tree


class _Builder:
    """Turns composed YAML nodes into plain values and notes lines and faults."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.seen: set[int] = set()

    def build(self, node: Node, path: Path) -> object:
        self.tree.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.seen:
            self.refuse(path, "is an alias; write the value out")
            return None
        self.seen.add(id(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(one, (*path, at)) for at, one in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, object]:
        made: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.refuse(path, "has a key that is not text")
                continue
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in made:
                self.refuse((*path, key), f"is given twice, again in line {line}")
                continue
            self.tree.lines[(*path, key)] = line
            made[key] = self.build(value_node, (*path, key))
        return made

    def scalar(self, node: Node, path: Path) -> object:
        kind = str(node.tag).removeprefix(_PREFIX)
        text = str(node.value)
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if kind in {"int", "float"}:
            return self.number(text, path)
        self.refuse(path, f"is a {kind}, not text; put it in quotes")
        return None

    def number(self, text: str, path: Path) -> int | float | None:
        try:
            return int(text)
        except ValueError:
            pass
        try:
            return _finite(text)
        except ValueError:
            self.refuse(path, f"is {text}, expected a decimal number")
            return None

    def refuse(self, path: Path, what: str) -> None:
        self.tree.faults.append((path, what))

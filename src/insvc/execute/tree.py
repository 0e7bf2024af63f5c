"""A sequence that is never changed: a changed copy shares all but the way to one place.

Each place has kinds, as bits, and each node of the tree the kinds of all that lie below it: places
of a kind are found without looking at the others.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_BITS = 4
_WIDTH = 1 << _BITS
_LOW = _WIDTH - 1

_Node = tuple[int, Any]
"""Kinds, and either the value of a place or the nodes below."""


class Tree(Generic[T]):
    """The sequence. `Tree.of` makes one."""

    __slots__ = ("_levels", "_root")

    def __init__(self, root: _Node, levels: int) -> None:
        self._root = root
        self._levels = levels

    @classmethod
    def of(cls, places: Iterable[tuple[int, T]]) -> "Tree[T]":
        """The sequence of these places, each given as its kinds and its value."""
        row: list[_Node] = list(places)
        levels = 0
        while levels == 0 or len(row) > 1:
            firsts = range(0, len(row), _WIDTH)
            row = [_node(row[at : at + _WIDTH]) for at in firsts] or [_node([])]
            levels += 1
        (root,) = row
        return cls(root, levels)

    @property
    def kinds(self) -> int:
        """Every kind that occurs."""
        return self._root[0]

    def look(self, at: int) -> tuple[int, T]:
        """Kinds and value of one place."""
        node = self._root
        for level in range(self._levels - 1, -1, -1):
            node = node[1][(at >> (level * _BITS)) & _LOW]
        return node

    def put(self, at: int, kinds: int, value: T) -> "Tree[T]":
        """The sequence with another value in one place."""
        root = _replaced(self._root, self._levels - 1, at, (kinds, value))
        return Tree(root, self._levels)

    def find(self, kinds: int) -> Iterator[int]:
        """The places of any of these kinds, in order."""
        return _find(self._root, self._levels, 0, kinds)


def _node(below: list[_Node]) -> _Node:
    kinds = 0
    for one in below:
        kinds |= one[0]
    return kinds, tuple(below)


def _replaced(node: _Node, level: int, at: int, leaf: _Node) -> _Node:
    here = (at >> (level * _BITS)) & _LOW
    below = list(node[1])
    below[here] = leaf if level == 0 else _replaced(below[here], level - 1, at, leaf)
    return _node(below)


def _find(node: _Node, levels: int, at: int, kinds: int) -> Iterator[int]:
    if levels == 0:
        yield at
        return
    for place, below in enumerate(node[1]):
        if below[0] & kinds:
            yield from _find(below, levels - 1, (at << _BITS) | place, kinds)

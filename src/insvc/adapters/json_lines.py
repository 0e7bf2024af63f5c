"""Where in a JSON text every key and element stands."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


@dataclass(slots=True)
class _Open:
    """An object or list that the scan is inside of.

    Attributes:
        is_object: whether it has keys.
        key: the key or index that comes next or is being read.
        awaits_key: whether the next text is a key.
    """

    is_object: bool
    key: str | int
    awaits_key: bool


def scan(text: str) -> Iterator[tuple[Path, int]]:
    """The path of every key and list element with its line, from 1; repeated keys repeatedly.

    The text must be JSON; of anything else the answer means nothing.
    """
    opened: list[_Open] = []
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        word = token[0]
        top = opened[-1] if opened else None
        if word in "]}":
            opened.pop()
            continue
        if top is not None and word in ",:":
            _advance(top, word)
            continue
        if top is not None and top.awaits_key:
            top.key = json.loads(word)
            top.awaits_key = False
            yield _path(opened), line
            continue
        if top is not None and not top.is_object:
            yield _path(opened), line
        if word in "{[":
            opened.append(_Open(word == "{", 0, word == "{"))


def _advance(top: _Open, word: str) -> None:
    if word == ",":
        top.awaits_key = top.is_object
        if isinstance(top.key, int) and not top.is_object:
            top.key += 1


def _path(opened: list[_Open]) -> Path:
    return tuple(one.key for one in opened)

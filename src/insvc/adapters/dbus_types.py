"""Types of D-Bus values, as signatures write them.

Source: the D-Bus specification, "Type System".
"""

from functools import lru_cache

from insvc.errors import WorldError

FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d"}
ALIGN = {"y": 1, "g": 1, "v": 1, "n": 2, "q": 2, "x": 8, "t": 8, "d": 8, "(": 8, "{": 8}
_BASIC = frozenset(FIXED) | {"s", "o", "g"}
_CLOSES = {"(": ")", "{": "}"}


@lru_cache(maxsize=512)
def types(signature: str) -> tuple[str, ...]:
    """The complete types that a signature is made of.

    Raises:
        WorldError: it is no signature.
    """
    found, at = [], 0
    while at < len(signature):
        end = _end_of_type(signature, at)
        found.append(signature[at:end])
        at = end
    return tuple(found)


def _end_of_type(signature: str, at: int) -> int:
    while at < len(signature) and signature[at] == "a":
        at += 1
    first = signature[at : at + 1]
    if first in _BASIC or first == "v":
        return at + 1
    if first not in _CLOSES:
        raise broken(f"the signature {signature!r} holds a type that is not known here")
    depth = 0
    for index in range(at, len(signature)):
        depth += (signature[index] in _CLOSES) - (signature[index] in _CLOSES.values())
        if depth == 0:
            _check_members(signature[at : index + 1])
            return index + 1
    raise broken(f"the signature {signature!r} ends within a type")


def _check_members(kind: str) -> None:
    """A structure has members and a dictionary entry two of them, the first of them basic."""
    members = types(kind[1:-1])
    is_entry = len(members) == 2 and members[0] in _BASIC  # noqa: PLR2004 - key and value
    if kind[-1] != _CLOSES[kind[0]] or not members or (kind[0] == "{" and not is_entry):
        raise broken(f"the type {kind!r} has other members than it may have")


def broken(reason: str) -> WorldError:
    """The error about a message that cannot be read."""
    return WorldError("D-Bus message", reason, next_act="look at what answers on that socket")


def single(kinds: tuple[str, ...]) -> str:
    """The only one of them, as a variant has.

    Raises:
        WorldError: there are none or many.
    """
    if len(kinds) != 1:
        raise broken("a variant has not one type")
    return kinds[0]

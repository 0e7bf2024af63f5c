"""Which of two Debian versions is newer.

Source: deb-version(7). Epoch, then upstream version, then revision; each of the latter two is read
as alternating runs of other characters and of digits. A tilde sorts before anything, even before
the end; letters sort before all other characters.
"""

import re
from itertools import zip_longest

_RUNS = re.compile(r"(\D*)(\d*)", re.ASCII)
_END = 0


def compare_versions(left: str, right: str) -> int:
    """Negative when left is older, zero when they are equal, positive when it is newer."""
    one, other = _sort_key(left), _sort_key(right)
    return (one > other) - (one < other)


def is_newer(left: str, right: str) -> bool:
    """Whether left is newer than right."""
    return compare_versions(left, right) > 0


class _Part:
    """Upstream version or revision, in the order of deb-version(7)."""

    __slots__ = ("_runs",)

    def __init__(self, text: str) -> None:
        self._runs = [
            ([_weight(character) for character in words], int(digits or "0"))
            for words, digits in _RUNS.findall(text)
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and self._compared(other) == 0

    def __lt__(self, other: "_Part") -> bool:
        return self._compared(other) < 0

    def __gt__(self, other: "_Part") -> bool:
        return self._compared(other) > 0

    __hash__ = None  # type: ignore[assignment]

    def _compared(self, other: "_Part") -> int:
        empty: tuple[list[int], int] = ([], 0)
        for (words, number), (others, other_number) in zip_longest(
            self._runs, other._runs, fillvalue=empty
        ):
            for weight, other_weight in zip_longest(words, others, fillvalue=_END):
                if weight != other_weight:
                    return weight - other_weight
            if number != other_number:
                return number - other_number
        return 0


def _sort_key(version: str) -> tuple[int, _Part, _Part]:
    epoch, colon, rest = version.strip().partition(":")
    if not colon:
        epoch, rest = "0", epoch
    upstream, dash, revision = rest.rpartition("-")
    if not dash:
        upstream, revision = revision, ""
    return int(epoch) if epoch.isdigit() else 0, _Part(upstream), _Part(revision)


def _weight(character: str) -> int:
    if character == "~":
        return -1
    if character.isalpha():
        return ord(character)
    return ord(character) + 256

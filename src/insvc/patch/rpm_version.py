"""Which of two versions of rpm is newer.

Source: rpm-version(7). Epoch, then version, then release; each of the latter two is read as runs of
digits and runs of letters, and what stands between them does not count. A number is newer than
letters; a tilde sorts before anything, even before the end; a caret after the end, and before
anything else.
"""

import re
from itertools import zip_longest

_RUNS = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")
_END = ""


def compare_rpm_versions(left: str, right: str) -> int:
    """Negative when left is older, zero when they are equal, positive when it is newer.

    Args:
        left: `EPOCH:VERSION-RELEASE`, without an epoch of 0.
        right: another.
    """
    one, other = _parts(left), _parts(right)
    if one[0] != other[0]:
        return one[0] - other[0]
    return _compared(one[1], other[1]) or _compared(one[2], other[2])


def is_newer_rpm(left: str, right: str) -> bool:
    """Whether left is newer than right."""
    return compare_rpm_versions(left, right) > 0


def _parts(version: str) -> tuple[int, list[str], list[str]]:
    epoch, colon, rest = version.strip().partition(":")
    if not colon:
        epoch, rest = "0", epoch
    number, dash, release = rest.rpartition("-")
    if not dash:
        number, release = release, ""
    return int(epoch) if epoch.isdecimal() else 0, _RUNS.findall(number), _RUNS.findall(release)


def _compared(left: list[str], right: list[str]) -> int:
    for one, other in zip_longest(left, right, fillvalue=_END):
        keys = _key(one), _key(other)
        if keys[0] != keys[1]:
            return 1 if keys[0] > keys[1] else -1
    return 0


def _key(run: str) -> tuple[int, int, str]:
    """What a run is compared by: its kind, then its number, then its letters."""
    if run == "~":
        return -2, 0, ""
    if run == _END:
        return -1, 0, ""
    if run == "^":
        return 0, 0, ""
    return (2, int(run), "") if run.isdigit() else (1, 0, run)

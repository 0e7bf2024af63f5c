"""The order of rpm's versions."""

from itertools import pairwise

import pytest

from insvc.patch.rpm_version import compare_rpm_versions, is_newer_rpm

ASCENDING = [
    "1.0~~-1",
    "1.0~rc1-1",
    "1.0-1",
    "1.0-1.fc40",
    "1.0-2",
    "1.0-10",
    "1.0^git1-1",
    "1.0a-1",
    "1.0b-1",
    "1.0.1-1",
    "1.9-1",
    "1.10-1",
    "1.10.1^1~rc-1",
    "1:0.1-1",
    "2:0-1",
]


@pytest.mark.parametrize(("older", "newer"), list(pairwise(ASCENDING)))
def test_each_version_is_older_than_the_next(older: str, newer: str) -> None:
    assert is_newer_rpm(newer, older)
    assert not is_newer_rpm(older, newer)
    assert compare_rpm_versions(older, newer) < 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.0-1", "1.00-1"), ("1.0-1", "0:1.0-1"), ("1.0-1", "1_0-1"), ("x:1-1", "1-1"), ("1", " 1 ")],
)
def test_what_counts_the_same_is_equal(one: str, other: str) -> None:
    assert compare_rpm_versions(one, other) == 0

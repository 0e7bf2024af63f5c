"""Debian's order of versions."""

from itertools import pairwise

import pytest

from insvc.patch.version import compare_versions, is_newer

ASCENDING = [
    "0.9",
    "1.0~~",
    "1.0~rc1-1",
    "1.0",
    "1.0-0.1",
    "1.0-1~deb12u1",
    "1.0-1",
    "1.0-1a",
    "1.0-1+b1",
    "1.0-1.1",
    "1.0-2",
    "1.0-10",
    "1.0a-1",
    "1.0+git1-1",
    "1.0.1-1",
    "1.9-1",
    "1.10-1",
    "1:0.1-1",
    "2:0",
]


@pytest.mark.parametrize(("older", "newer"), list(pairwise(ASCENDING)))
def test_each_version_is_older_than_the_next(older: str, newer: str) -> None:
    assert is_newer(newer, older)
    assert compare_versions(older, newer) < 0


@pytest.mark.parametrize(
    ("one", "other"), [("1.0", "1.00"), ("1.0", "0:1.0"), ("1.0-0", "1.0"), (" 1.0 ", "1.0")]
)
def test_different_spellings_of_one_version_are_equal(one: str, other: str) -> None:
    assert compare_versions(one, other) == 0
    assert not is_newer(one, other)


def test_an_epoch_that_is_no_number_counts_as_none() -> None:
    assert compare_versions("x:1.0", "1.0") == 0

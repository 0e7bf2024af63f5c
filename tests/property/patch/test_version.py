"""Our order of versions is dpkg's own."""

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.patch.version import compare_versions

VERSIONS = st.from_regex(
    r"([0-9]:)?[0-9][0-9a-zA-Z.+~]{0,6}(-[0-9a-zA-Z.+~]{1,4})?", fullmatch=True
)


@settings(max_examples=60, deadline=None)
@given(one=VERSIONS, other=VERSIONS)
def test_two_versions_compare_as_dpkg_compares_them(one: str, other: str) -> None:
    order = compare_versions(one, other)
    operator = "lt" if order < 0 else "gt" if order > 0 else "eq"
    command = ["dpkg", "--compare-versions", one, operator, other]
    assert subprocess.run(command, check=False).returncode == 0


@given(one=VERSIONS, other=VERSIONS, third=VERSIONS)
def test_the_order_is_total(one: str, other: str, third: str) -> None:
    assert compare_versions(one, one) == 0
    forth, back = compare_versions(one, other), compare_versions(other, one)
    assert (forth > 0) == (back < 0)
    assert (forth == 0) == (back == 0)
    if compare_versions(one, other) <= 0 and compare_versions(other, third) <= 0:
        assert compare_versions(one, third) <= 0

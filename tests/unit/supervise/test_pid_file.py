"""Whose process a pid file names."""

from typing import Any

import pytest

from insvc.supervise.pid_file import Marks, is_main

OWN: dict[str, Any] = {"root": "/r", "service": "x"}


@pytest.mark.parametrize(
    ("marks", "program", "expected"),
    [
        (OWN, "", True),
        ({**OWN, "service": "y", "is_younger": True}, "", False),
        ({**OWN, "root": "/another", "is_in_unit": True}, "", False),
        ({**OWN, "is_vouched_for": False}, "", False),
        ({}, "", False),
        ({"is_younger": True}, "", True),
        ({"is_younger": True}, "/r/usr/sbin/x", False),
        ({"programs": frozenset({"/r/usr/sbin/x"})}, "/r/usr/sbin/x", True),
        ({"is_in_unit": True}, "/r/usr/sbin/x", True),
    ],
)
def test_a_process_is_the_service_s_only_where_something_says_so(
    marks: dict[str, Any], program: str, expected: bool
) -> None:
    found = is_main(Marks(**marks), root="/r", service="x", program=program)
    assert found is expected

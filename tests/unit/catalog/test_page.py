"""Headings and lines of the page."""

import pytest

from insvc.catalog.page import HEADINGS, PageRow, column_of, tidy


def test_every_heading_of_ours_is_recognised() -> None:
    assert [column_of(heading) for heading in HEADINGS.values()] == list(HEADINGS)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("PROCESS / SERVICE", "title"),
        ("In-service patchable?", "in_service_patchable"),
        ("Managed  by", "managed_by"),
        ("Manager", "managed_by"),
        ("Impact (if restarted)", "impact"),
        ("Special handling", "special_handling"),
        ("Owner", None),
        ("", None),
    ],
)
def test_headings_may_be_spelt_otherwise(heading: str, column: str | None) -> None:
    assert column_of(heading) == column


def test_lines_lose_blanks_and_what_cannot_be_printed() -> None:
    assert tidy("  a \t b\x00\n\n\u00a0c\x07 \ufffd\nd") == ("a b", "c", "d")


def test_a_cell_reads_as_one_line() -> None:
    row = PageRow(number=1, cells={"title": ("a", "b")})
    assert row.text("title") == "a b"

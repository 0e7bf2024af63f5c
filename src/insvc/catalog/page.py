"""The operators' page "Process restart information" as plain rows of cells."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Lines = tuple[str, ...]

HEADINGS: Final[Mapping[str, str]] = {
    "title": "Process/Service",
    "function": "Function",
    "in_service_patchable": "In service patchable",
    "managed_by": "Managed by",
    "restart": "Restart command",
    "patch_restart": "Patch Restart command",
    "depends_on": "Restart dependency",
    "impact": "Impact(if restarted while in operation)",
    "special_handling": "Special handling required",
}
"""Heading of every column by the field it fills, in the page's order."""

_COLUMNS = (
    ("title", r"process"),
    ("function", r"function"),
    ("in_service_patchable", r"in ?service patch"),
    ("managed_by", r"manage[dr]"),
    ("patch_restart", r"patch restart"),
    ("restart", r"restart command"),
    ("depends_on", r"restart depend"),
    ("impact", r"impact"),
    ("special_handling", r"special"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRow:
    """One row of the table.

    Attributes:
        number: its place among the rows that hold an entry, from 1.
        cells: the lines of every cell by the field it fills; blank lines are dropped.
        entry: name of the entry that the row was written from, where a page of ours says so.
    """

    number: int
    cells: Mapping[str, Lines]
    entry: str | None = None

    def text(self, column: str) -> str:
        """The cell as one line."""
        return " ".join(self.cells[column])


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The whole page.

    Attributes:
        rows: in the page's order.
        block: the catalog that a page of ours carries along, as JSON text.
    """

    rows: tuple[PageRow, ...]
    block: str | None = None


def column_of(heading: str) -> str | None:
    """The field that a column of this heading fills, or nothing."""
    words = re.sub(r"[^a-z]+", " ", heading.casefold()).strip()
    for column, pattern in _COLUMNS:
        if re.match(pattern, words):
            return column
    return None


def tidy(text: str) -> Lines:
    """The text's lines without control characters, surplus blanks and empty lines."""
    lines = (" ".join(_printable(line).split()) for line in text.split("\n"))
    return tuple(line for line in lines if line)


def _printable(line: str) -> str:
    return "".join(
        " " if one.isspace() else one
        for one in line
        if one.isspace() or (unicodedata.category(one) not in {"Cc", "Cs"} and one != "\ufffd")
    )

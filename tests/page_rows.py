"""Rows of the operators' page for tests, with only the cells a test is about written out."""

from insvc.catalog.page import HEADINGS, PageRow, tidy

_USUAL = {
    "title": "web",
    "function": "Serves pages",
    "in_service_patchable": "Y",
    "managed_by": "SM",
    "restart": "sm-restart-safe service web",
    "depends_on": "N",
    "special_handling": "N",
}


def a_row(number: int = 1, /, **cells: str) -> PageRow:
    """A row; a cell's lines are separated by line feeds."""
    given = dict.fromkeys(HEADINGS, "") | _USUAL | cells
    return PageRow(number=number, cells={key: tidy(text) for key, text in given.items()})

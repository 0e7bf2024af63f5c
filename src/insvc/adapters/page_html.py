"""The operators' page as HTML: read in any of its forms, written with the same nine columns."""

import dataclasses
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from insvc.adapters.formats import dump, load
from insvc.catalog.entry import Catalog
from insvc.catalog.page import HEADINGS, Page, PageRow, column_of, tidy
from insvc.catalog.page_entries import entries_of
from insvc.catalog.page_rows import rows_of
from insvc.errors import FaultyDocument

BLOCK_ID: Final = "insvc-catalog"
_PAIRED = ("table", "html", "body", "script")
_BLOCKS = {"p", "div", "li", "ul", "ol", "tr", "pre"}
_FEWEST_HEADINGS = 3


def import_page(text: str, source: str, name: str) -> Catalog:
    """The catalog that a page describes.

    Of a page that insvc wrote, the catalog it carries along is taken wherever the visible row
    still says the same; where somebody has edited the row, the row counts.

    Args:
        text: the page, also with lines before its document type.
        source: the file's name, for the faults.
        name: what the catalog is called where the page does not say.

    Raises:
        FaultyDocument: not such a page, cut off, or cells that cannot be understood; all faults.
    """
    page = read_page(text, source)
    seen = entries_of(page.rows, name, source)
    if page.block is None:
        return seen
    carried = load(Catalog, page.block, f"{source}: embedded catalog")
    written = {row.entry: row.cells for row in rows_of(carried)}
    held = {one.name: one for one in carried.entries}
    entries = tuple(
        held[row.entry] if row.entry and written.get(row.entry) == row.cells else entry
        for row, entry in zip(page.rows, seen.entries, strict=True)
    )
    return dataclasses.replace(carried, entries=entries)


def read_page(text: str, source: str) -> Page:
    """The rows of every table that has the page's columns.

    Raises:
        FaultyDocument: no such table, a column missing, the page cut off, half a row.
    """
    cut = tuple(_cut_off(text))
    if cut:
        raise _refused(source, cut)
    tree = LexborHTMLParser(text)
    rows: list[PageRow] = []
    faults: list[str] = []
    tables = [one for one in tree.css("table") if _headings(one)]
    for table in tables:
        _read_table(table, rows, faults)
    if not tables:
        faults.append("holds no table headed " + ", ".join(HEADINGS.values()))
    elif not rows and not faults:
        faults.append("holds a table without a single row")
    if faults:
        raise _refused(source, faults)
    block = tree.css_first(f"script#{BLOCK_ID}")
    return Page(rows=tuple(rows), block=block.text() if block is not None else None)


def _refused(source: str, faults: Sequence[str]) -> FaultyDocument:
    return FaultyDocument(
        source,
        tuple(f"{source}: {one}" for one in faults),
        next_act="hand over the whole page as it was published; nothing was taken",
    )


def _cut_off(text: str) -> Iterator[str]:
    visible = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).casefold()
    for tag in _PAIRED:
        opened = len(re.findall(rf"<{tag}[\s>]", visible))
        closed = len(re.findall(rf"</{tag}\s*>", visible))
        if opened > closed:
            yield f"is cut off: <{tag}> begins {opened} times and ends {closed} times"


def _rows(table: LexborNode) -> Iterator[list[LexborNode]]:
    """The cells of every row of this table, not of tables inside it."""
    for part in table.iter():
        groups = [part] if part.tag == "tr" else list(part.iter())
        for row in groups:
            if row.tag == "tr":
                yield [one for one in row.iter() if one.tag in {"td", "th"}]


def _headings(table: LexborNode) -> list[str | None]:
    """What the columns of the table's first heading row fill, or nothing at all."""
    for cells in _rows(table):
        columns = [column_of(" ".join(_lines(one))) for one in cells]
        if len({one for one in columns if one}) >= _FEWEST_HEADINGS:
            return columns
    return []


def _read_table(table: LexborNode, rows: list[PageRow], faults: list[str]) -> None:
    columns = _headings(table)
    wrong = list(_wrong_columns(table, columns))
    if wrong:
        faults += wrong
        return
    for cells in _rows(table):
        texts = [_lines(one) for one in cells]
        if _is_heading(cells, texts):
            continue
        number = len(rows) + 1
        if len(cells) != len(columns):
            faults.append(_half_row(number, texts, columns))
            continue
        found = {key: text for key, text in zip(columns, texts, strict=True) if key}
        entry = cells[0].parent.attributes.get("data-entry") if cells[0].parent else None
        rows.append(PageRow(number=number, cells=found, entry=entry))


def _wrong_columns(table: LexborNode, columns: Sequence[str | None]) -> Iterator[str]:
    for key, heading in HEADINGS.items():
        if key not in columns:
            yield f"column {heading!r} is missing"
        elif columns.count(key) > 1:
            yield f"column {heading!r} is there {columns.count(key)} times"
    first = next(cells for cells in _rows(table) if len(cells) == len(columns))
    for number, (column, cell) in enumerate(zip(columns, first, strict=True), start=1):
        if column is None:
            yield f"column {number} ({' '.join(_lines(cell))!r}) is not known"


def _is_heading(cells: Sequence[LexborNode], texts: Sequence[tuple[str, ...]]) -> bool:
    if not cells:
        return True
    if len(cells) == 1 and cells[0].tag == "th":
        return True
    known = sum(1 for text in texts if column_of(" ".join(text)))
    return known >= _FEWEST_HEADINGS and all(one.tag == "th" for one in cells)


def _half_row(number: int, texts: Sequence[tuple[str, ...]], columns: Sequence[str | None]) -> str:
    title = " ".join(texts[0]) if texts else ""
    where = f"row {number}" + (f" ({title})" if title else "")
    if len(texts) < len(columns):
        key = columns[len(texts)] or ""
        return (
            f"{where} has {len(texts)} cells, expected {len(columns)}: "
            f"it ends before column {HEADINGS[key]!r}"
        )
    return f"{where} has {len(texts)} cells, expected {len(columns)}"


def _lines(cell: LexborNode) -> tuple[str, ...]:
    return tidy("".join(_text(cell)))


def _text(node: LexborNode) -> Iterator[str]:
    """The text below a node, a new line only where the page shows one."""
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            yield re.sub(r"\s+", " ", child.text_content or "")
        elif child.tag == "br":
            yield "\n"
        elif child.tag in _BLOCKS:
            yield "\n"
            yield from _text(child)
            yield "\n"
        else:
            yield from _text(child)


def render_page(catalog: Catalog) -> str:
    """The page: nine columns, and the whole catalog in a block that browsers do not show."""
    rows = "\n".join(_row(row) for row in rows_of(catalog))
    headings = "\n".join(f"<th>{html.escape(one)}</th>" for one in HEADINGS.values())
    block = json.dumps(dump(catalog), ensure_ascii=True).replace("<", "\\u003c")
    return _PAGE.format(
        title=html.escape(f"Process restart information: {catalog.name}"),
        headings=headings,
        rows=rows,
        id=BLOCK_ID,
        block=block,
    )


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; }}
table, th, td {{ border: 1px solid #888; border-collapse: collapse; }}
th, td {{ padding: 8px; vertical-align: top; text-align: left; }}
thead th {{ position: sticky; top: 0; background: #eee; }}
</style>
</head>
<body>
<table>
<caption>Process restart information</caption>
<thead>
<tr>
{headings}
</tr>
</thead>
<tbody>
{rows}
</tbody>
<tfoot>
<tr>
{headings}
</tr>
</tfoot>
</table>
<script type="application/json" id="{id}">{block}</script>
</body>
</html>
"""


def _row(row: PageRow) -> str:
    cells = "\n".join(_cell(key, row.cells) for key in HEADINGS)
    return f'<tr data-entry="{html.escape(row.entry or "")}">\n{cells}\n</tr>'


def _cell(key: str, cells: Mapping[str, tuple[str, ...]]) -> str:
    return f"<td>{'<br>'.join(html.escape(line) for line in cells[key])}</td>"

"""The operators' page as HTML, in every form it comes in."""

import dataclasses
import re
from pathlib import Path

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.adapters.page_html import import_page, read_page, render_page
from insvc.catalog.entry import Catalog, Command, Entry
from insvc.catalog.page import HEADINGS
from insvc.errors import FaultyDocument
from insvc.model.words import Personality
from tests.entries import a_catalog, an_entry

FORMS = (Path(__file__).parent.parent.parent / "pages" / "forms.html").read_text(encoding="utf-8")
CELLS = ("web", "Serves", "Y", "SM", "sm-restart-safe service web", "", "N", "", "N")


def page(*rows: str, head: str | None = None, end: str = "</table>") -> str:
    return (
        f"<table>{row(*HEADINGS.values(), tag='th') if head is None else head}{''.join(rows)}{end}"
    )


def row(*cells: str, tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{one}</{tag}>" for one in cells) + "</tr>"


def read(text: str) -> Catalog:
    return import_page(text, "p.html", "p")


def faults(text: str) -> str:
    with pytest.raises(FaultyDocument) as refused:
        read(text)
    return "\n".join(refused.value.faults)


def page_facts(entry: Entry) -> tuple[object, ...]:
    """What the nine columns can say of an entry, beyond free text."""
    needs_care = entry.special_handling
    return (
        entry.name,
        entry.title,
        entry.in_service_patchable,
        entry.managed_by,
        entry.restart,
        entry.patch_restart,
        entry.depends_on,
        needs_care,
        {one.name for one in entry.services},
    )


def test_the_page_as_handed_over_is_read_whole() -> None:
    catalog = read(FORMS)
    assert [one.name for one in catalog.entries] == [
        "meter-poller",
        "front-proxy",
        "sm",
        "sm-helper",
        "net-dhcp",
        "nova-api",
        "nova-engine",
        "purge-job",
        "images",
        "desk",
        "store",
    ]


def test_the_bare_page_says_the_same() -> None:
    bare = FORMS[FORMS.index("<!DOCTYPE") :]
    table = FORMS[FORMS.index("<table") : FORMS.index("</table>") + len("</table>")]
    assert read(bare) == read(table) == read(FORMS)


def test_commands_are_read_in_all_their_forms() -> None:
    entries = {one.name: one for one in read(FORMS).entries}
    assert entries["front-proxy"].restart == (
        Command(
            run="sm-restart-safe service front-proxy",
            runs=(
                "/bin/sh /etc/init.d/front-proxy stop",
                "/bin/sh /etc/init.d/front-proxy start",
            ),
        ),
    )
    assert [one.run for one in entries["net-dhcp"].patch_restart] == [
        "/bin/net-restart net-dhcp",
        "/bin/net-restart --all",
    ]
    assert entries["purge-job"].restart == (Command(run="/usr/bin/purge-job", manual=True),)
    assert entries["sm-helper"].restart == ()


def test_an_unescaped_ampersand_and_changed_words_are_understood() -> None:
    entries = {one.name: one for one in read(FORMS).entries}
    assert entries["store"].title == "store-disk & store-mon"
    assert entries["net-dhcp"].runs_on == (Personality.WORKER,)
    older = read(FORMS.replace("worker node", "compute node"))
    assert older.entry("net-dhcp").runs_on == (Personality.WORKER,)  # type: ignore[union-attr]


def test_fewer_rows_and_other_column_orders_are_read() -> None:
    assert read(page(row(*CELLS))).entries[0].name == "web"
    turned = page(row(*reversed(CELLS)), head=row(*reversed(list(HEADINGS.values())), tag="th"))
    assert read(turned).entries == read(page(row(*CELLS))).entries


def test_repeated_headings_and_section_lines_are_no_entries() -> None:
    head = row(*HEADINGS.values(), tag="th")
    section = '<tr><th colspan="9">Storage</th></tr>'
    text = page(
        section, row(*CELLS), head, "<tr></tr>", row("db", *CELLS[1:4], "", *CELLS[5:]), head
    )
    assert [one.name for one in read(text).entries] == ["web", "db"]


def test_two_tables_make_one_catalog() -> None:
    other = page(row("db", "", "N", "PMON", "", "", "N", "", "N"))
    text = page(row(*CELLS)) + "<table><tr><td>legend</td></tr></table>" + other
    assert [one.name for one in read(text).entries] == ["web", "db"]


def test_text_in_paragraphs_and_lists_keeps_its_lines() -> None:
    cells = [*CELLS]
    cells[4] = "<ul><li>sm-restart service <i>web</i></li><li><p>go web</p></li></ul>"
    assert [one.run for one in read(page(row(*cells))).entries[0].restart] == [
        "sm-restart service web",
        "go web",
    ]


@pytest.mark.parametrize("text", ["", "hello", "<html><body>No table</body></html>", "{}"])
def test_what_is_no_such_page_is_refused(text: str) -> None:
    assert "holds no table headed Process/Service, Function" in faults(text)


def test_a_page_cut_off_anywhere_is_refused_or_whole() -> None:
    text = FORMS.rstrip()
    for end in range(len(text.partition("<table")[0]) + 6, len(text) - 1, 41):
        with pytest.raises(FaultyDocument):
            read(text[:end])


def test_missing_doubled_and_unknown_columns_are_named() -> None:
    names = [*HEADINGS.values()]
    assert "column 'Managed by' is missing" in faults(
        page(row(*CELLS[:8]), head=row(*(one for one in names if one != "Managed by"), tag="th"))
    )
    doubled = faults(page(row(*CELLS, "x"), head=row(*names, "Function", tag="th")))
    assert "column 'Function' is there 2 times" in doubled
    unknown = faults(page(row(*CELLS, "x"), head=row(*names, "Owner", tag="th")))
    assert "column 10 ('Owner') is not known" in unknown


def test_half_rows_and_surplus_cells_are_named_all_at_once() -> None:
    found = faults(page(row(*CELLS), row("db", "x", "Y"), row(*CELLS, "more"), row("")))
    assert found.splitlines() == [
        "p.html: row 2 (db) has 3 cells, expected 9: it ends before column 'Managed by'",
        "p.html: row 2 (web) has 10 cells, expected 9",
        "p.html: row 2 has 1 cells, expected 9: it ends before column 'Function'",
    ]


def test_a_table_without_rows_is_refused() -> None:
    assert "without a single row" in faults(page())


def test_faulty_cells_refuse_the_whole_page() -> None:
    assert "column Managed by: is 'Bob'" in faults(
        page(row(*CELLS), row("db", "", "Y", "Bob", "", "", "N", "", "N"))
    )


@pytest.mark.parametrize("catalog", [builtin(), read(FORMS), a_catalog(an_entry(title="<b>&amp;"))])
def test_a_written_page_reads_back_as_the_same_catalog(catalog: Catalog) -> None:
    assert read(render_page(catalog)) == catalog


@pytest.mark.parametrize("catalog", [builtin(), read(FORMS)])
def test_the_nine_columns_alone_hold_the_facts(catalog: Catalog) -> None:
    text = re.sub(r"<script.*</script>", "", render_page(catalog), flags=re.DOTALL)
    again = read(text)
    assert [page_facts(one) for one in again.entries] == [
        page_facts(one) for one in catalog.entries
    ]


def test_a_page_of_ours_has_the_nine_columns() -> None:
    written = render_page(a_catalog(an_entry()))
    headings = re.findall(r"<th>(.*?)</th>", written)
    assert headings == [*HEADINGS.values()] * 2
    assert len(re.findall("<td>", written)) == 9
    assert len(read_page(written, "p").rows) == 1


def test_an_edited_row_counts_more_than_the_carried_catalog() -> None:
    catalog = a_catalog(an_entry("web"), an_entry("db"), an_entry("mail"))
    text = render_page(catalog)
    rows = re.findall(r"<tr data-entry.*?</tr>", text, flags=re.DOTALL)
    edited = text.replace(rows[1], "").replace(rows[2], rows[2].replace(">SM<", ">PMON<"))
    again = read(edited)
    assert again.name == "tested"
    assert again.entries[0] == catalog.entries[0]
    assert [one.name for one in again.entries] == ["web", "mail"]
    assert again.entries[1].managed_by == "pmon"
    assert again.entries[1].provenance["managed_by"] == "page"


def test_a_spoilt_block_refuses_the_whole_page() -> None:
    text = render_page(a_catalog(an_entry()))
    assert "embedded catalog" in faults(text.replace('"title": "Web"', '"titel": "Web"'))


def test_text_that_html_cannot_hold_does_not_change_the_catalog() -> None:
    odd = dataclasses.replace(an_entry(), function="a\x00b\ufffdc\r\nd \u00a0 e</script><!--")
    assert read(render_page(a_catalog(odd))) == a_catalog(odd)

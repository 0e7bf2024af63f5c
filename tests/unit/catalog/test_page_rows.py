"""Entries as rows of the page."""

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    ClearSessions,
    Command,
    Entry,
    GracefulWindow,
    Impact,
    Note,
    ReapOrphans,
    Rule,
    Service,
)
from insvc.catalog.page_entries import UNEXPLAINED, read_row
from insvc.catalog.page_rows import rows_of, special_words
from insvc.model.words import Manager
from tests.entries import a_catalog, an_entry


def cells(entry: Entry) -> dict[str, tuple[str, ...]]:
    return dict(rows_of(a_catalog(entry))[0].cells)


def special(*rules: Rule) -> str:
    return " ".join(special_words(rules))


def test_rows_keep_the_order_and_name_their_entry() -> None:
    rows = rows_of(a_catalog(an_entry("b"), an_entry("a")))
    assert [(one.number, one.entry) for one in rows] == [(1, "b"), (2, "a")]


def test_plain_columns() -> None:
    found = cells(
        an_entry(
            managed_by=Manager.NONE,
            in_service_patchable=False,
            depends_on=("db", "mail"),
            restart=(Command(run="a"), Command(run="b")),
        )
    )
    assert found["in_service_patchable"] == ("N",)
    assert found["managed_by"] == ()
    assert found["depends_on"] == ("db, mail",)
    assert found["restart"] == ("a", "or", "b")
    assert found["patch_restart"] == ()
    assert cells(an_entry())["depends_on"] == ("N",)


def test_parts_are_listed_where_no_other_cell_names_them() -> None:
    parts = (Service(name="web-a"), Service(name="web-b"), Service(name="web-c"))
    assert cells(an_entry(services=parts))["title"] == ("Web (consists of web-a, web-b and web-c)",)
    told = an_entry(services=parts[:2], function="Restarts web-a and web-b.")
    assert cells(told)["title"] == ("Web",)


def test_the_impact_reads_back_as_the_same_facts() -> None:
    impact = Impact(
        outstanding_requests="delayed",
        new_requests="none",
        may_lose=("rows: 0.5 s",),
        sessions="lost",
        longest_s=45,
        recovers="operator",
        note="Mind the gap.",
    )
    window = GracefulWindow(timeout_s=20, on_timeout="leave")
    entry = an_entry(impact=impact, special_handling=(window, ClearSessions(path="/x/sessions")))
    row = rows_of(a_catalog(entry))[0]
    again = read_row(row, ["web"])
    assert row.text("special_handling") == "N"
    assert again.special_handling == entry.special_handling
    for key in ("outstanding_requests", "new_requests", "may_lose", "longest_s", "recovers"):
        assert getattr(again.impact, key) == getattr(impact, key), key


def test_what_is_not_known_is_not_claimed() -> None:
    assert cells(an_entry())["impact"] == ()
    logged_out = an_entry(special_handling=(ClearSessions(path=""),))
    assert cells(logged_out)["impact"] == ("All users are logged out.",)


def test_special_handling_is_no_yes_or_words() -> None:
    assert special() == "N"
    assert special(CarriesTraffic(), ReapOrphans(match="x", of="web")) == "Y"
    assert special(Note(text=UNEXPLAINED)) == "Y"
    assert special(Note(text="Ask first."), CarriesTraffic()) == "Ask first."


def test_orders_read_back_as_the_same_rules() -> None:
    rules = (
        AtMostOneDown(service="web"),
        Before(entries=("db", "mail"), where="active-controller"),
        AvoidTogether(entries=("db",)),
    )
    entry = an_entry(special_handling=rules, managed_by=Manager.PMON)
    assert read_row(rows_of(a_catalog(entry))[0], ["web", "db"]).special_handling == rules
    everywhere = an_entry(special_handling=(Before(entries=("db",)),))
    row = rows_of(a_catalog(everywhere))[0]
    assert read_row(row, ["web", "db"]).special_handling == everywhere.special_handling


def test_orphans_read_back_with_their_pattern() -> None:
    entry = an_entry(special_handling=(ReapOrphans(match="a-(b)?c", of="web"),))
    row = rows_of(a_catalog(entry))[0]
    assert read_row(row, ["web"]).special_handling == entry.special_handling

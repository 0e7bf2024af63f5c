"""Rows of the page as entries."""

import pytest

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    ClearSessions,
    Entry,
    GracefulWindow,
    Note,
    ReapOrphans,
)
from insvc.catalog.page import PageRow
from insvc.catalog.page_entries import UNEXPLAINED, entries_of, read_row
from insvc.errors import FaultyDocument
from insvc.model.act import DrainRule
from insvc.model.words import Action, Manager, Personality, Redundancy, RestartClass
from tests.page_rows import a_row


def read(**cells: str) -> Entry:
    return read_row(a_row(**cells), ["web", "db", "nova-api", "nova-engine"])


def test_a_row_becomes_an_entry_that_says_where_it_is_from() -> None:
    entry = read(title="auth-all", restart="sm-restart-safe service auth", impact="No impact.")
    assert (entry.name, entry.title, entry.aliases) == ("auth-all", "auth-all", ("auth",))
    assert [one.name for one in entry.services] == ["auth"]
    assert entry.services[0].match == r"/auth(\s|$)"
    assert (entry.managed_by, entry.redundancy) == (Manager.SM, Redundancy.ACTIVE_STANDBY)
    assert entry.runs_on == (Personality.CONTROLLER,)
    assert entry.provenance["restart"] == "page"
    assert entry.provenance["services"] == "page, inferred"
    assert "patch_restart" not in entry.provenance


def test_a_scheduled_job_is_cured_by_its_next_run() -> None:
    entry = read(managed_by="CRON", restart="N/A\nTo run it manually: /bin/web")
    assert (entry.action, entry.restart_class) == (Action.NEXT_RUN, RestartClass.DEFERRED)
    assert entry.restart[0].manual


def test_a_host_service_stands_for_itself() -> None:
    assert read(managed_by="PMON").redundancy is Redundancy.PER_HOST


@pytest.mark.parametrize(
    ("cell", "is_patchable", "note"),
    [
        ("Y", True, None),
        ("yes", True, None),
        ("N", False, None),
        ("", False, None),
        ("Y (evenings)", True, "In service patchable: Y (evenings)"),
        ("ask first", False, "In service patchable: ask first"),
    ],
)
def test_what_is_not_a_yes_is_a_careful_no(cell: str, is_patchable: bool, note: str | None) -> None:
    entry = read(in_service_patchable=cell)
    assert entry.in_service_patchable is is_patchable
    assert entry.special_handling == (() if note is None else (Note(text=note),))
    assert (entry.restart_class is RestartClass.CONDITIONAL) is not is_patchable


@pytest.mark.parametrize(
    ("cell", "names", "note"),
    [
        ("db", ("db",), None),
        ("Y: db and nova-api", ("db", "nova-api"), None),
        ("db, disk", ("db",), "Restart dependency: db, disk"),
        ("Y", (), "Restart dependency: Y"),
        ("ask first", (), "Restart dependency: ask first"),
    ],
)
def test_dependencies_are_names_on_the_page(
    cell: str, names: tuple[str, ...], note: str | None
) -> None:
    entry = read(depends_on=cell)
    assert entry.depends_on == names
    assert entry.special_handling == (() if note is None else (Note(text=note),))
    assert ("depends_on" in entry.provenance) is bool(names)


def test_what_must_not_be_missed_is_read_where_no_special_handling_is_asked_for() -> None:
    entry = read(impact="Never restart two of the web at once. Kill the relay processes.")
    assert entry.special_handling == (
        AtMostOneDown(service="web"),
        ReapOrphans(match="relay", of="web"),
    )


def test_a_graceful_window_drains_every_service() -> None:
    entry = read(
        title="web (consists of web-a and web-b)",
        restart="x",
        impact="Outstanding requests continue; after more than 20 s it is killed.",
    )
    assert entry.special_handling == (GracefulWindow(timeout_s=20),)
    assert [one.drain for one in entry.services] == [DrainRule(timeout_s=20)] * 2


def test_logged_out_users_make_it_session_killing() -> None:
    entry = read(impact="Users are logged out.")
    assert entry.special_handling == (ClearSessions(path=""),)
    assert entry.restart_class is RestartClass.SESSION_KILLING


def test_a_proxy_with_special_handling_carries_traffic() -> None:
    entry = read(function="A proxy", special_handling="Y")
    assert entry.special_handling == (CarriesTraffic(),)
    assert entry.restart_class is RestartClass.ORDERED
    assert read(function="A proxy").special_handling == ()


def test_orphans_are_reaped_with_their_service() -> None:
    entry = read(impact="Kill the relay processes.", special_handling="Y")
    assert entry.special_handling == (ReapOrphans(match="relay", of="web"),)
    told = read(special_handling="End the relay processes.")
    assert told.special_handling == (ReapOrphans(match="relay", of="web"),)


def test_special_handling_that_nobody_explains_is_noted() -> None:
    assert read(special_handling="Y").special_handling == (Note(text=UNEXPLAINED),)


def test_words_that_hold_no_fact_are_kept_whole() -> None:
    text = "Ask Ann first. Then ask Bob."
    assert read(special_handling=text).special_handling == (Note(text=text),)


def test_orders_and_quorums_are_recognised() -> None:
    entry = read(
        title="store-disk & store-mon",
        managed_by="PMON",
        impact="Never restart two of the three store-mon at once.",
        special_handling="On the active controller restart it before nova or db. Never at the same "
        "time with nova or disk. Advice: (1) avoid ctrl-0 and ctrl-1 at the same time. Be kind.",
    )
    family = ("nova-api", "nova-engine")
    assert entry.special_handling == (
        AtMostOneDown(service="store-mon"),
        Before(entries=(*family, "db"), where="active-controller"),
        AvoidTogether(entries=(*family, "disk")),
        Note(text="Be kind."),
    )
    assert entry.redundancy_of("store-mon") is Redundancy.QUORUM
    assert entry.redundancy_of("store-disk") is Redundancy.PER_HOST
    assert entry.restart_class is RestartClass.ORDERED


def test_hosts_that_stay_apart_mean_every_service_of_the_row() -> None:
    entry = read(special_handling="Avoid ctrl-0 and ctrl-1 at the same time.")
    assert entry.special_handling == (AtMostOneDown(service="web"),)


def refusal(*rows: PageRow) -> tuple[str, ...]:
    with pytest.raises(FaultyDocument) as refused:
        entries_of(rows, "page", "p.html")
    return refused.value.faults


def test_every_faulty_cell_is_named() -> None:
    rows = (a_row(1), a_row(2, title=""), a_row(3, managed_by="Bob"), a_row(4))
    assert refusal(*rows) == (
        "p.html: row 2, column Process/Service: is '', expected a name",
        "p.html: row 3 (web): is called 'web', as row 1 is already",
        "p.html: row 3 (web), column Managed by: is 'Bob', expected SM, PMON, CRON or nothing",
        "p.html: row 4 (web): is called 'web', as row 1 is already",
    )


def test_a_page_becomes_a_catalog_in_its_order() -> None:
    catalog = entries_of((a_row(1, title="b"), a_row(2, title="a")), "mine", "p.html")
    assert (catalog.name, [one.name for one in catalog.entries]) == ("mine", ["b", "a"])

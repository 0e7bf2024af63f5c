"""A catalog on a terminal."""

import io

from rich.console import Console

from insvc.catalog.entry import CarriesTraffic, Catalog, Command, Entry, Impact, Note, Service
from insvc.cli.catalog_view import show_entry, show_list
from insvc.model.words import Manager, Personality, RestartClass
from tests.entries import a_catalog, an_entry


def listed(catalog: Catalog, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show_list(catalog, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def shown(entry: Entry, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show_entry(entry, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_names_are_whole_on_a_narrow_terminal() -> None:
    name = "ceilometer-agent-notification"
    assert name in listed(a_catalog(an_entry(name)), width=80)


def test_only_what_is_particular_is_remarked() -> None:
    plain = listed(a_catalog(an_entry("web")))
    assert plain.count("web") == 1
    careful = an_entry(
        "web",
        services=(Service(name="web-a"), Service(name="web-b")),
        in_service_patchable=False,
        managed_by=Manager.NONE,
        special_handling=(CarriesTraffic(), Note(text="x")),
    )
    text = listed(a_catalog(careful))
    for words in ("web-a web-b", "only on a locked host", "carries traffic", "note"):
        assert words in text


def test_an_entry_is_told_in_sections() -> None:
    entry = an_entry(
        aliases=("www",),
        depends_on=("db",),
        restart=(Command(run="go", runs=("stop", "start")),),
        patch_restart=(Command(run="job", manual=True),),
        impact=Impact(note="Slow."),
        special_handling=(CarriesTraffic(), Note(text="Ask.")),
        provenance={"title": "page", "impact": "page", "services": "person"},
    )
    text = shown(entry)
    for words in (
        "also called  www",
        "needs first  db",
        "restart      go",
        "stop",
        "job  by hand",
        "note: Ask.",
        "page (title, impact); person (services)",
    ):
        assert words in text, words


def test_a_plain_entry_has_no_empty_sections() -> None:
    text = shown(an_entry(), width=60)
    labels = {line[2:14].strip() for line in text.splitlines()}
    assert labels.isdisjoint({"also called", "needs first", "restart", "by a patch", "care"})
    assert max(map(len, text.splitlines())) <= 60


def test_wide_terminals_do_not_stretch_the_text() -> None:
    assert max(len(line.rstrip()) for line in shown(an_entry(), width=300).splitlines()) <= 100


def test_on_a_plain_host_the_class_is_what_matters() -> None:
    plain = {"runs_on": (Personality.HOST,)}
    bus = an_entry("bus", in_service_patchable=False, **plain)
    vpn = an_entry("vpn", restart_class=RestartClass.DEFERRED, **plain)
    assert "only by a reboot" in listed(a_catalog(bus))
    assert "only by a reboot" in shown(bus)
    assert "deferred" in listed(a_catalog(vpn))
    assert "auto" not in listed(a_catalog(an_entry("log", **plain)))
    assert "deferred" not in listed(a_catalog(an_entry("x", restart_class=RestartClass.DEFERRED)))

"""Whatever a catalog holds, writing and reading it back changes nothing."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.adapters.catalog_text import render_catalog
from insvc.adapters.formats import load
from insvc.adapters.page_html import import_page
from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    Catalog,
    ClearSessions,
    Command,
    Entry,
    GracefulWindow,
    Impact,
    Note,
    Probe,
    ReapOrphans,
    Rule,
    Service,
)
from insvc.catalog.page_commands import read_commands, write_commands
from insvc.model.act import DrainRule
from insvc.model.words import Action, Manager, Personality, Redundancy, RestartClass

NAMES = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12).filter(
    lambda text: text[0].isalpha()
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LINES = TEXT.filter(lambda text: bool(text) and text == text.strip())
SECONDS = st.floats(0.001, 1e6, allow_nan=False)
PERSONALITIES = st.lists(st.sampled_from(Personality), max_size=3).map(tuple)
NAME_LISTS = st.lists(NAMES, min_size=1, max_size=3).map(tuple)

PROBES = st.builds(
    Probe,
    kind=st.sampled_from(["http", "tcp"]),
    port=st.none() | st.integers(1, 65535),
    path=TEXT.map(lambda text: "/" + text),
)
DRAINS = st.builds(
    DrainRule,
    signal=st.sampled_from(["TERM", "USR1"]),
    timeout_s=SECONDS,
    on_timeout=st.sampled_from(["kill", "leave"]),
)
SERVICES = st.builds(
    Service,
    name=NAMES,
    pidfile=st.none() | TEXT,
    match=st.none() | NAMES,
    drain=st.none() | DRAINS,
    readiness=st.none() | PROBES,
    outage_probe=st.none() | PROBES,
    runs_on=st.none() | PERSONALITIES,
    redundancy=st.none() | st.sampled_from(Redundancy),
)
IMPACTS = st.builds(
    Impact,
    outstanding_requests=st.sampled_from(["none", "complete", "fail", "delayed", "unknown"]),
    new_requests=st.sampled_from(["none", "served", "queued", "refused", "delayed", "unknown"]),
    may_lose=st.lists(TEXT, max_size=2).map(tuple),
    sessions=st.sampled_from(["kept", "lost", "none"]),
    longest_s=st.none() | SECONDS,
    recovers=st.sampled_from(["by-itself", "retry", "operator", "unknown"]),
    note=TEXT,
)
RULES: st.SearchStrategy[Rule] = st.one_of(
    st.builds(AtMostOneDown, service=NAMES),
    st.builds(
        Before, entries=NAME_LISTS, where=st.sampled_from(["active-controller", "everywhere"])
    ),
    st.builds(AvoidTogether, entries=NAME_LISTS),
    st.builds(ReapOrphans, match=NAMES, of=NAMES),
    st.builds(GracefulWindow, timeout_s=SECONDS, on_timeout=st.sampled_from(["kill", "leave"])),
    st.builds(ClearSessions, path=TEXT),
    st.builds(CarriesTraffic),
    st.builds(Note, text=TEXT),
)
COMMANDS = st.builds(
    Command, run=LINES, runs=st.lists(TEXT, max_size=2).map(tuple), manual=st.booleans()
)


@st.composite
def entries(draw: st.DrawFn, name: str) -> Entry:
    return Entry(
        name=name,
        title=draw(LINES),
        function=draw(TEXT),
        aliases=draw(st.lists(LINES, max_size=2).map(tuple)),
        in_service_patchable=draw(st.booleans()),
        managed_by=draw(st.sampled_from(Manager)),
        runs_on=draw(PERSONALITIES),
        redundancy=draw(st.sampled_from(Redundancy)),
        services=draw(st.lists(SERVICES, max_size=2, unique_by=lambda one: one.name).map(tuple)),
        restart=draw(st.lists(COMMANDS, max_size=2).map(tuple)),
        patch_restart=draw(st.lists(COMMANDS, max_size=1).map(tuple)),
        action=draw(st.sampled_from(Action)),
        restart_class=draw(st.sampled_from(RestartClass)),
        depends_on=draw(st.lists(NAMES, max_size=2).map(tuple)),
        impact=draw(IMPACTS),
        special_handling=draw(st.lists(RULES, max_size=2).map(tuple)),
        provenance=draw(st.dictionaries(NAMES, TEXT, max_size=2)),
    )


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    names = draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
    return Catalog(name=draw(TEXT), entries=tuple(draw(entries(name)) for name in names))


@settings(max_examples=30, deadline=None)
@given(catalogs())
def test_json_and_yaml_read_back_equal(catalog: Catalog) -> None:
    for form in ("json", "yaml"):
        assert load(Catalog, render_catalog(catalog, form), f"c.{form}") == catalog


def titles_stand_apart(catalog: Catalog) -> Catalog:
    """The catalog with titles that the page's rules can tell apart, as operators write them."""
    return Catalog(
        name=catalog.name,
        entries=tuple(
            Entry(**{key: getattr(one, key) for key in Entry.__slots__} | {"title": one.name})
            for one in catalog.entries
        ),
    )


@settings(max_examples=30, deadline=None)
@given(catalogs().map(titles_stand_apart))
def test_a_page_reads_back_equal(catalog: Catalog) -> None:
    assert import_page(render_catalog(catalog, "restart-info"), "p.html", "p") == catalog


WORDS = st.lists(
    st.text(string.ascii_lowercase + string.digits + "/-_.", min_size=1, max_size=8),
    min_size=1,
    max_size=3,
).map(lambda words: "/bin/x " + " ".join(words))
PLAIN = WORDS.filter(lambda run: not {"or", "which", "that", "it"} & set(run.split()))


@given(
    st.lists(st.builds(Command, run=PLAIN, runs=st.lists(PLAIN, max_size=2).map(tuple)), max_size=3)
)
def test_command_cells_read_back_equal(commands: list[Command]) -> None:
    assert read_commands(write_commands(commands)) == tuple(commands)

"""Catalogs on disk, and the built-in one."""

import csv
from pathlib import Path

import pytest

from insvc.adapters.catalog_files import builtin, is_page, load_catalog, strange_names
from insvc.adapters.catalog_text import yaml_text
from insvc.adapters.page_html import render_page
from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    ClearSessions,
    Command,
    Entry,
    GracefulWindow,
    ReapOrphans,
)
from insvc.catalog.lint import lint, unexplained
from insvc.catalog.page_rows import special_words
from insvc.errors import FaultyDocument, InputError, UnknownName
from insvc.model.words import Action, Manager, Personality
from tests.entries import a_catalog, an_entry

LAYER = """format: insvc-layer/1
name: {name}
level: {level}
entries:
  - name: {entry}
    impact: {{longest_s: {longest}}}
"""
TESTS = Path(__file__).parent.parent.parent
PAGE = TESTS / "pages" / "forms.html"
FACTS = TESTS / "pages" / "facts.tsv"
EXAMPLES = TESTS.parent / "examples" / "catalog"


def write_layer(path: Path, *, level: str, longest: int, entry: str = "web") -> Path:
    text = LAYER.format(name=path.stem, level=level, entry=entry, longest=longest)
    path.write_text(text, encoding="utf-8")
    return path


def write_catalog(path: Path) -> Path:
    path.write_text(yaml_text(a_catalog(an_entry("web"), an_entry("db"))), encoding="utf-8")
    return path


def test_the_built_in_catalog_has_all_rows() -> None:
    catalog = builtin()
    assert (catalog.name, len(catalog.entries)) == ("titanium", 41)
    assert builtin() is catalog
    with pytest.raises(UnknownName, match="no built-in catalog"):
        builtin("bronze")


def test_the_built_in_catalog_holds_what_the_page_tells_in_words() -> None:
    rules = {one.name: {type(rule) for rule in one.special_handling} for one in builtin().entries}
    assert rules["ceph"] == {AtMostOneDown, Before, AvoidTogether}
    assert rules["glance"] == rules["cinder"] == {GracefulWindow}
    assert rules["horizon"] == {ClearSessions}
    assert rules["haproxy"] == {CarriesTraffic}
    assert rules["neutron-dhcp-agent"] == {ReapOrphans}
    assert [name for name, found in rules.items() if found] == [
        "haproxy",
        "neutron-dhcp-agent",
        "glance",
        "cinder",
        "horizon",
        "ceph",
    ]


def test_the_built_in_catalog_knows_who_runs_what_and_where() -> None:
    entries = builtin().entries
    locked = [one.name for one in entries if not one.in_service_patchable]
    assert locked == ["sm", "sm-api", "sm-eru", "sm-watchdog"]
    scheduled = [one.name for one in entries if one.action is Action.NEXT_RUN]
    assert scheduled == [
        "ceilometer-expirer-active",
        "aodh-expirer-active",
        "heat-purge-deleted-active",
    ]
    assert all(one.restart[0].manual for one in entries if one.name in scheduled)
    managed = [one for one in entries if one.managed_by is Manager.SM]
    assert len(managed) == 26
    assert all(one.runs_on == (Personality.CONTROLLER,) for one in managed)
    workers = [one.name for one in entries if Personality.WORKER in one.runs_on]
    assert workers == [
        "ceilometer-polling",
        "neutron-dhcp-agent",
        "neutron-metadata-agent",
        "neutron-sriov-nic-agent",
        "nova-compute",
    ]
    every = {service.name for one in entries for service in one.services}
    assert len(every) == 45
    assert {"glance-registry", "cinder-scheduler", "ceph-osd", "keystone"} <= every


def facts(entry: Entry) -> dict[str, str]:
    """What the nine columns of the operators' page say of an entry, beyond free text."""
    special = " ".join(special_words(entry.special_handling))
    return {
        "name": entry.name,
        "title": entry.title,
        "patchable": "Y" if entry.in_service_patchable else "N",
        "manager": str(entry.managed_by),
        "special": special if special in {"Y", "N"} else "text",
        "restart": listed(entry.restart),
        "patch_restart": listed(entry.patch_restart),
    }


def listed(commands: tuple[Command, ...]) -> str:
    return " | ".join(
        ("! " if one.manual else "") + " > ".join((one.run, *one.runs)) for one in commands
    )


def test_the_built_in_catalog_agrees_with_the_page_field_by_field() -> None:
    with FACTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [facts(one) for one in builtin().entries] == rows


def test_the_example_layer_lies_on_the_built_in_catalog() -> None:
    catalog = load_catalog(EXAMPLES)
    names = {one.name for one in catalog.entries}
    assert ("inventory" in names, "vim-webserver" in names) == (True, False)
    assert unexplained(lint(catalog)) == ()


def test_every_field_of_the_built_in_catalog_says_where_it_is_from() -> None:
    for entry in builtin().entries:
        for key in ("function", "managed_by", "runs_on", "services", "impact", "restart_class"):
            assert entry.provenance[key], (entry.name, key)


def test_every_contradiction_of_the_built_in_catalog_is_explained() -> None:
    findings = lint(builtin())
    assert unexplained(findings) == ()
    assert {one.code for one in findings} == {"CAT001", "CAT004", "CAT005", "CAT006"}


def test_a_file_is_a_catalog(tmp_path: Path) -> None:
    catalog = load_catalog(write_catalog(tmp_path / "c.yaml"))
    assert [one.name for one in catalog.entries] == ["web", "db"]


def test_a_layer_alone_lies_on_the_built_in_catalog(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "site.yaml", level="site", longest=99, entry="horizon")
    horizon = load_catalog(path).entry("horizon")
    assert horizon is not None
    assert horizon.impact.longest_s == 99
    assert horizon.impact.sessions == "lost"
    assert horizon.provenance["impact"] == "site: site"


def test_a_folder_is_laid_together_by_level(tmp_path: Path) -> None:
    write_catalog(tmp_path / "z.yaml")
    write_layer(tmp_path / "a.yaml", level="host", longest=3)
    write_layer(tmp_path / "b.yml", level="distro", longest=1)
    write_layer(tmp_path / "c.yaml", level="site", longest=2)
    (tmp_path / "README.md").write_text("not read", encoding="utf-8")
    web = load_catalog(tmp_path).entries[0]
    assert (web.name, web.impact.longest_s) == ("web", 3)
    assert web.provenance["impact"] == "host: a"


def test_a_layer_that_does_not_fit_is_refused_with_its_line(tmp_path: Path) -> None:
    write_catalog(tmp_path / "z.yaml")
    path = write_layer(tmp_path / "a.yaml", level="site", longest=1, entry="wbe")
    with pytest.raises(FaultyDocument) as refused:
        load_catalog(tmp_path)
    assert refused.value.faults[0].startswith(f"{path}:5: entries.0.name: is 'wbe', which no layer")


def test_two_whole_catalogs_in_a_folder_are_refused(tmp_path: Path) -> None:
    write_catalog(tmp_path / "a.yaml")
    write_catalog(tmp_path / "b.yaml")
    with pytest.raises(InputError, match=r"2 whole catalogs \(a.yaml, b.yaml\)"):
        load_catalog(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder without a catalog"):
        load_catalog(tmp_path)


def test_a_faulty_layer_is_refused_as_a_layer(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"format": "insvc-layer/1", "level": "site", "name": "n", "x": 1}', "utf-8")
    with pytest.raises(FaultyDocument) as refused:
        load_catalog(path)
    assert refused.value.faults == (f"{path}:1: x: is not a known field",)


def test_an_unreadable_file_is_refused_as_a_catalog(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(FaultyDocument, match="1 fault"):
        load_catalog(path)


def test_a_layer_may_bring_rules_and_their_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    rules = "    special_handling: [{kind: carries_traffic}, {kind: nope}]\n"
    path.write_text(
        LAYER.format(name="n", level="site", entry="horizon", longest=1) + rules, encoding="utf-8"
    )
    with pytest.raises(FaultyDocument) as refused:
        load_catalog(path)
    assert len(refused.value.faults) == 1
    assert "entries.0.special_handling.1.kind" in refused.value.faults[0]
    path.write_text(path.read_text(encoding="utf-8").replace(", {kind: nope}", ""), "utf-8")
    horizon = load_catalog(path).entry("horizon")
    assert horizon is not None
    assert horizon.special_handling == (CarriesTraffic(),)


def test_a_page_is_a_catalog_too(tmp_path: Path) -> None:
    assert load_catalog(PAGE).name == "forms"
    handed_over = tmp_path / "restart.txt"
    handed_over.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_catalog(handed_over).entries == load_catalog(PAGE).entries


def test_a_page_of_ours_brings_its_whole_catalog(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(render_page(builtin()), encoding="utf-8")
    assert load_catalog(path) == builtin()


def test_pages_are_told_from_documents_by_name_or_content() -> None:
    assert is_page(Path("x.html"), "anything")
    assert is_page(Path("x.txt"), "words\n<TABLE>")
    assert not is_page(Path("x.yaml"), "a: <table>")
    assert not is_page(Path("x"), "format: insvc-catalog/1")


def test_a_path_without_anything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_catalog(tmp_path / "absent.yaml")


def test_names_that_no_shipped_catalog_has_are_told_by_file(tmp_path: Path) -> None:
    text = "format: insvc-layer/1\nname: x\nlevel: site\nentries: [{name: shop}, {name: docker}]\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("format: insvc-catalog/1\nname: b\nentries: []\n")
    assert strange_names(tmp_path, "debian") == (f"{tmp_path}/a.yaml: shop",)
    assert load_catalog(tmp_path, builtin("debian")).name == "b"

"""The six contradictions that the page was published with."""

import dataclasses

from insvc.catalog.entry import AtMostOneDown, Catalog, Command, Service
from insvc.catalog.lint_page import check
from insvc.model.words import Manager
from tests.entries import a_catalog, an_entry


def codes(catalog: Catalog) -> list[tuple[str, str, str]]:
    return [(one.code, one.subject, one.field) for one in check(catalog)]


def test_a_sound_entry_has_no_findings() -> None:
    entry = an_entry(restart=(Command(run="sm-restart-safe service web"),))
    assert codes(a_catalog(entry)) == []


def test_a_command_that_names_another_service() -> None:
    entry = an_entry("auth", patch_restart=(Command(run="/x/patch-restart-processes auth-all"),))
    assert codes(a_catalog(entry)) == [("CAT001", "auth", "patch_restart")]
    without = an_entry(services=(), restart=(Command(run="pmon-restart web"),))
    assert "services are none" in next(check(a_catalog(without))).reason


def test_two_entries_with_one_function_text() -> None:
    catalog = a_catalog(an_entry("a", function="Does  it"), an_entry("b", function="does it"))
    assert ("CAT002", "b", "function") in codes(catalog)
    of_one = {"function": "debian, getty"}
    found = (an_entry("a", function="x", provenance=of_one), an_entry("b", function="x"))
    assert ("CAT002", "b", "function") in codes(a_catalog(*found))
    both = (found[0], dataclasses.replace(found[1], provenance=of_one))
    assert ("CAT002", "b", "function") not in codes(a_catalog(*both))
    paged = [dataclasses.replace(one, provenance={"function": "page"}) for one in both]
    assert ("CAT002", "b", "function") in codes(a_catalog(*paged))
    blank = a_catalog(an_entry("a", function=""), an_entry("b", function="", depends_on=("a",)))
    assert codes(blank) == []


def test_services_of_one_manager_without_any_dependency() -> None:
    ordered = an_entry("b", special_handling=(AtMostOneDown(service="b"),))
    found = list(check(a_catalog(an_entry("a"), ordered)))
    assert [one.code for one in found] == ["CAT003"]
    assert found[0].subject == "tested"
    assert "b state an order in words only" in found[0].reason
    plain = next(check(a_catalog(an_entry("a"), an_entry("b"))))
    assert plain.reason.endswith("keeps dependencies")
    assert codes(a_catalog(an_entry("a"), an_entry("b", depends_on=("a",)))) == []


def test_an_entry_that_nobody_manages() -> None:
    assert codes(a_catalog(an_entry(managed_by=Manager.NONE))) == [("CAT004", "web", "managed_by")]


def test_a_script_that_restarts_more_than_is_listed() -> None:
    parts = tuple(Service(name=f"cinder-{one}") for one in ("volume", "scheduler", "api"))
    entry = an_entry("cinder", services=parts, restart=(Command(run="/usr/bin/restart-cinder"),))
    found = list(check(a_catalog(entry)))
    assert [(one.code, one.field) for one in found] == [("CAT005", "services")]
    assert "cinder-backup" in found[0].reason
    assert codes(a_catalog(an_entry(restart=(Command(run=""),)))) == []


def test_a_command_that_reaches_beyond_its_entry() -> None:
    entry = an_entry(patch_restart=(Command(run="/bin/net-restart --all"),))
    assert codes(a_catalog(entry)) == [("CAT006", "web", "patch_restart")]

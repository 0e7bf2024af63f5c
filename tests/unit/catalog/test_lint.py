"""Findings of all checks, in order and explained."""

from insvc.catalog.lint import CODES, lint, unexplained
from insvc.model.words import Manager
from tests.entries import a_catalog, an_entry


def test_findings_come_by_code_then_in_the_catalogs_order() -> None:
    catalog = a_catalog(
        an_entry("b", managed_by=Manager.NONE), an_entry("a", managed_by=Manager.NONE)
    )
    found = [(one.code, one.subject) for one in lint(catalog)]
    assert found == [("CAT004", "b"), ("CAT004", "a"), ("CAT108", "b"), ("CAT108", "a")]
    assert all(one.code in CODES for one in lint(catalog))


def test_a_reason_in_the_provenance_explains_a_finding() -> None:
    plain = an_entry("a", managed_by=Manager.NONE, provenance={"managed_by": "page"})
    told = an_entry("b", managed_by=Manager.NONE, provenance={"managed_by": "page: blank there"})
    findings = [one for one in lint(a_catalog(plain, told)) if one.code == "CAT004"]
    assert [one.explained for one in findings] == ["", "blank there"]
    assert [one.subject for one in unexplained(tuple(findings))] == ["a"]


def test_the_layer_that_changed_a_field_explains_nothing() -> None:
    entry = an_entry("a", managed_by=Manager.NONE, provenance={"managed_by": "site: north"})
    (finding,) = [one for one in lint(a_catalog(entry)) if one.code == "CAT004"]
    assert finding.explained == ""


def test_a_finding_about_the_catalog_comes_last_of_its_code() -> None:
    found = lint(a_catalog(an_entry("a"), an_entry("b")))
    assert [one.subject for one in found if one.code == "CAT003"] == ["tested"]

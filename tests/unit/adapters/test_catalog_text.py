"""A catalog in every form it can be exported in."""

import pytest

from insvc.adapters.catalog_text import FORMS, render_catalog, said, yaml_of, yaml_text
from insvc.adapters.formats import load
from insvc.catalog.entry import CarriesTraffic, Catalog, Impact, Service
from insvc.errors import UnknownName
from insvc.model.words import Manager
from tests.entries import a_catalog, an_entry

CATALOG = a_catalog(
    an_entry(
        runs_on=(),
        services=(Service(name="web", pidfile="/run/web"),),
        impact=Impact(may_lose=("a: b",), note="#1 - 'x'\ny"),
        special_handling=(CarriesTraffic(),),
        provenance={"title": "page: yes"},
    )
)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_is_written_reads_back_equal(form: str) -> None:
    assert load(Catalog, render_catalog(CATALOG, form), "c") == CATALOG


def test_every_form_names_the_entry() -> None:
    assert all("Web" in render_catalog(CATALOG, form) for form in FORMS)


def test_what_has_its_default_is_not_said() -> None:
    plain = said(an_entry())
    assert set(plain) == {
        "name",
        "title",
        "function",
        "in_service_patchable",
        "managed_by",
        "services",
    }
    assert said(CATALOG)["entries"][0]["runs_on"] == []
    assert said(CATALOG)["entries"][0]["special_handling"] == [{"kind": "carries_traffic"}]
    assert said(Manager.SM) == "sm"
    assert "pidfile: /run/web" in yaml_text(CATALOG)


def test_plain_values_become_yaml() -> None:
    assert yaml_of({"a": [1, "x"]}) == "a:\n  - 1\n  - x\n"


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(UnknownName, match="no catalog is written"):
        render_catalog(CATALOG, "pdf")

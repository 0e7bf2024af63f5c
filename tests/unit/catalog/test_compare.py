"""Differences of two catalogs."""

from insvc.catalog.compare import Difference, differences
from insvc.catalog.entry import Impact
from tests.entries import a_catalog, an_entry


def test_equal_catalogs_do_not_differ() -> None:
    first = a_catalog(an_entry("web"))
    second = a_catalog(an_entry("web", provenance={"title": "person"}))
    assert differences(first, second) == ()


def test_every_difference_is_named() -> None:
    first = a_catalog(an_entry("web"), an_entry("gone"))
    second = a_catalog(an_entry("new"), an_entry("web", title="W", impact=Impact(longest_s=3)))
    assert differences(first, second) == (
        Difference(entry="web", change="changed", field="title", before="Web", after="W"),
        Difference(entry="web", change="changed", field="impact.longest_s", before=None, after=3),
        Difference(entry="gone", change="removed"),
        Difference(entry="new", change="added"),
    )

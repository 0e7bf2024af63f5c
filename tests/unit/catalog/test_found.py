"""What a lint check hands over."""

import dataclasses

from insvc.catalog.found import Found
from insvc.catalog.lint import CODES, Finding
from insvc.catalog.lint_page import check
from insvc.model.words import Manager
from tests.entries import a_catalog, an_entry


def test_a_check_names_the_field_that_may_explain_it() -> None:
    found = next(check(a_catalog(an_entry(managed_by=Manager.NONE))))
    assert isinstance(found, Found)
    assert (found.code in CODES, found.field) == (True, "managed_by")


def test_a_finding_says_all_that_was_found_but_the_field() -> None:
    found = {one.name for one in dataclasses.fields(Found)}
    told = {one.name for one in dataclasses.fields(Finding)}
    assert found - told == {"field"}

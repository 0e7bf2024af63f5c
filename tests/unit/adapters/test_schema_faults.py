"""What a schema refuses, in the author's words."""

from typing import Any

import pytest
from pydantic import ValidationError

from insvc.adapters.formats import json_schema
from insvc.adapters.schema_faults import schema_faults, show, validate
from insvc.adapters.text_tree import Fault
from insvc.catalog.entry import Catalog

ENTRY: dict[str, Any] = {
    "name": "web",
    "title": "Web",
    "function": "Serves",
    "in_service_patchable": True,
    "managed_by": "sm",
}


def faults(**changes: Any) -> list[Fault]:
    value = {"entries": [ENTRY | changes]}
    with pytest.raises(ValidationError) as refused:
        validate(Catalog, value)
    return list(schema_faults(refused.value, value, json_schema("catalog")))


@pytest.mark.parametrize(
    ("changes", "path", "what"),
    [
        ({"titel": "W"}, ("titel",), "is not a known field; did you mean title?"),
        ({"zzz": 1}, ("zzz",), "is not a known field"),
        (
            {"in_service_patchable": "yes"},
            ("in_service_patchable",),
            'is "yes", expected true or false',
        ),
        ({"in_service_patchable": 1}, ("in_service_patchable",), "is 1, expected true or false"),
        ({"title": 3}, ("title",), "is 3, expected text"),
        ({"title": None}, ("title",), "is null, expected text"),
        ({"runs_on": "worker"}, ("runs_on",), 'is "worker", expected a list'),
        (
            {"runs_on": ["compute"]},
            ("runs_on", 0),
            'is "compute", expected one of: controller, worker, storage or host',
        ),
        ({"impact": []}, ("impact",), "is a list, expected a mapping"),
        ({"impact": {"longest_s": "3"}}, ("impact", "longest_s"), 'is "3", expected a number'),
        ({"provenance": []}, ("provenance",), "is a list, expected a mapping"),
        (
            {"services": [{"name": "a", "readiness": {"port": 1.5}}]},
            ("services", 0, "readiness", "port"),
            "is 1.5, expected a whole number",
        ),
        ({"special_handling": [{"kind": "note"}]}, ("special_handling", 0, "text"), "is missing"),
    ],
)
def test_a_fault_is_told_with_what_was_found(
    changes: dict[str, Any], path: tuple[str | int, ...], what: str
) -> None:
    assert faults(**changes) == [(("entries", 0, *path), what)]


def test_missing_fields_are_named_one_by_one() -> None:
    value: dict[str, Any] = {"entries": [{"name": "web"}, 7]}
    with pytest.raises(ValidationError) as refused:
        validate(Catalog, value)
    found = list(schema_faults(refused.value, value, json_schema("catalog")))
    assert (("entries", 0, "title"), "is missing") in found
    assert (("entries", 1), "is 7, expected a mapping") in found


def test_a_rule_of_no_known_kind_is_one_fault() -> None:
    found = faults(special_handling=[{"kind": "nope"}])
    assert [path for path, _ in found] == [("entries", 0, "special_handling", 0, "kind")]
    assert found[0][1].startswith('is "nope", expected one of: at_most_one_down, before')


def test_a_rule_that_is_no_mapping_is_a_fault() -> None:
    found = faults(special_handling=[3])
    assert [path for path, _ in found] == [("entries", 0, "special_handling", 0, "kind")]


def test_a_faulty_rule_is_told_once_whatever_other_kinds_miss() -> None:
    wrong = {"kind": "before", "entries": "db", "foo": 1}
    assert faults(special_handling=[wrong]) == [
        (("entries", 0, "special_handling", 0, "entries"), 'is "db", expected a list'),
        (("entries", 0, "special_handling", 0, "foo"), "is not a known field"),
    ]


def test_an_untranslated_fault_keeps_the_validators_reason() -> None:
    found = faults(title="\ud800")
    assert len(found) == 1
    assert found[0][1]


def test_values_are_shown_short() -> None:
    assert show({"a": 1}) == "a mapping"
    assert show((1,)) == "a list"
    assert len(show("x" * 500)) == 60

"""Documents in and out."""

from pathlib import Path

import jsonschema
import pytest

from insvc.adapters.formats import KINDS, dump, dump_text, json_schema, load, name_of, read_text
from insvc.catalog.entry import Catalog
from insvc.errors import FaultyDocument, InputError, UnknownName
from insvc.model.topology import Host, Topology
from insvc.model.words import Personality
from insvc.plan.policy import Policy
from tests.entries import a_catalog, an_entry


def faults(text: str, kind: type = Catalog) -> tuple[str, ...]:
    with pytest.raises(FaultyDocument) as refused:
        load(kind, text, "c.yaml")
    return refused.value.faults


def test_a_document_reads_back_as_it_was_written() -> None:
    catalog = a_catalog(an_entry(), an_entry("db"))
    assert load(Catalog, dump_text(catalog), "c.json") == catalog
    topology = Topology(hosts=(Host(name="a", personality=Personality.STORAGE),))
    assert load(Topology, dump_text(topology), "t.json") == topology


def test_yaml_is_read_too() -> None:
    text = "format: insvc-policy/1\nmax_unavailable: 2\ndwell_s: 3\n"
    assert load(Policy, text, "p.yaml") == Policy(max_unavailable=2, dwell_s=3.0)


def test_every_fault_is_told_at_once_with_line_and_key() -> None:
    text = (
        "format: insvc-catalog/1\nentries:\n  - name: web\n    title: W\n    titel: X\n"
        "    in_service_patchable: yes\n    managed_by: sm\n    impact: {longest_s: -1}\n"
        "    title: Y\n"
    )
    assert faults(text) == (
        "c.yaml:3: entries.0.function: is missing",
        "c.yaml:4: entries.0.title: is given twice, again in line 9",
        "c.yaml:5: entries.0.titel: is not a known field; did you mean title?",
        'c.yaml:6: entries.0.in_service_patchable: is "yes", expected true or false',
        "c.yaml:8: entries.0.impact.longest_s: is -1, expected 0 or more",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("entries: []\n", "c.yaml:1: format: is missing, expected insvc-catalog/1"),
        (
            "format: insvc-catalog/2\n",
            'c.yaml:1: format: is "insvc-catalog/2", expected insvc-catalog/1',
        ),
        ("format: 3\n", "c.yaml:1: format: is 3, expected insvc-catalog/1"),
        ("- 1\n", "c.yaml:1: document: is a list, expected a mapping"),
        ("", "c.yaml:1: document: is null, expected a mapping"),
    ],
)
def test_what_is_not_such_a_document_is_refused(text: str, fault: str) -> None:
    assert fault in faults(text)


def test_cut_off_text_is_refused_with_its_line() -> None:
    text = dump_text(a_catalog(an_entry()))
    for end in range(1, len(text) - 2, 37):
        found = faults(text[:end])
        assert len(found) == 1
        assert found[0].startswith("c.yaml:")


def test_faults_in_json_have_lines_too() -> None:
    text = dump_text(a_catalog(an_entry(), an_entry("db", title="")))
    line = text.splitlines().index('      "title": "",') + 1
    assert faults(text) == (
        f"c.yaml:{line}: entries.1.title: is '', expected a name without blanks around it",
    )


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "x.yaml"
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_text(broken)
    with pytest.raises(InputError, match="cannot be read"):
        read_text(tmp_path / "absent")
    broken.write_text("fine", encoding="utf-8")
    assert read_text(broken) == "fine"


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_schema_that_names_its_format(kind: str) -> None:
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["format"]["const"] == f"insvc-{kind}/1"
    assert name_of(KINDS[kind]) == kind


def test_the_schema_accepts_what_is_written() -> None:
    catalog = a_catalog(an_entry())
    jsonschema.validate(dump(catalog), json_schema("catalog"))


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(UnknownName, match="no document has this format"):
        json_schema("novel")
    with pytest.raises(UnknownName, match="no document is of this type"):
        name_of(int)

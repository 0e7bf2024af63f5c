"""Facts become signs with a weight."""

import pytest

from insvc.inspect.evidence import (
    EARLIER_VERSION_UNKNOWN,
    PackageFacts,
    ProcessFacts,
    is_later,
    outside_mappings,
    package_finding,
    process_findings,
)
from insvc.inspect.maps import ReplacedMapping
from insvc.model.words import EvidenceKind

ROOT = "/srv/root"


def mapping(path: str, on_disk: str | None = "fe:00:8") -> ReplacedMapping:
    """A replaced mapping of that path."""
    return ReplacedMapping(path=path, mapped="fe:00:7", on_disk=on_disk)


def test_a_replaced_mapping_is_proof_and_names_both_files() -> None:
    facts = ProcessFacts(pid=5, replaced=(mapping(f"{ROOT}/usr/lib/a.so"),))
    (finding,) = process_findings(facts, ROOT)
    assert finding.is_proof
    assert finding.evidence.kind is EvidenceKind.MAPPING_REPLACED
    assert str(finding.evidence) == (
        "mapping-replaced in pid 5: /usr/lib/a.so: "
        "found file fe:00:7 (replaced), installed file fe:00:8"
    )


def test_a_file_that_is_gone_is_said_to_be_gone() -> None:
    facts = ProcessFacts(pid=5, replaced=(mapping(f"{ROOT}/usr/lib/a.so", None),))
    assert process_findings(facts, ROOT)[0].evidence.expected == "no file"


def test_what_lies_outside_the_root_is_told_apart() -> None:
    facts = ProcessFacts(pid=5, replaced=(mapping("/usr/lib/libc.so"), mapping("/tmp/ffi1")))
    assert process_findings(facts, ROOT) == ()
    assert outside_mappings(facts, ROOT) == ("/usr/lib/libc.so",)
    assert outside_mappings(facts, "/") == ()


def test_a_process_that_may_not_be_looked_at_is_a_hint_and_not_nothing() -> None:
    (finding,) = process_findings(ProcessFacts(pid=5, unreadable="Permission denied"), ROOT)
    assert not finding.is_proof
    assert finding.evidence.kind is EvidenceKind.UNSEEN
    assert finding.evidence.found == "Permission denied"


@pytest.mark.parametrize("is_packaged", [True, False])
def test_a_script_replaced_after_the_start_is_proof_where_a_package_did_it(
    is_packaged: bool,
) -> None:
    facts = ProcessFacts(
        pid=5,
        started_at=100.0,
        script="/usr/bin/x",
        script_changed_at=102.5,
        script_came_with_package=is_packaged,
    )
    (finding,) = process_findings(facts, ROOT)
    assert finding.evidence.kind is EvidenceKind.SCRIPT_REPLACED
    assert finding.evidence.expected == "a file put there 2.5 s later"
    assert finding.is_proof is is_packaged


@pytest.mark.parametrize(
    ("started_at", "changed_at"), [(100.0, 99.0), (100.0, 100.04), (None, 99.0), (100.0, None)]
)
def test_a_script_that_is_older_or_of_unknown_age_says_nothing(
    started_at: float | None, changed_at: float | None
) -> None:
    facts = ProcessFacts(
        pid=5, started_at=started_at, script="/usr/bin/x", script_changed_at=changed_at
    )
    assert process_findings(facts, ROOT) == ()


def test_a_process_without_a_script_says_nothing_about_scripts() -> None:
    assert process_findings(ProcessFacts(pid=5, started_at=1.0, script_changed_at=9.0), ROOT) == ()


def package(earlier: str | None, installed_at: float | None = 200.0) -> PackageFacts:
    """A package installed at that moment."""
    return PackageFacts(
        name="cinder", version="2.0-1", installed_at=installed_at, earlier_version=earlier
    )


@pytest.mark.parametrize(
    ("earlier", "found"),
    [
        ("1.0-1", "1.0-1"),
        ("2.0-1", EARLIER_VERSION_UNKNOWN),
        (None, EARLIER_VERSION_UNKNOWN),
    ],
)
def test_a_newer_package_is_a_hint_with_both_versions(earlier: str | None, found: str) -> None:
    finding = package_finding(package(earlier), 100.0, 5)
    assert finding is not None
    assert not finding.is_proof
    assert (finding.evidence.found, finding.evidence.expected) == (found, "2.0-1")
    assert (finding.evidence.subject, finding.evidence.pid) == ("cinder", 5)


@pytest.mark.parametrize("since", [200.0, 300.0, None])
def test_a_package_that_is_older_says_nothing(since: float | None) -> None:
    assert package_finding(package("1.0-1"), since) is None


def test_what_is_not_known_is_never_later() -> None:
    assert not is_later(None, 1.0)
    assert not is_later(1.0, None)
    assert is_later(2.0, 1.0)

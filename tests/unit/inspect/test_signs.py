"""From what a sweep saw to signs, with their weight."""

from insvc.inspect.maps import ReplacedMapping
from insvc.inspect.signs import (
    Upgrade,
    is_stale,
    mapping_findings,
    unreadable_finding,
    unreadable_line,
    upgrade_findings,
)
from insvc.inspect.sweep import Fate, Hit, Seen
from insvc.model.words import EvidenceKind


def seen(*fates: Fate, name: str = "daemon", place: int = 0, on_disk: str | None = "8:1:2") -> Seen:
    """A process with files of these fates."""
    hits = tuple(
        Hit(ReplacedMapping(path=f"/usr/lib/{fate}.so", mapped="8:1:1", on_disk=on_disk), fate)
        for fate in fates
    )
    return Seen(pid=7, start_ticks=1, parent=1, name=name, place=place, hits=hits)


def test_replaced_and_rewritten_files_are_proof() -> None:
    found = mapping_findings(seen(Fate.REPLACED, Fate.REWRITTEN))
    assert [one.is_proof for one in found] == [True, True]
    assert [one.evidence.subject for one in found] == [
        "/usr/lib/replaced.so",
        "/usr/lib/rewritten.so",
    ]
    assert found[0].evidence.expected == "file 8:1:2"
    assert found[1].evidence.expected == "the same file, written over since"


def test_a_file_that_is_gone_is_told_so() -> None:
    (found,) = mapping_findings(seen(Fate.REPLACED, on_disk=None))
    assert found.evidence.expected == "no file"


def test_a_doubtful_file_is_a_hint() -> None:
    (found,) = mapping_findings(seen(Fate.DOUBTFUL, on_disk=None))
    assert not found.is_proof
    assert "none came in its place" in found.evidence.expected


def test_temporary_and_equal_files_are_no_sign() -> None:
    harmless = seen(Fate.TEMPORARY, Fate.SAME_CONTENT)
    assert not is_stale(harmless)
    assert mapping_findings(harmless) == ()


def test_only_the_signs_among_harmless_files_are_told() -> None:
    assert len(mapping_findings(seen(Fate.TEMPORARY, Fate.REPLACED, Fate.SAME_CONTENT))) == 1


def test_the_keeper_of_a_session_is_never_told_of() -> None:
    assert mapping_findings(seen(Fate.REPLACED, name="(sd-pam)")) == ()


def test_the_package_of_a_replaced_file_is_told_once_with_its_versions() -> None:
    findings = mapping_findings(seen(Fate.REPLACED, Fate.REWRITTEN))
    upgrade = Upgrade(package="libx", from_version="1", to_version="2")
    upgrades = dict.fromkeys(("/usr/lib/replaced.so", "/usr/lib/rewritten.so"), upgrade)
    (found,) = upgrade_findings(upgrades, findings, 7)
    assert found.evidence.kind is EvidenceKind.PACKAGE_NEWER
    assert (found.evidence.subject, found.evidence.found, found.evidence.expected) == (
        "libx",
        "1",
        "2",
    )
    assert not found.is_proof


def test_an_earlier_version_that_is_not_known_or_the_same_is_not_named() -> None:
    findings = mapping_findings(seen(Fate.REPLACED))
    for earlier in (None, "2"):
        upgrade = Upgrade(package="libx", from_version=earlier, to_version="2")
        (found,) = upgrade_findings({"/usr/lib/replaced.so": upgrade}, findings, 7)
        assert found.evidence.found == "an earlier installation"


def test_a_process_that_may_not_be_read_is_told_of() -> None:
    (found,) = unreadable_finding(seen(place=-1))
    assert found.evidence.kind is EvidenceKind.UNSEEN
    assert unreadable_finding(seen()) == ()


def test_what_was_not_seen_is_one_line_with_a_count() -> None:
    assert unreadable_line([seen(), seen()], is_hidden=False) == ()
    (one,) = unreadable_line([seen(), seen(place=-1)], is_hidden=False)
    assert one.startswith("1 of 2 process may not be looked at")
    lines = unreadable_line([seen(place=-1), seen(place=-1)], is_hidden=True)
    assert "hidepid" in lines[0]
    assert lines[1].startswith("2 of 2 processes")

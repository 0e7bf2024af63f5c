"""Times of a source file against the start of its reader."""

from insvc.inspect.changes import FileTimes, Reader, change_finding, missing_finding, settled
from insvc.inspect.evidence import Finding
from insvc.model.words import EvidenceKind

READER = Reader(pid=7, started_at=100.0, now=200.0)


def change(
    changed_at: float, written_at: float, *, came: bool = False, is_sure: bool = True
) -> Finding | None:
    """The sign in a file of these times."""
    return change_finding(
        EvidenceKind.SCRIPT_REPLACED,
        "/a",
        FileTimes(changed_at, written_at),
        READER,
        came_with_package=came,
        is_sure=is_sure,
    )


def proof(found: Finding | None) -> bool:
    """Whether that sign is there, and proof."""
    assert found is not None
    return found.is_proof


def test_a_file_that_did_not_change_since_is_no_sign() -> None:
    assert change(99.0, 99.0) is None


def test_a_file_written_later_is_proof() -> None:
    found = change(150.0, 150.0)
    assert proof(found)
    assert found is not None
    assert found.evidence.expected == "a file put there 50.0 s later"


def test_a_file_brought_later_by_a_package_is_proof_whatever_its_age() -> None:
    assert proof(change(150.0, 10.0, came=True))


def test_a_file_that_was_only_moved_or_given_away_is_a_hint() -> None:
    assert not proof(change(150.0, 10.0))


def test_a_file_that_may_not_have_been_read_is_a_hint() -> None:
    assert not proof(change(150.0, 150.0, is_sure=False))


def test_a_file_from_the_future_is_a_hint() -> None:
    assert not proof(change(900.0, 900.0, came=True))


def test_a_file_that_is_gone_is_proof() -> None:
    found = missing_finding(EvidenceKind.SCRIPT_REPLACED, "/a", 7)
    assert (found.is_proof, found.evidence.expected) == (True, "no file")


def test_what_is_remembered_settles_the_sign() -> None:
    hint = change(150.0, 10.0)
    assert hint is not None
    assert settled(hint, is_same=None, is_sure=True) is hint
    assert settled(hint, is_same=True, is_sure=True) is None
    assert proof(settled(hint, is_same=False, is_sure=True))
    assert not proof(settled(hint, is_same=False, is_sure=False))
    assert proof(settled(Finding(hint.evidence, is_proof=True), is_same=False, is_sure=False))

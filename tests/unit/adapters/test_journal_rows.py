"""Rows of the journal: what is written is read, and digests are what they always were."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.adapters.journal_rows import digest_of, record_of, row_of
from insvc.execute.run import Record, RecordKind

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
RECORDS = st.builds(
    Record,
    kind=st.sampled_from(RecordKind),
    at=st.floats(allow_nan=False, allow_infinity=False),
    step=WORDS,
    attempt=st.integers(),
    body=st.dictionaries(WORDS, st.recursive(WORDS | st.integers() | st.none(), st.lists)),
)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(RECORDS)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    assert record_of(row_of(record)) == record


@settings(derandomize=True, deadline=None, max_examples=50)
@given(WORDS, st.integers(), RECORDS)
def test_a_digest_is_that_of_the_list_as_json(before: str, number: int, record: Record) -> None:
    before = hashlib.sha256(before.encode()).hexdigest()
    row = row_of(record)
    plain = json.dumps([before, number, *row], ensure_ascii=False).encode()
    assert digest_of(before, number, row) == hashlib.sha256(plain).hexdigest()


def test_a_digest_of_an_earlier_version_still_holds() -> None:
    row = (1.5, "step-ended", "a@h1", 1, '{"why": "☃ \\"so\\""}')
    assert (
        digest_of("", 3, row) == "498bc0c5f2ef8159d496847aeb0f3b79ab36ba390640f19ef6eed901dcb2a3d9"
    )


def test_what_follows_from_a_digest_depends_on_it() -> None:
    row = row_of(Record(kind=RecordKind.PAUSE_ASKED, at=1.0))
    assert digest_of("a", 1, row) != digest_of("b", 1, row)
    assert digest_of("a", 1, row) != digest_of("a", 2, row)


@pytest.mark.parametrize(
    "row",
    [
        (2.0, "telepathy", "", 0, "{}"),
        (2.0, "created", "", 0, "{"),
        ("soon", "created", "", 0, "{}"),
        (2.0, "created", "", "twice", "{}"),
    ],
)
def test_what_is_no_record_is_refused(row: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        record_of(row)

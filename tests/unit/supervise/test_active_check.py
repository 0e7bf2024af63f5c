"""`insvc.supervise.active_check`: questions, answers, and which of them count."""

import pytest

from insvc.supervise.active_check import (
    Heard,
    has_recovered,
    heard,
    is_owed,
    question,
    read_answer,
    unheard,
)


def test_a_question_is_the_name_the_magic_number_and_a_number() -> None:
    assert question("hbsClient", 42) == b"hbsClient 12345678 42"


@pytest.mark.parametrize(
    "text",
    [b"x edcba987 7", b"x edcba987 7\0", b"x EDCBA987 7\n", b"  x   0xedcba987 7 "],
)
def test_an_answer_has_the_number_inverted(text: bytes) -> None:
    assert read_answer(text) == ("x", 7)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b"x edcba987",
        b"x 12345678 7",
        b"x edcba986 7",
        b"x edcba987 -7",
        b"x edcba987 7 more",
        b"x edcba987 99999999999",
        b"x y edcba987 7",
        b"\xff" * 100 + b" edcba987 7",
    ],
)
def test_anything_else_is_no_answer(text: bytes) -> None:
    assert read_answer(text) is None


def test_who_has_never_answered_is_given_three_minutes() -> None:
    assert not is_owed(Heard(), 179.9)
    assert is_owed(Heard(), 180.0)
    assert is_owed(heard(Heard()), 1.0)
    assert is_owed(unheard(heard(Heard())), 1.0)


def test_failures_are_forgotten_after_one_answer_more_than_the_period_has_seconds() -> None:
    found = Heard()
    seen = []
    for _ in range(8):
        found = heard(found)
        seen.append(has_recovered(found, 5.0))
    assert seen == [False] * 5 + [True] + [False] * 2


def test_an_answer_that_is_owed_begins_the_count_anew() -> None:
    found = unheard(heard(heard(Heard())))
    assert (found.has_answered, found.in_a_row) == (True, 0)

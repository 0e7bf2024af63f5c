import pytest

from insvc.model.words import Outcome
from insvc.plan.plan import Impairment
from insvc.report.wording import (
    clock_time,
    count,
    day_time,
    difference,
    number,
    offset,
    outcome_word,
    printable,
    seconds,
    share,
    shortened,
    users_notice,
)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "-"),
        (0.0, "0.00 s"),
        (9.994, "9.99 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125.4, "2 min 05 s"),
    ],
)
def test_a_duration_has_as_many_decimals_as_its_size_deserves(
    amount: float | None, text: str
) -> None:
    assert seconds(amount) == text


def test_a_difference_always_shows_its_sign() -> None:
    assert difference(0.714) == "+0.71 s"
    assert difference(-0.02) == "-0.02 s"
    assert difference(None) == "-"


def test_a_moment_is_told_from_the_begin_of_the_run() -> None:
    assert offset(3.25) == "+3.2 s"
    assert offset(None) == "-"


def test_days_and_clock_times_are_utc() -> None:
    assert day_time(1_795_348_982.25) == "2026-11-22 12:03:02 UTC"
    assert day_time(None) == "-"
    assert clock_time(1_795_348_982.25) == "12:03:02.250"


def test_a_moment_beyond_the_calendar_stays_a_number() -> None:
    assert day_time(1e300) == "1e+300 s after 1970"
    assert clock_time(-5.0) == "-5 s after 1970"


def test_large_numbers_have_their_thousands_apart() -> None:
    assert number(1_234_567) == "1 234 567"
    assert count(1, "step") == "1 step"
    assert count(2000, "step") == "2 000 steps"


def test_zero_percent_means_exactly_none() -> None:
    assert share(0, 10) == "0 %"
    assert share(1, 100_000) == "under 0.1 %"
    assert share(31, 2317) == "1.3 %"


def test_a_step_without_an_outcome_was_not_begun() -> None:
    assert outcome_word(None) == "not begun"
    assert outcome_word(Outcome.ALREADY_CURRENT) == "already-current"


def test_a_long_text_ends_in_an_ellipsis() -> None:
    assert shortened("cinder", 6) == "cinder"
    assert shortened("cinder-volume", 6) == "cinde…"
    assert shortened("two\nlines", 20) == "two lines"


def test_control_characters_are_made_visible() -> None:
    assert printable("\x1b[31mred\x07\tend\n") == "\\x1b[31mred\\x07\\x09end\n"


def test_users_notice_what_the_forecast_lists() -> None:
    told = users_notice(
        Impairment(
            entry="horizon",
            outstanding_requests="fail",
            new_requests="refused",
            sessions="lost",
            may_lose=("samples of 10 ms",),
        )
    )
    assert told == (
        "requests under way fail; new requests are refused; users are logged out; "
        "may lose samples of 10 ms"
    )


def test_nothing_to_notice_differs_from_not_known() -> None:
    calm = Impairment(entry="vim-webserver", outstanding_requests="none", new_requests="none")
    assert users_notice(calm) == "nothing"
    assert users_notice(Impairment(entry="x")) == "not known"

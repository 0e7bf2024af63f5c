"""When a cron expression comes true, held against an independent reader of the same language."""

from datetime import UTC, datetime

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.model.cron_schedule import next_run, parse

EXPRESSIONS = [
    "* * * * *",
    "*/15 * * * *",
    "5 4 * * *",
    "0 0 1 * *",
    "30 2 29 2 *",
    "0 12 * * mon-fri",
    "0 0 13 * 5",
    "0 0 13 * FRI",
    "0 22 * * 1-5",
    "23 0-20/2 * * *",
    "0 0,12 1 */2 *",
    "0 4 8-14 * *",
    "5-59/20 3 * jan,jul *",
    "0 0 31 * *",
    "0 0 * * 7",
    "0 0 * * 5-7",
    "15 10 */7 * *",
]
AFTER = datetime(2026, 11, 23, 1, 42, 10, tzinfo=UTC)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_next_runs_are_those_an_independent_reader_finds(expression: str) -> None:
    peer = CronSim(expression, AFTER)
    moment = AFTER
    for _ in range(12):
        moment = next_run(expression, moment)
        assert moment == next(peer)


@st.composite
def fields(draw: st.DrawFn, low: int, high: int) -> str:
    # The peer reads a range of one value with a step as a range without an end.
    first = draw(st.integers(low, high - 1))
    last = draw(st.integers(first + 1, high))
    step = draw(st.integers(1, high))
    return draw(
        st.sampled_from(
            [
                "*",
                str(first),
                f"{first}-{last}",
                f"{first}-{last}/{step}",
                f"*/{step}",
                f"{first},{last}",
            ]
        )
    )


@settings(max_examples=60, deadline=None)
@given(
    minute=fields(0, 59),
    hour=fields(0, 23),
    day=fields(1, 28),
    month=fields(1, 12),
    weekday=fields(0, 6),
    after=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)
def test_any_expression_is_read_as_its_peer_reads_it(
    minute: str, hour: str, day: str, month: str, weekday: str, after: datetime
) -> None:
    expression = f"{minute} {hour} {day} {month} {weekday}"
    assert next_run(expression, after) == next(CronSim(expression, after))


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("* * * *", "found 4 fields, expected 5"),
        ("60 * * * *", "found '60' as minute, expected 0 to 59"),
        ("* 24 * * *", "as hour"),
        ("* * 0 * *", "as day of month"),
        ("* * * 13 *", "as month"),
        ("* * * * 8", "as day of week"),
        ("* * * * someday", "found 'someday' as day of week"),
        ("5-3 * * * *", "found '5-3' as minute"),
        ("*/0 * * * *", "found '*/0' as minute"),
        ("*/x * * * *", "found 'x' as minute"),
        ("1,,2 * * * *", "found '' as minute"),
        ("\u0661 * * * *", "as minute"),
    ],
)
def test_what_is_no_schedule_is_refused_by_its_field(expression: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("*", r"\*")):
        parse(expression)


def test_a_day_that_no_month_has_never_comes() -> None:
    with pytest.raises(ValueError, match="never comes true"):
        next_run("0 0 30 2 *", AFTER)


def test_a_moment_on_the_schedule_is_over() -> None:
    moment = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    assert next_run("0 12 * * *", moment) == datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

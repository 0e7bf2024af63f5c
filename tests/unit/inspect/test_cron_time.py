"""When a job runs next, held against an independent reader where summer time begins and ends."""

from datetime import UTC, datetime

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.inspect.cron_time import next_start
from tests.fakes.time_zone import zone

BERLIN = zone()
LORD_HOWE = zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0")
EXPRESSIONS = [
    "*/15 * * * *",
    "30 * * * *",
    "*/20 2 * * *",
    "30 2 * * *",
    "0 2 * * *",
    "15 1,2,3 * * *",
    "0 3 * * *",
    "59 1 * * *",
    "0 12 * * *",
    "30 2 * * sun",
    "0 0 1 * *",
    "45 23 29 2 *",
]


def peer(expression: str, after: datetime) -> float:
    moment: datetime = next(CronSim(expression, after))
    return moment.timestamp()


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("day", [(2026, 3, 28), (2026, 10, 24)])
def test_around_summer_time_jobs_start_as_an_independent_reader_says(
    expression: str, day: tuple[int, int, int]
) -> None:
    after = datetime(*day, 20, 0, 5, tzinfo=BERLIN)
    simulated = CronSim(expression, after)
    moment = after.timestamp()
    for _ in range(30):
        moment = next_start(expression, moment, BERLIN)
        assert moment == next(simulated).timestamp()


@settings(max_examples=100, deadline=None)
@given(
    expression=st.sampled_from(EXPRESSIONS),
    after=st.datetimes(
        datetime(2025, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        datetime(2028, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_at_any_moment_jobs_start_as_an_independent_reader_says(
    expression: str, after: datetime
) -> None:
    there = after.astimezone(BERLIN)
    if there.fold:
        return  # in the second pass of an hour the peer has no memory of the first
    assert next_start(expression, after.timestamp(), BERLIN) == peer(expression, there)


def local(moment: float, where: object = BERLIN) -> str:
    return datetime.fromtimestamp(moment, tz=where).strftime("%m-%d %H:%M %Z")  # type: ignore[arg-type]


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_job_whose_hour_is_skipped_runs_when_the_clock_is_put_forward() -> None:
    start = next_start("30 2 * * *", at("2026-03-29T01:10:00+01:00"), BERLIN)
    assert local(start) == "03-29 03:00 CEST"


def test_a_job_by_the_wall_does_not_make_up_for_the_skipped_hour() -> None:
    start = next_start("30 * * * *", at("2026-03-29T01:40:00+01:00"), BERLIN)
    assert local(start) == "03-29 03:30 CEST"


def test_a_job_of_a_fixed_hour_does_not_run_twice_when_the_clock_is_put_back() -> None:
    first = next_start("30 2 * * *", at("2026-10-25T01:40:00+02:00"), BERLIN)
    assert local(first) == "10-25 02:30 CEST"
    assert local(next_start("30 2 * * *", first, BERLIN)) == "10-26 02:30 CET"


def test_a_job_by_the_wall_runs_in_both_passes_of_the_hour() -> None:
    first = next_start("30 * * * *", at("2026-10-25T02:10:00+02:00"), BERLIN)
    second = next_start("30 * * * *", first, BERLIN)
    assert (local(first), local(second)) == ("10-25 02:30 CEST", "10-25 02:30 CET")


def test_a_jump_of_half_an_hour_is_found_to_the_minute() -> None:
    start = next_start("15 2 * * *", at("2026-10-03T20:00:00+10:30"), LORD_HOWE)
    assert local(start, LORD_HOWE) == "10-04 02:30 +11"


def test_a_jump_of_hours_is_a_correction_and_nothing_is_made_up_for() -> None:
    far = zone("<+00>0<+05>-5,M3.5.0,M10.5.0")
    start = next_start("30 3 * * *", at("2026-03-29T00:00:00+00:00"), far)
    assert local(start, far) == "03-30 03:30 +05"


def test_without_summer_time_it_is_the_schedule_alone() -> None:
    assert next_start("5 4 * * *", at("2026-11-23T04:05:00+00:00"), UTC) == at("2026-11-24T04:05Z")


def test_a_schedule_that_never_comes_true_is_refused() -> None:
    with pytest.raises(ValueError, match="never comes true"):
        next_start("0 0 31 2 *", at("2026-11-23T04:05:00+00:00"), BERLIN)

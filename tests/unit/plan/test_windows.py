"""`insvc.plan.windows`: from when on there is room."""

import pytest

from insvc.plan.policy import Window
from insvc.plan.windows import next_start, window_fault

NIGHT = Window(opens="22:00", closes="04:00")
DAY_S = 86_400.0
HOUR_S = 3600.0


def test_without_windows_it_is_always_time() -> None:
    assert next_start((), 17.0, 1e9) == 17.0


@pytest.mark.parametrize(
    ("at", "length", "begins"),
    [
        (0.0, 5.0, 10.0),
        (10.0, 10.0, 10.0),
        (15.0, 5.0, 15.0),
        (15.0, 5.1, 40.0),
        (50.0, 1.0, 50.0),
        (60.0, 0.1, None),
        (0.0, 30.0, None),
    ],
)
def test_what_does_not_fit_waits_for_the_next(
    at: float, length: float, begins: float | None
) -> None:
    windows = (Window(opens=40.0, closes=60.0), Window(opens=10.0, closes=20.0))
    assert next_start(windows, at, length) == begins


@pytest.mark.parametrize(
    ("at", "length", "begins"),
    [
        (12 * HOUR_S, HOUR_S, 22 * HOUR_S),
        (23 * HOUR_S, 5 * HOUR_S, 23 * HOUR_S),
        (23 * HOUR_S, 5 * HOUR_S + 1, DAY_S + 22 * HOUR_S),
        (DAY_S + 3 * HOUR_S, HOUR_S, DAY_S + 3 * HOUR_S),
        (0.0, 6 * HOUR_S, 22 * HOUR_S),
        (0.0, 6 * HOUR_S + 1, None),
    ],
)
def test_a_nightly_window_ends_on_the_next_day(
    at: float, length: float, begins: float | None
) -> None:
    assert next_start((NIGHT,), at, length) == begins


def test_a_window_opens_to_the_minute() -> None:
    assert next_start((Window(opens="22:30", closes="23:00"),), 0.0, 1.0) == 22.5 * HOUR_S


def test_equal_times_of_day_are_a_whole_day() -> None:
    assert next_start((Window(opens="00:00", closes="00:00"),), 5.0, DAY_S - 5.0) == 5.0


@pytest.mark.parametrize(
    ("window", "fault"),
    [
        (NIGHT, None),
        (Window(opens=1.0, closes=2.0), None),
        (Window(opens=2.0, closes=2.0), "closes at 2.0"),
        (Window(opens="22:00", closes=3.0), "HH:MM"),
        (Window(opens="25:00", closes="04:00"), "'25:00'"),
        (Window(opens="22:00", closes="4 o'clock"), "4 o'clock"),
    ],
)
def test_a_window_nobody_understands_is_named(window: Window, fault: str | None) -> None:
    found = window_fault(window)
    assert (found is None) if fault is None else (found is not None and fault in found)

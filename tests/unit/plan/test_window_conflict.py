"""`insvc.plan.window_conflict`: why no window has room, and the fewest facts that say so."""

import pytest

from insvc.plan.policy import Window
from insvc.plan.window_conflict import no_window

DAILY = (Window(opens="22:00", closes="22:10"),)
DATED = (Window(opens=100.0, closes=200.0), Window(opens=300.0, closes=350.0))


def told(windows: tuple[Window, ...], origin: float, at_s: float, duration_s: float) -> str:
    return no_window("a@h", windows, origin, at_s, duration_s).reason.partition("would work: ")[2]


@pytest.mark.parametrize("windows", [DAILY, DATED])
def test_what_is_longer_than_every_window_may_begin_when_it_will(
    windows: tuple[Window, ...],
) -> None:
    found = told(windows, 0.0, 5.0, 900.0)
    assert found.startswith("(1) a@h takes about 900.0 s [let it take less], (2) no maintenance ")
    assert found.endswith(
        "[add or lengthen a window], (3) a@h must be done [leave it out of the plan]"
    )
    assert "cannot begin before" not in found


def test_what_comes_after_the_last_window_comes_too_late_however_short() -> None:
    found = told(DATED, 0.0, 400.0, 1.0)
    assert found.startswith("(1) it cannot begin before 400.0 s after the run's start at 0 [begin ")
    assert "takes about" not in found


def test_what_would_fit_earlier_or_shorter_is_told_of_both() -> None:
    found = told(DATED, 250.0, 60.0, 80.0)
    assert found.startswith("(1) it cannot begin before 60.0 s")
    assert "(2) a@h takes about 80.0 s" in found
    assert "(3) no maintenance window (100.0 to 200.0, 300.0 to 350.0) is left" in found


def test_the_counter_example_comes_first() -> None:
    fault = no_window("a@h", DATED, 250.0, 60.0, 80.0)
    assert fault.subject == "a@h"
    assert fault.reason.startswith("takes about 80.0 s and cannot begin before 60.0 s after the ")
    assert fault.next_act.startswith("add or lengthen a window")


@pytest.mark.parametrize(("at_s", "is_too_long"), [(349.5, True), (350.5, False)])
def test_its_length_matters_where_something_shorter_would_still_fit(
    at_s: float, *, is_too_long: bool
) -> None:
    assert ("a@h takes about 9.0 s" in told(DATED, 0.0, at_s, 9.0)) is is_too_long

from dataclasses import replace

import pytest

from insvc.report.report import Report, SeenOutage, StepReport
from insvc.report.timeline import draw
from tests.unit.report.sample import empty, failed, succeeded


def one_step(step: StepReport, took_s: float = 10.0) -> Report:
    """A run of one step."""
    return Report(run="r", outcome="succeeded", ended_at=took_s, steps=(step,))


def test_every_step_is_in_the_lane_of_its_host() -> None:
    report = succeeded()
    drawn = draw(report)
    assert [lane.host for lane in drawn.lanes] == [
        "compute-0",
        "compute-1",
        "controller-0",
        "controller-1",
        "storage-0",
    ]
    assert sum(len(lane.bars) for lane in drawn.lanes) == len(report.steps)


def test_the_picture_is_as_wide_as_the_run() -> None:
    assert draw(succeeded()).span_s == pytest.approx(19.6)


def test_a_plan_longer_than_the_run_still_fits() -> None:
    drawn = draw(one_step(StepReport(id="a@h", host="h", planned_end_s=20.0)))
    assert drawn.span_s == 20.0
    assert drawn.lanes[0].bars[0].planned == (0.0, 1.0)


def test_planned_and_real_are_shares_of_the_width() -> None:
    step = StepReport(
        id="a@h", host="h", planned_start_s=0.0, planned_end_s=4.0, start_s=1.0, end_s=5.0
    )
    (bar,) = draw(one_step(step)).lanes[0].bars
    assert bar.planned == (0.0, 0.4)
    assert bar.real == (0.1, 0.5)


def test_a_step_that_was_not_begun_has_no_real_bar() -> None:
    (bar,) = draw(one_step(StepReport(id="a@h", host="h"))).lanes[0].bars
    assert bar.real is None


def test_a_step_whose_end_is_not_known_reaches_to_the_edge() -> None:
    (bar,) = draw(one_step(StepReport(id="a@h", host="h", start_s=4.0))).lanes[0].bars
    assert bar.real == (0.4, 1.0)


def test_outages_lie_where_they_were_seen() -> None:
    step = StepReport(
        id="a@h",
        host="h",
        start_s=1.0,
        end_s=6.0,
        outages=(SeenOutage(from_s=2.0, until_s=3.0), SeenOutage(from_s=4.0)),
    )
    (bar,) = draw(one_step(step)).lanes[0].bars
    assert bar.outages == ((0.2, 0.3), (0.4, 0.6))


def test_a_run_that_has_not_ended_is_as_wide_as_its_steps() -> None:
    assert draw(replace(failed(), ended_at=None)).span_s == pytest.approx(18.7)


def test_an_empty_run_has_no_lanes() -> None:
    drawn = draw(empty())
    assert drawn.lanes == ()
    assert drawn.span_s == 1.0


@pytest.mark.parametrize(
    ("took_s", "pace_s"), [(0.5, 0.1), (7.0, 1.0), (19.6, 5.0), (120.0, 15.0), (86_400.0, 14_400.0)]
)
def test_grid_lines_stand_at_round_seconds(took_s: float, pace_s: float) -> None:
    ticks = draw(one_step(StepReport(id="a@h", host="h"), took_s)).ticks
    assert ticks[1][1] == pytest.approx(pace_s)
    assert len(ticks) <= 9
    assert all(0.0 <= at <= 1.0 for at, _ in ticks)

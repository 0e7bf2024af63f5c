"""The picture of a run: hosts as lanes, steps as bars, planned beside real, outages within."""

from dataclasses import dataclass

from insvc.report.report import Report, StepReport

_TICKS = 8
_NICE = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One step in the picture; positions are shares of its width, 0 to 1.

    Attributes:
        step: what it stands for.
        planned: from, until of the plan.
        real: from, until of what happened; absent where it was not begun.
        outages: from, until of every interval in which clients were not served.
    """

    step: StepReport
    planned: tuple[float, float]
    real: tuple[float, float] | None
    outages: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """One host and its steps, in the order of their start."""

    host: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """The whole picture.

    Attributes:
        span_s: how many seconds its width stands for.
        ticks: (position, seconds) of every grid line.
        lanes: in the order of host names.
    """

    span_s: float
    ticks: tuple[tuple[float, float], ...]
    lanes: tuple[Lane, ...]


def draw(report: Report) -> Timeline:
    """The timeline of a report; without lanes where it has no steps."""
    span_s = _span(report)
    by_host: dict[str, list[Bar]] = {}
    for step in report.steps:
        by_host.setdefault(step.host, []).append(_bar(step, span_s))
    return Timeline(
        span_s=span_s,
        ticks=_ticks(span_s),
        lanes=tuple(Lane(host=host, bars=tuple(by_host[host])) for host in sorted(by_host)),
    )


def _span(report: Report) -> float:
    ends = [0.0]
    for step in report.steps:
        ends += [step.planned_end_s, step.start_s or 0.0, step.end_s or 0.0]
        ends += [seen.until_s or seen.from_s for seen in step.outages]
    if report.ended_at is not None:
        ends.append(report.ended_at - report.started_at)
    return max(ends) or 1.0


def _ticks(span_s: float) -> tuple[tuple[float, float], ...]:
    pace = next((nice for nice in _NICE if span_s / nice <= _TICKS), _NICE[-1])
    while span_s / pace > _TICKS:
        pace *= 2
    moments = [pace * turn for turn in range(int(span_s / pace) + 1)]
    return tuple((moment / span_s, moment) for moment in moments)


def _bar(step: StepReport, span_s: float) -> Bar:
    until_s = span_s if step.end_s is None else step.end_s
    seen = [(one.from_s, until_s if one.until_s is None else one.until_s) for one in step.outages]
    return Bar(
        step=step,
        planned=_shares(step.planned_start_s, step.planned_end_s, span_s),
        real=None if step.start_s is None else _shares(step.start_s, until_s, span_s),
        outages=tuple(_shares(from_s, until_s, span_s) for from_s, until_s in seen),
    )


def _shares(from_s: float, until_s: float, span_s: float) -> tuple[float, float]:
    return min(max(from_s / span_s, 0.0), 1.0), min(max(until_s / span_s, 0.0), 1.0)

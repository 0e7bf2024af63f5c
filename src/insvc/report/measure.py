"""What was measured, set beside what was foretold: one line an entry."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from insvc.plan.plan import Impairment
from insvc.report.report import Report, ServiceRequests, StepReport

HOST_ACTIONS = "swact, lock and unlock"
_SLOW_FACTOR = 1.5
_SLOW_EXCESS_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryMeasure:
    """One entry: the forecast, and what came of it.

    Attributes:
        entry: the catalog entry, or empty for what was done to hosts; `title`: for people.
        impairment: what was foretold; absent where the plan foretold nothing.
        hosts: where it was to happen.
        steps: how many steps it has; `succeeded`: how many of them reached their goal.
        forecast_s: the longest outage expected of one instance, in seconds.
        measured_s: the longest outage measured; absent where nothing was.
        is_lasting: an outage of it had not ended when its probe stopped: it lasted longer than
            measured.
        requests: what clients of its services experienced; absent where there was no load.
    """

    entry: str
    title: str
    impairment: Impairment | None
    hosts: tuple[str, ...]
    steps: int
    succeeded: int
    forecast_s: float
    measured_s: float | None
    is_lasting: bool
    requests: ServiceRequests | None

    @property
    def error_s(self) -> float | None:
        """By how much the measurement exceeds the forecast; negative when it stayed below."""
        return None if self.measured_s is None else self.measured_s - self.forecast_s


def has_succeeded(step: StepReport) -> bool:
    """Whether the step reached its goal; one that never ended has not."""
    return step.outcome is not None and step.outcome.is_success


def was_begun(step: StepReport) -> bool:
    """Whether anything was done for it."""
    return step.start_s is not None


def is_lasting(step: StepReport) -> bool:
    """Whether an outage of it had not ended when the probe stopped."""
    return any(seen.until_s is None for seen in step.outages)


def is_slow(step: StepReport) -> bool:
    """Whether it took, or was out, over half as long again and over 1 s longer than planned."""
    took = 0.0
    if step.start_s is not None and step.end_s is not None:
        took = step.end_s - step.start_s
    return _exceeds(took, step.planned_end_s - step.planned_start_s) or _exceeds(
        step.outage_s or 0.0, step.forecast_s
    )


def _exceeds(measured_s: float, expected_s: float) -> bool:
    return measured_s > expected_s * _SLOW_FACTOR and measured_s > expected_s + _SLOW_EXCESS_S


def bystanders(report: Report) -> tuple[ServiceRequests, ...]:
    """Services outside steps and forecast whose clients noticed something all the same."""
    expected = {step.service for step in report.steps if was_begun(step)}
    expected.update(name for one in report.forecast for name in one.services)
    seen = report.requests.by_service if report.requests else ()
    return tuple(one for one in seen if one.service not in expected and (one.failed or one.delayed))


def longest_outage(report: Report) -> StepReport | None:
    """The step whose measured outage was the longest, or nothing where none was measured."""
    measured = [step for step in report.steps if step.outage_s is not None]
    return max(measured, key=lambda step: step.outage_s or 0.0, default=None)


def planned_s(report: Report) -> float:
    """How long the plan expected the run to take, in seconds."""
    return max((step.planned_end_s for step in report.steps), default=0.0)


def took_s(report: Report) -> float | None:
    """How long the run took, in seconds; absent while it has not ended."""
    return None if report.ended_at is None else report.ended_at - report.started_at


def compare(report: Report) -> tuple[EntryMeasure, ...]:
    """Forecast and measurement of every entry: foretold ones first, in the forecast's order."""
    foretold = {one.entry: one for one in report.forecast}
    others = [step.entry for step in report.steps if step.entry not in foretold]
    return tuple(
        _measure(entry, foretold.get(entry), report)
        for entry in [*foretold, *dict.fromkeys(others)]
    )


def _measure(entry: str, impairment: Impairment | None, report: Report) -> EntryMeasure:
    steps = [step for step in report.steps if step.entry == entry]
    measured = [step.outage_s for step in steps if step.outage_s is not None]
    on_hosts = tuple(dict.fromkeys(step.host for step in steps))
    expected_s = impairment.outage_s if impairment else 0.0
    return EntryMeasure(
        entry=entry,
        title=(impairment.title if impairment else "") or entry or HOST_ACTIONS,
        impairment=impairment,
        hosts=(impairment.hosts if impairment else ()) or on_hosts,
        steps=len(steps),
        succeeded=sum(map(has_succeeded, steps)),
        forecast_s=max([expected_s, *(step.forecast_s for step in steps)]),
        measured_s=max(measured, default=None),
        is_lasting=any(map(is_lasting, steps)),
        requests=_requests_of(impairment, steps, report),
    )


def _requests_of(
    impairment: Impairment | None, steps: Iterable[StepReport], report: Report
) -> ServiceRequests | None:
    services = {step.service for step in steps}.union(impairment.services if impairment else ())
    if report.requests is None:
        return None
    found = [one for one in report.requests.by_service if one.service in services]
    if not found:
        return None
    summed = found[0]
    for one in found[1:]:
        summed = replace(
            summed,
            total=summed.total + one.total,
            failed=summed.failed + one.failed,
            delayed=summed.delayed + one.delayed,
            longest_s=max(summed.longest_s, one.longest_s),
        )
    return summed

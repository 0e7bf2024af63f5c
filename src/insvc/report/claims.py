"""What a run claims to have proven, each claim with what was seen."""

from dataclasses import dataclass

from insvc.execute.verify import CURED_ON
from insvc.model.words import Outcome
from insvc.report.measure import has_succeeded, is_lasting
from insvc.report.report import Report, StepReport
from insvc.report.wording import count, number, seconds, share

# Clocks of the hosts and of the controller differ by less than this on one machine.
_ORDER_TOLERANCE_S = 0.001


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One sentence and whether the facts bear it out.

    Attributes:
        text: the sentence; it says what was found.
        holds: absent where it holds in part only, or nobody knows.
    """

    text: str
    holds: bool | None


def make_claims(report: Report) -> tuple[Claim, ...]:
    """Every claim of a report, the most important first."""
    claims = [
        _nothing_stale(report),
        _every_step(report),
        _new_processes(report),
        _cured_by_swact(report),
        _order_kept(report),
        _forecast_met(report),
        _requests_served(report),
    ]
    return tuple(claim for claim in claims if claim is not None)


def stale_title(report: Report) -> str:
    """The heading over what the first claim could not rule out."""
    return "Still stale" if report.stale_after else "Not known"


def order_faults(report: Report) -> tuple[str, ...]:
    """Every step that began before one it had to wait for had succeeded, in words."""
    by_id = {step.id: step for step in report.steps}
    return tuple(
        f"{step.id} began before {earlier} had succeeded"
        for step in report.steps
        if step.start_s is not None
        for earlier in step.after
        if earlier in by_id and not _preceded(by_id[earlier], step.start_s)
    )


def _preceded(earlier: StepReport, start_s: float) -> bool:
    ended_s = earlier.end_s
    in_time = ended_s is not None and ended_s <= start_s + _ORDER_TOLERANCE_S
    return in_time and has_succeeded(earlier)


def _nothing_stale(report: Report) -> Claim:
    before = count(report.stale_before, "instance")
    if report.stale_after:
        left = count(len(report.stale_after), "instance")
        return Claim(text=f"{left} still ran replaced code after the run", holds=False)
    if report.unobserved:
        names = ", ".join(report.unobserved)
        return Claim(text=f"what {names} runs is not known: no answer", holds=None)
    if report.observed_at is None:
        return Claim(text="whether replaced code still runs was not looked at", holds=None)
    was = f" any more ({before} did before)" if report.stale_before else ", nor did before"
    return Claim(text=f"nothing runs replaced code{was}", holds=True)


def _every_step(report: Report) -> Claim:
    total = len(report.steps)
    good = sum(map(has_succeeded, report.steps))
    if not total:
        return Claim(text="the plan held no step: there was nothing to restart", holds=True)
    if report.outcome == "incomplete" and good < total:
        return Claim(text=f"{number(good)} of {count(total, 'step')} ended well so far", holds=None)
    return Claim(
        text=f"{number(good)} of {count(total, 'step')} reached the goal", holds=good == total
    )


def _new_processes(report: Report) -> Claim | None:
    restarted = [step for step in report.steps if step.outcome is Outcome.RESTARTED]
    if not restarted:
        return None
    new = sum(
        bool(step.evidence.after) and not set(step.evidence.before) & set(step.evidence.after)
        for step in restarted
    )
    return Claim(
        text=f"{number(new)} of {count(len(restarted), 'restarted instance')} "
        f"{'has' if len(restarted) == 1 else 'have'} new processes and none of the old",
        holds=new == len(restarted),
    )


def _cured_by_swact(report: Report) -> Claim | None:
    """What swacts were to cure, by what was seen on the new active host."""
    found = [
        (step.id, check)
        for step in report.steps
        for check in step.evidence.checks
        if check.name.startswith(CURED_ON)
    ]
    if not found:
        return None
    told = "; ".join(f"after {name} {check.detail}" for name, check in found)
    return Claim(text=told, holds=all(check.passed for _, check in found))


def _order_kept(report: Report) -> Claim | None:
    waits = sum(len(step.after) for step in report.steps if step.start_s is not None)
    if not waits:
        return None
    faults = order_faults(report)
    if faults:
        return Claim(text=f"the planned order was broken: {'; '.join(faults)}", holds=False)
    return Claim(
        text=f"every step began after those it had to wait for ({count(waits, 'wait')})", holds=True
    )


def _forecast_met(report: Report) -> Claim | None:
    measured = [step for step in report.steps if step.outage_s is not None]
    if not measured:
        return None
    worst = max(measured, key=_excess_s)
    within = sum(_excess_s(step) <= 0 and not is_lasting(step) for step in measured)
    text = (
        f"{number(within)} of {count(len(measured), 'measured outage')} stayed within the forecast"
    )
    if _excess_s(worst) > 0:
        text += f"; the largest excess is {seconds(_excess_s(worst))} ({worst.id})"
    lasting = [step.id for step in measured if is_lasting(step)]
    if lasting:
        text += f"; not ended when last seen: {', '.join(lasting)}"
    return Claim(text=text, holds=True if within == len(measured) else None)


def _excess_s(step: StepReport) -> float:
    return (step.outage_s or 0.0) - step.forecast_s


def _requests_served(report: Report) -> Claim | None:
    seen = report.requests
    if seen is None or not seen.total:
        return None
    text = (
        f"{count(seen.total, 'client request')} sent meanwhile: {number(seen.failed)} failed "
        f"({share(seen.failed, seen.total)}), {number(seen.delayed)} took more than "
        f"{seconds(seen.delayed_above_s)} longer than their work"
    )
    return Claim(text=text, holds=True if seen.failed == 0 else None)

"""What the outcome of a step rests on, as labelled lines in a fixed order."""

from insvc.report.report import Check, StepReport
from insvc.report.wording import clock_time


def evidence_lines(step: StepReport) -> tuple[tuple[str, str], ...]:
    """(label, text) of everything that was recorded of the step; what is absent has no line."""
    seen = step.evidence
    in_time = sorted(seen.times.items(), key=lambda named: named[1])
    lines = [
        ("planned because", step.reason),
        ("waited for", ", ".join(step.after)),
        ("becomes active", step.to_host or ""),
        ("before", ", ".join(map(str, seen.before))),
        ("after", ", ".join(map(str, seen.after))),
        *((_verdict(check), _told(check)) for check in seen.checks),
        ("times", " · ".join(f"{name} {clock_time(at)}" for name, at in in_time)),
        ("its manager said", seen.said),
        ("ended helpers", ", ".join(f"pid {pid}" for pid in seen.reaped)),
    ]
    return tuple((label, text) for label, text in lines if text)


def _verdict(check: Check) -> str:
    return "passed" if check.passed else "FAILED"


def _told(check: Check) -> str:
    return f"{check.name}: {check.detail}" if check.detail else check.name

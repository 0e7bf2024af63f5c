"""A report as an operator reads it at the end of a run: at most 100 columns, outcome first."""

import textwrap
from collections.abc import Iterable

from insvc.report.advice import next_acts
from insvc.report.claims import Claim, make_claims, stale_title
from insvc.report.measure import (
    EntryMeasure,
    bystanders,
    compare,
    has_succeeded,
    is_slow,
    planned_s,
    took_s,
)
from insvc.report.report import Report, ServiceRequests, StepReport
from insvc.report.table import lay_out
from insvc.report.wording import (
    count,
    day_time,
    difference,
    number,
    outcome_word,
    printable,
    seconds,
    shortened,
)

WIDTH = 100
_TITLE_WIDTH = 32
_NAME_WIDTH = 60
_MARKS = {True: "✓", False: "✗", None: "?"}


def render(report: Report) -> str:
    """The whole summary, with a final newline."""
    blocks = (
        _headline(report),
        [line for claim in make_claims(report) for line in _claim(claim)],
        _comparison(report),
        _titled("Steps that need a look", _troubled(report)),
        _titled(stale_title(report), _still_stale(report)),
        _titled("No step for", _omitted(report)),
        _titled("Wall time", _phases(report)),
        [line for note in report.notes for line in _wrapped(f"Note: {note}", "")],
        _titled("Next", [line for act in next_acts(report) for line in _wrapped(act, "  ")]),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _wrapped(text: str, indent: str, *, further: str | None = None) -> list[str]:
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent) if further is None else further,
        break_long_words=True,
        break_on_hyphens=False,
    )


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [title, *found] if found else []


def _headline(report: Report) -> list[str]:
    why = f": {report.why}" if report.why else ""
    undone = f" It undid run {report.rollback_of}." if report.rollback_of else ""
    good = sum(map(has_succeeded, report.steps))
    took = took_s(report)
    spent = "not ended" if took is None else f"took {seconds(took)}"
    return [
        *_wrapped(f"{report.outcome.upper()}  run {report.run}{why}.{undone}", "", further="  "),
        f"  began {day_time(report.started_at)}, {spent}, planned {seconds(planned_s(report))}; "
        f"{number(good)} of {count(len(report.steps), 'step')} reached the goal",
    ]


def _claim(claim: Claim) -> list[str]:
    return _wrapped(claim.text, f"  {_MARKS[claim.holds]} ")


def _comparison(report: Report) -> list[str]:
    measures = compare(report)
    if not measures:
        return []
    header = ["entry", "steps", "forecast", "measured", "difference", "failed", "delayed", "of"]
    table = lay_out(header, [_row(one) for one in measures], right=frozenset(range(1, len(header))))
    others = [line for one in bystanders(report) for line in _wrapped(_noticed(one), "  ")]
    return [
        "Forecast against measured: the longest outage of one instance, requests of clients",
        *(f"  {line}" for line in table),
        *others,
    ]


def _row(one: EntryMeasure) -> list[str]:
    seen = one.requests
    counts = (seen.failed, seen.delayed, seen.total) if seen else ()
    return [
        shortened(one.title, _TITLE_WIDTH),
        f"{one.succeeded}/{one.steps}" if one.steps else "-",
        seconds(one.forecast_s),
        seconds(one.measured_s),
        "not ended" if one.is_lasting else difference(one.error_s),
        *(map(number, counts) if seen else ["-"] * 3),
    ]


def _noticed(one: ServiceRequests) -> str:
    return (
        f"{one.service} was neither restarted nor in the forecast; of "
        f"{count(one.total, 'request')} to it {number(one.failed)} failed, "
        f"{number(one.delayed)} were delayed"
    )


def _troubled(report: Report) -> Iterable[str]:
    for step in report.steps:
        if step.attempts and not has_succeeded(step):
            yield from _wrapped(_shortfall(step), "  ✗ ")
        elif is_slow(step):
            yield from _wrapped(_slowness(step), "  ! ")
    for what, names in _without_attempt(report).items():
        yield from _wrapped(f"{what}: {', '.join(names)}", "  ✗ ")


def _without_attempt(report: Report) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for step in report.steps:
        if step.attempts or has_succeeded(step):
            continue
        why = f" ({step.why})" if step.why else ""
        what = "not begun" if step.outcome is None else step.outcome.value
        found.setdefault(f"{what}{why}", []).append(step.id)
    return found


def _shortfall(step: StepReport) -> str:
    tries = f" after {count(step.attempts, 'attempt')}" if step.attempts > 1 else ""
    said = f"; its manager said: {step.evidence.said}" if step.evidence.said else ""
    why = f": {step.why}" if step.why else ""
    return f"{step.id} {outcome_word(step.outcome)}{tries}{why}{said}"


def _slowness(step: StepReport) -> str:
    took = (step.end_s or 0.0) - (step.start_s or 0.0)
    planned = step.planned_end_s - step.planned_start_s
    return (
        f"{step.id} was slow: took {seconds(took)}, planned {seconds(planned)}; out "
        f"{seconds(step.outage_s)}, forecast {seconds(step.forecast_s)}"
    )


def _still_stale(report: Report) -> Iterable[str]:
    for one in report.stale_after:
        because = f": {one.evidence[0]}" if one.evidence else ""
        yield from _wrapped(f"{one.service}@{one.host}{because}", "  ✗ ")
    if report.unobserved:
        yield from _wrapped(f"not known on {', '.join(report.unobserved)}: no answer", "  ? ")


def _omitted(report: Report) -> Iterable[str]:
    by_reason: dict[str, list[str]] = {}
    for one in report.omitted:
        by_reason.setdefault(one.reason, []).append(f"{one.service}@{one.host}")
    for reason, names in by_reason.items():
        yield from _wrapped(f"{', '.join(names)}: {reason}", "  · ")


def _phases(report: Report) -> list[str]:
    if not report.phases:
        return []
    rows = [[shortened(one.name, _NAME_WIDTH), seconds(one.took_s)] for one in report.phases]
    total = ["together", seconds(sum(phase.took_s for phase in report.phases))]
    return [f"  {line}" for line in lay_out(rows[0], [*rows[1:], total], right=frozenset({1}))]

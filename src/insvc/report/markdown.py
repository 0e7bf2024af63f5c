"""A report as GitHub-flavoured Markdown: for a ticket, a merge request or an audit folder."""

import re
from collections.abc import Iterable, Sequence

from insvc.report.advice import next_acts
from insvc.report.claims import make_claims, stale_title
from insvc.report.evidence import evidence_lines
from insvc.report.measure import EntryMeasure, bystanders, compare, planned_s, took_s
from insvc.report.report import Report, ServiceRequests, StepReport
from insvc.report.wording import (
    count,
    day_time,
    difference,
    number,
    offset,
    outcome_word,
    printable,
    seconds,
    users_notice,
)

_MARKS = {True: "holds", False: "**fails**", None: "in part or not known"}
_SPECIAL = re.compile(r"([\\`*_\[\]{}<>|#&~])")


def render(report: Report) -> str:
    """The whole report, with a final newline."""
    blocks = (
        _head(report),
        _section("What was proven", _table(["claim", ""], _claims(report))),
        _section("Forecast against measured", _comparison(report)),
        _section("Steps", _table(_STEP_HEADER, map(_step_row, report.steps))),
        _section("Evidence", [line for step in report.steps for line in _evidence(step)]),
        _section(stale_title(report), _still_stale(report)),
        _section("No step for", _table(["host", "service", "why"], _omitted(report))),
        _section("Wall time", _table(["part", "took"], _phases(report))),
        _section("Notes", [f"* {escape(note)}" for note in report.notes]),
        _section("Next", [f"* {_with_code(act)}" for act in next_acts(report)]),
    )
    return printable("\n\n".join("\n".join(block) for block in blocks if block)) + "\n"


def escape(text: str) -> str:
    """The text with everything that Markdown or HTML would read as markup made literal."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _with_code(text: str) -> str:
    """The text made literal, but for the commands that stand between backticks."""
    parts = text.split("`")
    return "`".join(part if at % 2 else escape(part) for at, part in enumerate(parts))


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [f"## {title}", "", *found] if found else []


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    found = [f"| {' | '.join(map(escape_cell, row))} |" for row in rows]
    if not found:
        return []
    return [f"| {' | '.join(header)} |", "|---" * len(header) + "|", *found]


def escape_cell(text: str) -> str:
    """A table cell: literal, but for the emphasis of a failed claim."""
    return text if text == _MARKS[False] else escape(text)


def _head(report: Report) -> list[str]:
    lines = [
        f"# Run {escape(report.run)}: {report.outcome}",
        "",
        escape(report.why) or "Nothing is known of why.",
        "",
        f"* began {day_time(report.started_at)}, ended {day_time(report.ended_at)}",
        f"* took {seconds(took_s(report))}, planned {seconds(planned_s(report))}",
        f"* stale before: {number(report.stale_before)}, after: {_stale_after(report)}",
    ]
    if report.rollback_of:
        lines.append(f"* undid run {escape(report.rollback_of)}")
    return lines


def _stale_after(report: Report) -> str:
    if report.observed_at is None:
        return "not looked at"
    return number(len(report.stale_after))


def _claims(report: Report) -> list[list[str]]:
    return [[claim.text, _MARKS[claim.holds]] for claim in make_claims(report)]


def _comparison(report: Report) -> list[str]:
    header = ["entry", "steps", "forecast", "measured", "difference", "requests", "users notice"]
    lines = _table(header, [_measure_row(one) for one in compare(report)])
    others = [
        f"* {escape(one.service)} was neither restarted nor in the forecast: {_experienced(one)}"
        for one in bystanders(report)
    ]
    return [*lines, "", *others] if others else lines


def _measure_row(one: EntryMeasure) -> list[str]:
    return [
        one.title,
        f"{one.succeeded}/{one.steps}" if one.steps else "-",
        seconds(one.forecast_s),
        seconds(one.measured_s),
        "not ended" if one.is_lasting else difference(one.error_s),
        _experienced(one.requests) if one.requests else "-",
        users_notice(one.impairment) if one.impairment else "-",
    ]


def _experienced(seen: ServiceRequests) -> str:
    return (
        f"{count(seen.total, 'request')}, {number(seen.failed)} failed, "
        f"{number(seen.delayed)} delayed"
    )


_STEP_HEADER = ["start", "end", "step", "action", "outcome", "forecast", "measured", "why"]


def _step_row(step: StepReport) -> list[str]:
    return [
        offset(step.start_s),
        offset(step.end_s),
        step.id,
        step.action.value,
        outcome_word(step.outcome),
        seconds(step.forecast_s),
        seconds(step.outage_s),
        step.why,
    ]


def _evidence(step: StepReport) -> list[str]:
    lines = [f"* {label}: {escape(text)}" for label, text in evidence_lines(step)]
    return [f"### {escape(step.id)}", "", *lines, ""] if lines else []


def _still_stale(report: Report) -> list[str]:
    rows = [
        [one.host, one.service, "; ".join(one.evidence) or "no evidence was recorded"]
        for one in report.stale_after
    ]
    rows += [[host, "not known", "the host did not answer"] for host in report.unobserved]
    return _table(["host", "service", "evidence"], rows)


def _omitted(report: Report) -> list[list[str]]:
    return [[one.host, one.service, one.reason] for one in report.omitted]


def _phases(report: Report) -> list[list[str]]:
    return [[phase.name, seconds(phase.took_s)] for phase in report.phases]

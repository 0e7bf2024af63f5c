"""A report as one self-contained HTML page: no script, no link to anywhere, light and dark."""

from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from insvc.model.words import Outcome
from insvc.report import wording
from insvc.report.advice import next_acts
from insvc.report.claims import make_claims, stale_title
from insvc.report.evidence import evidence_lines
from insvc.report.measure import (
    bystanders,
    compare,
    has_succeeded,
    is_slow,
    longest_outage,
    planned_s,
    took_s,
)
from insvc.report.report import Report, StepReport
from insvc.report.timeline import draw

_TEMPLATES = ("page.html", "macros.html", "style.css")
_TONES = {
    Outcome.RESTARTED: "good",
    Outcome.ALREADY_CURRENT: "good",
    Outcome.NEXT_RUN: "good",
    Outcome.DONE: "good",
    Outcome.FAILED: "bad",
    Outcome.NOT_RUNNING: "bad",
    Outcome.UNVERIFIED: "unsure",
    Outcome.UNKNOWN: "unsure",
    Outcome.DISABLED: "idle",
    Outcome.SKIPPED: "idle",
    None: "idle",
}


def render(report: Report) -> str:
    """The page. Everything that came from a host, a catalog or a person is escaped."""
    measures = compare(report)
    page = _page().render(
        report=report,
        claims=make_claims(report),
        acts=next_acts(report),
        stale_title=stale_title(report),
        timeline=draw(report),
        measures=measures,
        scale_s=max([0.1, *(max(one.forecast_s, one.measured_s or 0.0) for one in measures)]),
        bystanders=bystanders(report),
        longest=longest_outage(report),
        good=sum(map(has_succeeded, report.steps)),
        planned_s=planned_s(report),
        took_s=took_s(report),
        omitted=_omitted_by_reason(report),
    )
    return wording.printable(page)


def tone(step: StepReport) -> str:
    """The colour word of a step: good, bad, unsure, or idle."""
    return _TONES[step.outcome]


def with_code(text: str) -> Markup:
    """The text escaped, what stands between backticks set as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts)
    )


def _omitted_by_reason(report: Report) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in report.omitted:
        found.setdefault(one.reason, []).append(f"{one.service}@{one.host}")
    return found


@cache
def _page() -> Template:
    folder = files("insvc.adapters") / "templates"
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in _TEMPLATES}
    environment = Environment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for function in (tone, evidence_lines, is_slow, has_succeeded):
        environment.globals[function.__name__] = function
    for name in (
        "seconds",
        "offset",
        "day_time",
        "number",
        "count",
        "share",
        "difference",
        "outcome_word",
        "users_notice",
    ):
        environment.filters[name] = getattr(wording, name)
    environment.filters["with_code"] = with_code
    return environment.get_template("page.html")

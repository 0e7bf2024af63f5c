"""Whatever a report holds, it renders: whole, escaped, and no wider than a terminal."""

import re
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from insvc.adapters.report_files import FORMATS, render
from insvc.model.words import Action, Outcome
from insvc.plan.plan import Impairment, Omission
from insvc.report.claims import make_claims
from insvc.report.measure import compare
from insvc.report.report import (
    Check,
    Phase,
    Report,
    Requests,
    SeenOutage,
    ServiceRequests,
    StaleInstance,
    StepEvidence,
    StepReport,
)
from insvc.report.text import WIDTH

WORDS = st.text(max_size=30) | st.sampled_from(
    ["<b>", "a|b", "`x", "&amp;", "x" * 150, "\n\n# y", "\x1b[2J"]
)
TIMES = st.floats(min_value=-1e9, max_value=1e12)
MAYBE = st.none() | TIMES
COUNTS = st.integers(min_value=0, max_value=10**9)

OUTAGES = st.builds(SeenOutage, from_s=TIMES, until_s=MAYBE, resolution_s=TIMES)
EVIDENCE = st.builds(
    StepEvidence,
    checks=st.lists(
        st.builds(Check, name=WORDS, passed=st.booleans(), detail=WORDS), max_size=2
    ).map(tuple),
    times=st.dictionaries(WORDS, TIMES, max_size=2),
    said=WORDS,
    reaped=st.lists(COUNTS, max_size=2).map(tuple),
)
STEPS = st.builds(
    StepReport,
    id=WORDS,
    host=WORDS,
    entry=WORDS,
    service=WORDS,
    action=st.sampled_from(Action),
    outcome=st.none() | st.sampled_from(Outcome),
    why=WORDS,
    attempts=st.integers(min_value=0, max_value=3),
    evidence=EVIDENCE,
    start_s=MAYBE,
    end_s=MAYBE,
    forecast_s=TIMES,
    outage_s=MAYBE,
    outages=st.lists(OUTAGES, max_size=2).map(tuple),
    planned_start_s=TIMES,
    planned_end_s=TIMES,
    after=st.lists(WORDS, max_size=2).map(tuple),
)
SERVICE = st.builds(
    ServiceRequests, service=WORDS, total=COUNTS, failed=COUNTS, delayed=COUNTS, longest_s=TIMES
)
REPORTS = st.builds(
    Report,
    run=WORDS,
    outcome=st.sampled_from(["succeeded", "failed", "rolled-back", "aborted", "incomplete"]),
    why=WORDS,
    started_at=TIMES,
    ended_at=MAYBE,
    steps=st.lists(STEPS, max_size=4).map(tuple),
    omitted=st.lists(st.builds(Omission, host=WORDS, service=WORDS, reason=WORDS), max_size=2).map(
        tuple
    ),
    forecast=st.lists(
        st.builds(Impairment, entry=WORDS, title=WORDS, note=WORDS, outage_s=TIMES), max_size=2
    ).map(tuple),
    stale_before=COUNTS,
    stale_after=st.lists(
        st.builds(
            StaleInstance,
            host=WORDS,
            service=WORDS,
            evidence=st.lists(WORDS, max_size=1).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    observed_at=MAYBE,
    unobserved=st.lists(WORDS, max_size=2).map(tuple),
    requests=st.none()
    | st.builds(
        Requests,
        total=COUNTS,
        failed=COUNTS,
        delayed=COUNTS,
        by_service=st.lists(SERVICE, max_size=2).map(tuple),
    ),
    phases=st.lists(st.builds(Phase, name=WORDS, took_s=TIMES), max_size=2).map(tuple),
    rollback_of=st.none() | WORDS,
    notes=st.lists(WORDS, max_size=2).map(tuple),
)
CALM = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


class Tags(HTMLParser):
    """The elements of a page; each must close what it opens, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@CALM
@given(REPORTS)
def test_every_report_renders_in_every_format(report: Report) -> None:
    for form in FORMATS:
        assert render(report, form).endswith("\n")


@CALM
@given(REPORTS)
def test_the_json_of_a_report_is_the_report(report: Report) -> None:
    assert TypeAdapter(Report).validate_json(render(report, "json")) == report


@CALM
@given(REPORTS)
def test_no_word_of_others_becomes_an_element(report: Report) -> None:
    tags = Tags(render(report, "html"))
    assert tags.open == []
    assert tags.seen.isdisjoint({"b", "script", "img", "a"})


@CALM
@given(REPORTS)
def test_every_step_counts_in_exactly_one_entry(report: Report) -> None:
    assert sum(one.steps for one in compare(report)) == len(report.steps)


@CALM
@given(REPORTS)
def test_a_run_that_is_not_proven_never_claims_that_nothing_is_stale(report: Report) -> None:
    assert (make_claims(report)[0].holds is True) == report.is_proven


@CALM
@given(REPORTS)
def test_prose_fits_a_terminal(report: Report) -> None:
    blocks = render(report, "text").split("\n\n")
    prose = [block for block in blocks if not block.startswith("Forecast against")]
    lines = [line for block in prose for line in block.split("\n")]
    assert not any(re.search(r"[\x00-\x1f\x7f-\x9f]", line) for line in lines)
    assert [line for line in lines if len(line) > WIDTH and not line.startswith("  began")] == []

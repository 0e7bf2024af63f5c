import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from insvc.adapters.html_report import render, tone, with_code
from insvc.model.words import Outcome
from insvc.plan.plan import Impairment, Omission
from insvc.report.report import Report, StaleInstance, StepEvidence, StepReport
from tests.unit.report.sample import empty, failed, locked, succeeded

VOID = {"meta", "line", "rect", "br"}
HOSTILE = "<script>alert('x')</script> & \"quoted\""


class Page(HTMLParser):
    """A page read strictly: every element that opens must close, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """Everything a reader sees, blanks folded."""
        return " ".join(" ".join(self.words).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such element."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("report", [succeeded(), failed(), locked(), empty()])
def test_every_report_is_a_well_formed_page(report: Report) -> None:
    page = Page(render(report))
    assert render(report).startswith("<!DOCTYPE html>\n")
    assert report.run in page.text
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [one["aria-labelledby"] for one in page.of("section")]
    assert {str(name) for name in named} <= {str(one) for one in ids}


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = render(succeeded())
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "a"})
    assert not re.search(r"https?://|url\(|@import", text)


def test_the_outcome_and_the_proof_come_first() -> None:
    text = Page(render(succeeded())).text
    assert text.index("succeeded") < text.index("What was proven") < text.index("Timeline")
    assert "nothing runs replaced code any more" in text
    assert "24 of 24" in text


def test_every_step_has_a_bar_and_its_evidence() -> None:
    report = succeeded()
    page = Page(render(report))
    bars = [one for one in page.of("rect") if one.get("height") == "10" and one.get("rx") == "2.5"]
    assert len(bars) == len(report.steps)
    assert len(page.of("details")) == len(report.steps)
    assert "pid 4013 (start 116091)" in page.text


def test_outages_are_marked_within_the_bars() -> None:
    report = succeeded()
    seen = [one for one in Page(render(report)).of("rect") if one.get("class") == "outage within"]
    assert len(seen) == sum(len(step.outages) for step in report.steps)


def test_a_failed_step_is_open_and_in_the_colour_of_failure() -> None:
    page = Page(render(failed()))
    assert sum("open" in one for one in page.of("details")) == 2
    assert "bad" in {one.get("class") for one in page.of("rect")}
    assert "sm gave up after 3 starts" in page.text
    assert "and not ended when the probe stopped" in page.text


def test_what_others_wrote_cannot_become_markup() -> None:
    step = StepReport(
        id=HOSTILE,
        host=HOSTILE,
        service=HOSTILE,
        entry=HOSTILE,
        reason=HOSTILE,
        why=HOSTILE,
        outcome=Outcome.FAILED,
        attempts=1,
        start_s=0.0,
        evidence=StepEvidence(said=HOSTILE),
    )
    report = Report(
        run=HOSTILE,
        outcome="failed",
        why=HOSTILE,
        steps=(step,),
        notes=(HOSTILE,),
        omitted=(Omission(host=HOSTILE, service=HOSTILE, reason=HOSTILE),),
        forecast=(Impairment(entry=HOSTILE, title=HOSTILE, note=HOSTILE),),
        stale_after=(StaleInstance(host=HOSTILE, service=HOSTILE, evidence=(HOSTILE,)),),
        unobserved=(HOSTILE,),
    )
    text = render(report)
    assert "script" not in {tag for tag, _ in Page(text).tags}
    assert HOSTILE not in text
    assert Page(text).text.count("alert('x')") > 10


def test_light_dark_and_print_are_styled() -> None:
    text = render(succeeded())
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert 'name="viewport"' in text


def test_parts_without_content_are_left_out() -> None:
    text = Page(render(empty())).text
    for title in ("Timeline", "Forecast against", "Client requests", "Every step", "Notes"):
        assert f"{title} " not in text.replace("Client requests failed", "")


def test_what_is_still_stale_is_shown_before_the_timeline() -> None:
    text = Page(render(failed())).text
    assert text.index("Still stale") < text.index("Seconds after the run began")
    assert "the host did not answer" in text


def test_an_outage_that_had_not_ended_says_so() -> None:
    assert "11.1 s not ended" in Page(render(failed())).text


def test_a_slow_step_says_so() -> None:
    good = succeeded()
    slow = replace(good.steps[0], end_s=9.1)
    assert "it was slow" in Page(render(replace(good, steps=(slow,)))).text
    assert "it was slow" not in Page(render(good)).text


@pytest.mark.parametrize("outcome", [*Outcome, None])
def test_only_success_looks_good(outcome: Outcome | None) -> None:
    step = StepReport(id="a@h", host="h", outcome=outcome)
    assert (tone(step) == "good") == (outcome is not None and outcome.is_success)


def test_commands_between_backticks_become_code() -> None:
    assert with_code("run `insvc scan` <now>") == "run <code>insvc scan</code> &lt;now&gt;"

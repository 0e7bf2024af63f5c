from dataclasses import replace

from insvc.report.markdown import escape, render
from insvc.report.report import Report, StepReport
from tests.unit.report.sample import empty, failed, locked, succeeded


def test_the_outcome_is_the_title() -> None:
    assert render(succeeded()).startswith(
        "# Run 20261122-120302-a1: succeeded\n\nevery step reached its goal\n"
    )


def test_everything_is_in_it() -> None:
    text = render(succeeded())
    for title in (
        "What was proven",
        "Forecast against measured",
        "Steps",
        "Evidence",
        "No step for",
        "Wall time",
        "Notes",
        "Next",
    ):
        assert f"\n## {title}\n" in text
    assert (
        "| Cinder | 3/3 | 2.50 s | 3.21 s | +0.71 s | 402 requests, 9 failed, 5 delayed |" in text
    )
    assert (
        "* keystone was neither restarted nor in the forecast: 348 requests, 3 failed, 0 delayed"
        in text
    )


def test_an_outage_that_had_not_ended_says_so() -> None:
    assert "| Cinder | 0/3 | 2.50 s | 11.1 s | not ended |" in render(failed())


def test_a_failed_claim_is_emphasised() -> None:
    assert "| 13 of 24 steps reached the goal | **fails** |" in render(failed())


def test_every_step_has_a_row_and_its_evidence() -> None:
    text = render(failed())
    assert "| +6.3 s | +17.4 s | cinder-volume@controller-0 | restart | failed |" in text
    assert "| - | - | haproxy@controller-1 | restart | not begun |" in text
    assert "### cinder-volume@controller-0\n\n* planned because: " in text
    assert "* FAILED: manager-done: sm gave up after 3 starts" in text


def test_what_others_wrote_cannot_become_markup() -> None:
    text = render(failed())
    assert 'its manager said: cinder-volume: \\<failed\\> \\& "gone"' in text
    assert escape("a|b\n`c` <i>*d*</i>") == "a\\|b \\`c\\` \\<i\\>\\*d\\*\\</i\\>"


def test_commands_to_type_stay_code() -> None:
    assert "`insvc run rollback 20261122-121144-f7`" in render(failed())


def test_what_is_stale_or_not_known_has_a_table() -> None:
    text = render(failed())
    assert "| controller-0 | horizon | no evidence was recorded |" in text
    assert "| controller-1 | not known | the host did not answer |" in text
    assert "Still stale" not in render(succeeded())


def test_an_observation_that_was_not_made_is_not_a_zero() -> None:
    assert "after: not looked at" in render(replace(succeeded(), observed_at=None))


def test_a_rollback_names_what_it_undid() -> None:
    assert "* undid run 20261122-121144-f7" in render(locked())


def test_a_step_without_evidence_has_no_section() -> None:
    bare = Report(run="r", outcome="failed", steps=(StepReport(id="a@h", host="h"),))
    assert "## Evidence" not in render(bare)


def test_a_run_of_which_nothing_is_known_still_renders() -> None:
    text = render(empty())
    assert "Nothing is known of why." in text
    assert "took -" in text

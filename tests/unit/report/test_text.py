from dataclasses import replace

from insvc.model.words import Outcome
from insvc.report.report import Report, StaleInstance
from insvc.report.text import WIDTH, render
from tests.unit.report.sample import empty, failed, locked, succeeded


def test_the_outcome_comes_first() -> None:
    assert render(succeeded()).startswith(
        "SUCCEEDED  run 20261122-120302-a1: every step reached its goal.\n"
        "  began 2026-11-22 12:03:02 UTC, took 19.6 s, planned 18.7 s; 24 of 24 steps"
    )
    assert render(failed()).startswith("FAILED  run 20261122-121144-f7: cinder-volume@")


def test_no_line_is_wider_than_a_terminal() -> None:
    long = replace(
        failed(),
        why="x" * 300,
        stale_after=(StaleInstance(host="h" * 60, service="s" * 60, evidence=("e" * 200,)),),
    )
    for report in (succeeded(), failed(), locked(), empty(), long):
        assert max(map(len, render(report).splitlines())) <= WIDTH


def test_every_entry_is_compared_with_its_forecast() -> None:
    text = render(succeeded())
    assert (
        "  Cinder                 3/3    2.50 s    3.21 s     +0.71 s       9        5  402" in text
    )
    assert (
        "  ceilometer-polling     4/4    0.50 s         -           -       -        -    -" in text
    )


def test_an_outage_that_had_not_ended_says_so() -> None:
    assert "  Cinder                 0/3    2.50 s    11.1 s   not ended" in render(failed())


def test_bystanders_are_named_below_the_comparison() -> None:
    flat = " ".join(render(succeeded()).split())
    assert (
        "keystone was neither restarted nor in the forecast; of 348 requests to it 3 failed, "
        "0 were delayed" in flat
    )


def test_claims_carry_their_mark() -> None:
    text = render(failed())
    assert "  ✗ 2 instances still ran replaced code after the run" in text
    assert "  ✓ 12 of 12 restarted instances" in text
    assert "  ? 4 of 9 measured outages" in text


def test_a_failed_step_says_why_and_what_its_manager_said() -> None:
    flat = " ".join(render(failed()).split())
    assert (
        "✗ cinder-volume@controller-0 failed after 3 attempts: sm gave up after 3 starts: the "
        "process ends with status 1 at once; its manager said: cinder-volume: <failed>" in flat
    )
    assert "✗ nova-conductor@controller-0 unknown: the agent of controller-0" in flat


def test_steps_that_were_never_tried_share_one_line() -> None:
    flat = " ".join(render(failed()).split())
    assert "✗ skipped (the run stopped at a failure): nova-scheduler@controller-0, nova-api" in flat
    assert "✗ not begun: haproxy@controller-1, haproxy@controller-0" in flat


def test_what_a_program_printed_cannot_steer_the_terminal() -> None:
    text = render(replace(failed(), why="it said \x1b[2Jgone"))
    assert "\x1b" not in text
    assert "it said \\x1b[2Jgone" in text


def test_a_slow_step_is_pointed_out() -> None:
    good = succeeded()
    slow = replace(good.steps[0], end_s=9.1, outage_s=None)
    text = render(replace(good, steps=(slow, *good.steps[1:])))
    assert (
        "  ! ceilometer-polling@compute-0 was slow: took 9.00 s, planned 1.50 s; out -, forecast "
        "0.50 s" in text
    )
    assert "Steps that need a look" not in render(good)


def test_a_step_found_current_needs_no_look() -> None:
    good = succeeded()
    current = replace(good.steps[0], outcome=Outcome.ALREADY_CURRENT, attempts=0)
    assert "need a look" not in render(replace(good, steps=(current,)))


def test_what_is_still_stale_stands_with_its_evidence() -> None:
    text = render(failed())
    assert "  ✗ nova-api@controller-0: mapping-replaced in pid 4016: /usr/lib/nova-api/" in text
    assert "  ✗ horizon@controller-0\n" in text
    assert "  ? not known on controller-1: no answer" in text


def test_what_got_no_step_is_grouped_by_its_reason() -> None:
    assert "  · cinder-api@controller-1, horizon@controller-1: stopped" in render(succeeded())


def test_phases_are_summed() -> None:
    text = render(succeeded())
    assert "  start the cloud              14.2 s\n" in text
    assert "  together                     41.4 s\n" in text


def test_a_rollback_names_what_it_undid() -> None:
    assert "It undid run 20261122-121144-f7." in render(locked())


def test_a_run_that_has_not_ended_says_so() -> None:
    text = render(empty())
    assert "not ended, planned 0.00 s" in text
    assert "insvc run resume r0" in text
    assert "Forecast" not in text


def test_the_next_act_comes_last() -> None:
    assert render(locked()).endswith("Next\n  Nothing: what ran before the patch runs again.\n")


def test_notes_are_kept() -> None:
    report = Report(run="r", outcome="succeeded", notes=("The services are stand-ins.",))
    assert "\nNote: The services are stand-ins.\n" in render(report)

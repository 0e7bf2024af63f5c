from dataclasses import replace

from insvc.model.words import Action, Outcome
from insvc.report.claims import make_claims, order_faults, stale_title
from insvc.report.report import Check, Report, SeenOutage, StepEvidence, StepReport
from tests.unit.report.sample import empty, failed, locked, succeeded


def holding(report: Report) -> dict[str, bool | None]:
    """Which claims hold, by the first words of their text."""
    return {claim.text: claim.holds for claim in make_claims(report)}


def test_a_run_that_went_well_proves_that_nothing_is_stale() -> None:
    first = make_claims(succeeded())[0]
    assert first.text == "nothing runs replaced code any more (23 instances did before)"
    assert first.holds is True


def test_where_nothing_was_stale_nothing_is_said_to_have_changed() -> None:
    first = make_claims(replace(succeeded(), stale_before=0))[0]
    assert first.text == "nothing runs replaced code, nor did before"


def test_hosts_that_did_not_answer_are_not_called_stale() -> None:
    assert stale_title(failed()) == "Still stale"
    assert stale_title(replace(failed(), stale_after=())) == "Not known"


def test_what_is_still_stale_refutes_the_first_claim() -> None:
    first = make_claims(failed())[0]
    assert first.text == "2 instances still ran replaced code after the run"
    assert first.holds is False


def test_nothing_is_claimed_of_hosts_that_nobody_looked_at() -> None:
    report = replace(succeeded(), observed_at=None)
    assert make_claims(report)[0].holds is None
    assert "not looked at" in make_claims(report)[0].text


def test_nothing_is_claimed_of_hosts_that_did_not_answer() -> None:
    report = replace(succeeded(), unobserved=("compute-1", "storage-0"))
    first = make_claims(report)[0]
    assert first.text == "what compute-1, storage-0 runs is not known: no answer"
    assert first.holds is None


def test_hosts_that_all_failed_to_answer_are_named() -> None:
    report = replace(succeeded(), unobserved=("compute-1",), observed_at=None)
    assert "compute-1" in make_claims(report)[0].text


def test_every_step_must_reach_its_goal() -> None:
    assert holding(succeeded())["24 of 24 steps reached the goal"] is True
    assert holding(failed())["13 of 24 steps reached the goal"] is False


def test_a_run_under_way_has_not_failed_its_steps() -> None:
    report = replace(failed(), outcome="incomplete")
    assert holding(report)["13 of 24 steps ended well so far"] is None


def test_an_empty_plan_is_a_success() -> None:
    assert holding(empty())["the plan held no step: there was nothing to restart"] is True


def test_a_restarted_instance_must_have_new_processes() -> None:
    good = succeeded()
    first = good.steps[0]
    same = replace(first, evidence=replace(first.evidence, after=first.evidence.before))
    report = replace(good, steps=(same, *good.steps[1:]))
    text = "22 of 23 restarted instances have new processes and none of the old"
    assert holding(report)[text] is False


def test_an_order_that_was_kept_is_claimed_with_its_size() -> None:
    assert holding(succeeded())["every step began after those it had to wait for (1 wait)"] is True
    assert not any("wait" in text for text in holding(locked()))


def test_a_step_that_began_too_early_breaks_the_order() -> None:
    first = StepReport(id="a@h", host="h", start_s=0.0, end_s=2.0, outcome=Outcome.RESTARTED)
    second = StepReport(
        id="b@h", host="h", start_s=1.0, end_s=3.0, outcome=Outcome.RESTARTED, after=("a@h", "gone")
    )
    report = Report(run="r", outcome="succeeded", steps=(first, second))
    assert order_faults(report) == ("b@h began before a@h had succeeded",)
    text = "the planned order was broken: b@h began before a@h had succeeded"
    assert holding(report)[text] is False


def test_a_step_that_was_never_begun_breaks_no_order() -> None:
    first = StepReport(id="a@h", host="h", start_s=0.0, end_s=2.0, outcome=Outcome.FAILED)
    second = StepReport(id="b@h", host="h", after=("a@h",))
    assert order_faults(Report(run="r", outcome="failed", steps=(first, second))) == ()


def test_a_step_behind_one_that_failed_breaks_the_order() -> None:
    first = StepReport(id="a@h", host="h", start_s=0.0, end_s=2.0, outcome=Outcome.UNKNOWN)
    second = StepReport(id="b@h", host="h", start_s=3.0, after=("a@h",))
    assert len(order_faults(Report(run="r", outcome="failed", steps=(first, second)))) == 1


def test_an_exceeded_forecast_is_named_with_its_step() -> None:
    text = (
        "11 of 18 measured outages stayed within the forecast; the largest excess is 0.71 s "
        "(cinder-volume@controller-0)"
    )
    assert holding(succeeded())[text] is None


def test_an_outage_that_had_not_ended_has_not_met_its_forecast() -> None:
    seen = (SeenOutage(from_s=0.5),)
    step = StepReport(id="a@h", host="h", forecast_s=5.0, outage_s=1.0, outages=seen)
    report = Report(run="r", outcome="failed", steps=(step,))
    text = "0 of 1 measured outage stayed within the forecast; not ended when last seen: a@h"
    assert holding(report)[text] is None


def test_a_forecast_that_was_met_holds() -> None:
    assert holding(locked())["1 of 1 measured outage stayed within the forecast"] is True


def test_failed_requests_are_counted_and_a_load_without_requests_proves_nothing() -> None:
    report = succeeded()
    assert make_claims(report)[-1].text.startswith("2 317 client requests sent meanwhile: 31")
    assert make_claims(report)[-1].holds is None
    assert report.requests is not None
    clean = replace(report, requests=replace(report.requests, failed=0))
    assert make_claims(clean)[-1].holds is True
    silent = replace(report, requests=replace(report.requests, total=0))
    assert not any("requests" in text for text in holding(silent))


def curing(*checks: Check) -> Report:
    swact = StepReport(
        id="swact@h1",
        host="h1",
        action=Action.SWACT,
        outcome=Outcome.DONE,
        evidence=StepEvidence(checks=checks),
    )
    return replace(succeeded(), steps=(swact,))


def test_what_a_swact_has_cured_is_claimed_by_what_was_seen() -> None:
    good = Check(name="cured on h2", passed=True, detail="2 of 2 run there")
    bad = Check(name="cured on h2", passed=False, detail="down or stale there: a")
    assert holding(curing(good))["after swact@h1 2 of 2 run there"] is True
    assert (
        holding(curing(good, bad))[
            "after swact@h1 2 of 2 run there; after swact@h1 down or stale there: a"
        ]
        is False
    )
    assert not any("swact@h1" in text for text in holding(curing()))

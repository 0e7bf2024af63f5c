from dataclasses import replace

from insvc.report.evidence import evidence_lines
from insvc.report.report import Check, StepEvidence, StepReport
from tests.unit.report.sample import locked, succeeded


def test_every_recorded_fact_has_a_line() -> None:
    step = next(one for one in succeeded().steps if one.service == "neutron-dhcp-agent")
    lines = evidence_lines(step)
    labels = [label for label, _ in lines]
    assert labels == [
        "planned because",
        "before",
        "after",
        *["passed"] * 6,
        "times",
        "its manager said",
        "ended helpers",
    ]
    assert ("after", "pid 5204 (start 124428)") in lines
    assert ("ended helpers", "pid 6104") in lines


def test_times_are_told_in_their_order() -> None:
    step = replace(
        StepReport(id="a@h", host="h"),
        evidence=StepEvidence(times={"ready": 3.5, "asked": 1.0, "stopped": 2.25}),
    )
    assert evidence_lines(step) == (
        ("times", "asked 00:00:01.000 · stopped 00:00:02.250 · ready 00:00:03.500"),
    )


def test_a_failed_check_stands_out() -> None:
    checks = (Check(name="ready", passed=False), Check(name="dwelled", passed=True, detail="1 s"))
    step = StepReport(id="a@h", host="h", evidence=StepEvidence(checks=checks))
    assert evidence_lines(step) == (("FAILED", "ready"), ("passed", "dwelled: 1 s"))


def test_a_swact_names_the_host_that_takes_over() -> None:
    swact = next(one for one in locked().steps if one.to_host)
    assert ("becomes active", "controller-1") in evidence_lines(swact)


def test_what_a_step_waited_for_is_named() -> None:
    step = StepReport(id="b@h", host="h", after=("a@h", "c@h"))
    assert evidence_lines(step) == (("waited for", "a@h, c@h"),)

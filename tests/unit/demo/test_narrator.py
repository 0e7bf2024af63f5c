from io import StringIO

import pytest
from rich.console import Console

from insvc.demo.narrator import Narrator
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.words import EvidenceKind, Verdict
from insvc.plan.plan import Plan, Step


def told() -> tuple[Narrator, StringIO]:
    output = StringIO()
    return Narrator(Console(file=output, width=100)), output


def test_a_part_that_ended_is_kept_with_its_wall_time() -> None:
    narrator, output = told()
    with narrator.phase("scan", "What is stale"):
        narrator.said("looking")
    assert [phase.name for phase in narrator.phases] == ["scan"]
    assert narrator.phases[0].took_s >= 0
    assert "What is stale" in output.getvalue()
    assert "looking" in output.getvalue()


def test_a_part_that_failed_is_not_kept() -> None:
    narrator, _ = told()
    with pytest.raises(ValueError, match="broken"), narrator.phase("scan", "What is stale"):
        raise ValueError("broken")
    assert narrator.phases == []


def test_stale_instances_are_listed_with_pid_and_evidence() -> None:
    narrator, output = told()
    evidence = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/usr/lib/libcinder.so", pid=7)
    stale = Instance(
        service="cinder-api",
        verdict=Verdict.STALE,
        evidence=(evidence,),
        processes=(ProcessIdentity(boot_id="b", pid=7, start_ticks=1),),
    )
    seen = HostObservation(host="controller-0", instances=(stale, Instance(service="horizon")))
    narrator.show_stale(Observation(hosts=(seen,)))
    text = output.getvalue()
    assert "cinder-api" in text
    assert "/usr/lib/libcinder.so" in text
    assert "1 instance with replaced code in memory." in text
    assert "horizon" not in text


def test_no_name_is_cut_off_on_a_narrow_terminal() -> None:
    output = StringIO()
    service = "ceilometer-agent-notification"
    library = "/usr/lib/insvc/libceilometer-agent-notification.so"
    evidence = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject=library, pid=7)
    stale = Instance(service=service, verdict=Verdict.STALE, evidence=(evidence,))
    seen = HostObservation(host="controller-0", instances=(stale,))
    Narrator(Console(file=output, width=40)).show_stale(Observation(hosts=(seen,)))
    assert f"controller-0  {service}" in output.getvalue()
    assert library in output.getvalue()


def test_a_plan_is_shown_with_its_steps() -> None:
    narrator, output = told()
    step = Step(id="horizon@controller-0", host="controller-0", service="horizon", end_s=2.0)
    narrator.show_plan(Plan(steps=(step,), makespan_s=2.0, lower_bound_s=2.0))
    assert "horizon" in output.getvalue()


def test_steps_are_left_to_the_progress_of_the_run() -> None:
    narrator, output = told()
    narrator.step_started("horizon@controller-0", 1)
    narrator.step_ended("horizon@controller-0", "restarted", "all good", 0.1)
    assert output.getvalue() == ""

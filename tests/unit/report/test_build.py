from collections.abc import Sequence
from typing import Any

import pytest

from insvc.errors import CorruptStore
from insvc.execute.bodies import to_json
from insvc.execute.run import Record, RecordKind
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
)
from insvc.model.words import EvidenceKind, InstanceState, Verdict
from insvc.plan.plan import Impairment, Omission, Plan, Step
from insvc.report.build import build_report
from insvc.report.report import Phase, Report, Requests, StaleInstance

PLAN = Plan(
    steps=(Step(id="vim@controller-0", host="controller-0", entry="vim", service="vim"),),
    omitted=(Omission(host="controller-1", service="vim", reason="stands by"),),
    forecast=(Impairment(entry="vim", title="vim"),),
)


def record(kind: RecordKind, at: float, **body: Any) -> Record:
    """A record of the run as a whole."""
    return Record(kind=kind, at=at, body=body)


def created(**changed: Any) -> Record:
    """How a run begins."""
    body = {
        "plan": to_json(PLAN),
        "patch": {},
        "rollback_of": None,
        "stale_before": 3,
        "warnings": ["one host was not seen"],
    }
    return record(RecordKind.CREATED, 100.0, **{**body, **changed})


STARTED = record(RecordKind.CONTROLLER_STARTED, 100.5, pid=1, epoch=1)


def ended(outcome: str, *, rollback: bool = False) -> Record:
    """How a run ends."""
    return record(RecordKind.ENDED, 110.0, outcome=outcome, why="because", rollback=rollback)


def report_of(*records: Record, after: Observation | None = None) -> Report:
    """The report of a run of these records."""
    return build_report("r1", [created(), *records], after=after)


def test_a_report_holds_what_the_run_was_created_with() -> None:
    report = report_of(STARTED, ended("succeeded"))
    assert (report.run, report.outcome, report.why) == ("r1", "succeeded", "because")
    assert (report.started_at, report.ended_at, report.stale_before) == (100.0, 110.0, 3)
    assert report.omitted == PLAN.omitted
    assert report.forecast == PLAN.forecast
    assert [step.id for step in report.steps] == ["vim@controller-0"]
    assert report.notes == ("one host was not seen",)


def test_only_what_installed_packages_can_be_undone() -> None:
    change = {"package": "vim", "from_version": "1", "to_version": "2", "path": "/a"}
    assert not report_of(STARTED).is_undoable
    patched = build_report("r1", [created(patch={"controller-0": [change]})], after=None)
    assert patched.is_undoable


def test_a_report_holds_what_was_measured_around_the_run() -> None:
    requests, phases = Requests(total=4), (Phase(name="plan", took_s=0.1),)
    report = build_report(
        "r1",
        [created(rollback_of="r0")],
        after=None,
        requests=requests,
        phases=phases,
        notes=["stand-ins"],
    )
    assert (report.requests, report.phases) == (requests, phases)
    assert report.rollback_of == "r0"
    assert report.notes == ("one host was not seen", "stand-ins")


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_the_outcome_is_the_recorded_one(outcome: str) -> None:
    assert report_of(STARTED, ended(outcome)).outcome == outcome


def test_an_aborted_run_is_aborted() -> None:
    asked = record(RecordKind.ABORT_ASKED, 105.0)
    assert report_of(STARTED, asked, ended("aborted")).outcome == "aborted"


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([], "it was created and has not begun"),
        ([STARTED], "it goes on, or its controller is gone"),
        ([STARTED, record(RecordKind.PAUSE_ASKED, 101.0)], "it is paused"),
        (
            [STARTED, record(RecordKind.ABORT_ASKED, 101.0)],
            "somebody asked to abort it and it has not ended",
        ),
        ([STARTED, record(RecordKind.CONTROLLER_STOPPED, 101.0, why="Ctrl-C")], "Ctrl-C"),
        (
            [STARTED, record(RecordKind.CONTROLLER_STOPPED, 101.0, why="")],
            "its controller was stopped",
        ),
        ([STARTED, ended("failed", rollback=True)], "because; its rollback has not begun"),
        (
            [
                STARTED,
                ended("failed"),
                record(RecordKind.ROLLBACK_STARTED, 111.0, run="r2", why=""),
            ],
            "run r2 undoes it and has not ended",
        ),
    ],
)
def test_a_run_without_an_end_is_incomplete_and_says_why(
    records: Sequence[Record], why: str
) -> None:
    report = report_of(*records)
    assert (report.outcome, report.why, report.ended_at) == ("incomplete", why, None)


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        ("rolled-back", "because; run r2 undid it"),
        ("failed", "because; run r2 could not undo it: a host is gone"),
    ],
)
def test_the_end_of_a_rollback_replaces_the_end_of_its_run(outcome: str, why: str) -> None:
    report = report_of(
        STARTED,
        ended("failed", rollback=True),
        record(RecordKind.ROLLBACK_STARTED, 111.0, run="r2", why="policy"),
        record(RecordKind.ROLLBACK_ENDED, 120.0, run="r2", outcome=outcome, why="a host is gone"),
    )
    assert (report.outcome, report.why, report.ended_at) == (outcome, why, 120.0)


def seen(host: str, *instances: Instance, at: float = 130.0) -> HostObservation:
    """A host that answered."""
    return HostObservation(host=host, taken_at=at, instances=instances)


def stale(service: str, state: InstanceState = InstanceState.RUNNING) -> Instance:
    """An instance with replaced code."""
    evidence = Evidence(
        kind=EvidenceKind.MAPPING_REPLACED, subject="/x.so", found="1:2", expected="1:3", pid=7
    )
    return Instance(service=service, state=state, verdict=Verdict.STALE, evidence=(evidence,))


def test_what_is_stale_afterwards_is_listed_with_its_evidence() -> None:
    after = Observation(hosts=(seen("controller-0", stale("vim"), Instance(service="sm")),))
    report = report_of(STARTED, ended("succeeded"), after=after)
    assert report.stale_after == (
        StaleInstance(
            host="controller-0",
            service="vim",
            evidence=("mapping-replaced in pid 7: /x.so: found 1:2, installed 1:3",),
        ),
    )
    assert report.observed_at == 130.0
    assert not report.is_proven


def test_what_does_not_run_cannot_run_replaced_code() -> None:
    after = Observation(
        hosts=(
            seen(
                "controller-0",
                stale("aodh-expirer-active", InstanceState.SCHEDULED),
                stale("horizon", InstanceState.STOPPED),
            ),
        )
    )
    report = report_of(STARTED, ended("succeeded"), after=after)
    assert report.stale_after == ()
    assert report.is_proven


def test_hosts_that_did_not_answer_are_named() -> None:
    after = Observation(
        hosts=(seen("a", at=1.0), HostObservation(host="b", reachable=False, unseen=("no answer",)))
    )
    report = report_of(after=after)
    assert report.unobserved == ("b",)
    assert report.observed_at == 1.0
    assert report.notes == ("one host was not seen",)


def test_nobody_looked_where_no_host_answered() -> None:
    after = Observation(hosts=(HostObservation(host="b", reachable=False),))
    assert report_of(after=after).observed_at is None


def test_what_a_host_could_not_read_is_a_note() -> None:
    after = Observation(
        hosts=(HostObservation(host="a", taken_at=1.0, unseen=("pid 9 is not readable",)),)
    )
    assert report_of(after=after).notes[-1] == "a: pid 9 is not readable"


def test_a_suspect_instance_is_a_note_and_not_a_finding() -> None:
    suspects = (
        Instance(service="vim", verdict=Verdict.SUSPECT),
        Instance(service="horizon", verdict=Verdict.SUSPECT, state=InstanceState.STOPPED),
    )
    report = report_of(after=Observation(hosts=(seen("a", *suspects),)))
    assert report.stale_after == ()
    assert report.notes[1:] == ("vim on a is suspect, which proves nothing: no evidence was given",)


def test_records_that_do_not_begin_with_a_creation_are_refused() -> None:
    with pytest.raises(CorruptStore, match="r1"):
        build_report("r1", [STARTED], after=None)


def test_a_run_without_records_has_no_report() -> None:
    with pytest.raises(CorruptStore, match="no record"):
        build_report("r1", [], after=None)

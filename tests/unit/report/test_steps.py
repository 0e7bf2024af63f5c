from typing import Any

import pytest

from insvc.errors import CorruptStore
from insvc.execute.bodies import to_json
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import replay
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Plan, Step
from insvc.report.report import Check, SeenOutage, StepReport
from insvc.report.steps import build_steps

BEGAN = 1_000.0
OLD = ProcessIdentity(boot_id="b", pid=10, start_ticks=5)
NEW = ProcessIdentity(boot_id="b", pid=20, start_ticks=9)

STEP = Step(
    id="ceph-mon@storage-0",
    host="storage-0",
    entry="ceph",
    service="ceph-mon",
    reason="replaced",
    start_s=1.0,
    end_s=3.0,
    expected_outage_s=0.9,
    after=("ceph-mon@controller-1",),
)
FIRST = Step(id="ceph-mon@controller-1", host="controller-1", entry="ceph", service="ceph-mon")
PLAN = Plan(steps=(FIRST, STEP))

ENDED: dict[str, Any] = {
    "outcome": "restarted",
    "why": "every check passed",
    "checks": [{"name": "ready", "passed": True, "detail": "it answered"}],
    "before": [to_json(OLD)],
    "after": [to_json(NEW)],
    "times": {"asked": 1002.0, "ended": 1004},
    "said": "done",
    "reaped": [77],
    "drained": True,
    "outage_s": 0.75,
    "outages": [
        {"from_at": 1002.5, "until_at": 1003.25, "resolution_s": 0.005},
        {"from_at": 1003.5, "until_at": None, "resolution_s": 0.005},
    ],
}


def opening() -> list[Record]:
    """The records that every run begins with."""
    created = {
        "plan": to_json(PLAN),
        "patch": {},
        "rollback_of": None,
        "stale_before": 2,
        "warnings": [],
    }
    started = {"pid": 1, "epoch": 1}
    return [
        Record(kind=RecordKind.CREATED, at=BEGAN, body=created),
        Record(kind=RecordKind.CONTROLLER_STARTED, at=BEGAN, body=started),
    ]


def of_step(kind: RecordKind, at: float, attempt: int = 1, **body: Any) -> Record:
    """A record of the step."""
    return Record(kind=kind, at=at, step=STEP.id, attempt=attempt, body=body)


def built(*records: Record) -> StepReport:
    """The step as reported after these records."""
    every = [*opening(), *records]
    return next(one for one in build_steps(replay("r", every), every) if one.id == STEP.id)


def test_a_step_without_records_is_as_planned() -> None:
    step = built()
    assert (step.outcome, step.attempts, step.start_s, step.end_s) == (None, 0, None, None)
    assert (step.planned_start_s, step.planned_end_s, step.forecast_s) == (1.0, 3.0, 0.9)
    assert (step.host, step.entry, step.service) == ("storage-0", "ceph", "ceph-mon")
    assert step.after == ("ceph-mon@controller-1",)
    assert step.reason == "replaced"


def test_an_ended_step_has_its_outcome_and_its_evidence() -> None:
    step = built(
        of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"),
        of_step(RecordKind.STEP_ENDED, 1004.0, **ENDED),
    )
    assert (step.outcome, step.why) == (Outcome.RESTARTED, "every check passed")
    assert (step.start_s, step.end_s, step.attempts) == (1.5, 4.0, 1)
    assert step.evidence.before == (OLD,)
    assert step.evidence.after == (NEW,)
    assert step.evidence.checks == (Check(name="ready", passed=True, detail="it answered"),)
    assert step.evidence.times == {"asked": 1002.0, "ended": 1004.0}
    assert (step.evidence.said, step.evidence.reaped) == ("done", (77,))


def test_outages_are_told_from_the_begin_of_the_run() -> None:
    step = built(
        of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"),
        of_step(RecordKind.STEP_ENDED, 1004.0, **ENDED),
    )
    assert step.outage_s == 0.75
    assert step.outages == (
        SeenOutage(from_s=2.5, until_s=3.25, resolution_s=0.005),
        SeenOutage(from_s=3.5, until_s=None, resolution_s=0.005),
    )


def test_what_could_not_be_watched_has_no_outage() -> None:
    step = built(
        of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"),
        of_step(RecordKind.STEP_ENDED, 1004.0, outcome="restarted", why="", outage_s=None),
    )
    assert step.outage_s is None
    assert step.outages == ()


def test_what_was_watched_and_never_failed_has_an_outage_of_zero() -> None:
    step = built(
        of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"),
        of_step(RecordKind.STEP_ENDED, 1004.0, outcome="restarted", why="", outage_s=0.0),
    )
    assert step.outage_s == 0.0


def test_a_step_that_was_begun_and_never_ended_is_unknown() -> None:
    step = built(of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"))
    assert step.outcome is Outcome.UNKNOWN
    assert step.why == "it was begun, its end is not recorded"
    assert (step.start_s, step.end_s) == (1.5, None)


def test_a_lost_step_is_unknown_and_says_why() -> None:
    step = built(
        of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"),
        of_step(RecordKind.STEP_LOST, 1002.0, why="the agent is gone"),
    )
    assert (step.outcome, step.why) == (Outcome.UNKNOWN, "the agent is gone")


def test_a_step_that_was_tried_again_starts_with_its_first_attempt() -> None:
    step = built(
        of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"),
        of_step(RecordKind.STEP_LOST, 1002.0, why="the agent is gone"),
        of_step(RecordKind.STEP_STARTED, 1003.0, 2, because="still-stale"),
        of_step(RecordKind.STEP_ENDED, 1006.0, 2, outcome="restarted", why=""),
    )
    assert (step.attempts, step.start_s, step.end_s) == (2, 1.5, 6.0)
    assert step.outcome is Outcome.RESTARTED


def test_a_step_found_current_was_never_begun_but_has_ended() -> None:
    step = built(of_step(RecordKind.STEP_ENDED, 1002.0, 0, outcome="already-current", why="fresh"))
    assert (step.attempts, step.start_s, step.end_s) == (0, None, 2.0)
    assert step.outcome is Outcome.ALREADY_CURRENT


def test_steps_stand_in_the_order_of_their_start() -> None:
    every = [*opening(), of_step(RecordKind.STEP_STARTED, 1001.5, because="planned")]
    assert [one.id for one in build_steps(replay("r", every), every)] == [STEP.id, FIRST.id]


def test_a_record_that_says_something_else_is_refused() -> None:
    with pytest.raises(CorruptStore, match="checks"):
        built(
            of_step(RecordKind.STEP_STARTED, 1001.5, because="planned"),
            of_step(RecordKind.STEP_ENDED, 1004.0, **{**ENDED, "checks": "all good"}),
        )

"""`insvc.execute.history`: what the next forecast learns from the runs before it."""

from typing import Any

import pytest

from insvc.errors import CorruptStore
from insvc.execute.history import learn
from insvc.execute.records import created, step_lost, step_started
from insvc.execute.run import Record, RecordKind
from insvc.model.words import Action
from insvc.plan.history import Measured
from insvc.plan.plan import Plan, Step

A1 = Step(id="a@h1", host="h1", service="a", dwell_s=1.0)
A2 = Step(id="a@h2", host="h2", service="a", dwell_s=1.0)
LOCK = Step(id="lock@h1", host="h1", action=Action.LOCK, dwell_s=0.0)
JOB = Step(id="purge@h1", host="h1", service="purge", action=Action.NEXT_RUN)


def told(*records: Record) -> list[Record]:
    plan = Plan(steps=(A1, A2, LOCK, JOB))
    return [created(plan, at=0.0, patch={}, stale_before=0), *records]


def start(step: Step, at: float, attempt: int = 1) -> Record:
    return step_started(step.id, attempt, at=at, because="planned")


def end(step: Step, at: float, outcome: str = "restarted", **body: Any) -> Record:
    body = {"outcome": outcome, **body}
    return Record(kind=RecordKind.STEP_ENDED, at=at, step=step.id, attempt=1, body=body)


def smooth(step: Step, at: float, took_s: float, **body: Any) -> list[Record]:
    return [start(step, at), end(step, at + took_s, **body)]


def test_a_step_that_was_probed_is_measured_without_its_dwell() -> None:
    run = told(*smooth(A1, 10.0, 1.75, outage_s=0.5))
    assert learn([run]) == {"a": Measured(outage_s=0.5, took_s=0.75, runs=1)}


def test_the_median_of_all_hosts_and_runs_is_taken() -> None:
    one = told(*smooth(A1, 0.0, 2.0, outage_s=0.1), *smooth(A2, 5.0, 4.0, outage_s=0.9))
    two = told(*smooth(A1, 0.0, 3.0, outage_s=0.2))
    assert learn([one, two]) == {"a": Measured(outage_s=0.2, took_s=2.0, runs=2)}
    assert learn([one])["a"] == Measured(outage_s=0.5, took_s=2.0, runs=1)


def test_the_managers_stamps_stand_in_for_the_probe() -> None:
    run = told(*smooth(A1, 0.0, 2.0, outage_s=None, times={"stopped": 0.25, "ready": 1.0}))
    assert learn([run])["a"].outage_s == 0.75


def test_what_nobody_measured_teaches_nothing() -> None:
    assert learn([told(*smooth(A1, 0.0, 2.0, times={"ready": 1.0}))]) == {}
    assert learn([told(*smooth(JOB, 0.0, 2.0, outcome="next-run", outage_s=0.0))]) == {}
    assert learn([[], told()]) == {}


def test_a_host_action_without_a_probe_is_out_for_all_of_it() -> None:
    run = told(*smooth(LOCK, 0.0, 2.0, outcome="done"))
    assert learn([run]) == {"lock": Measured(outage_s=2.0, took_s=2.0, runs=1)}
    run = told(*smooth(LOCK, 0.0, 2.0, outcome="done", outage_s=0.5))
    assert learn([run])["lock"].outage_s == 0.5


@pytest.mark.parametrize(
    "records",
    [
        [start(A1, 0.0), end(A1, 2.0, "failed", outage_s=2.0)],
        [start(A1, 0.0), start(A1, 1.0, 2), end(A1, 2.0, outage_s=0.5)],
        [start(A1, 0.0), step_lost(A1.id, 1, "gone", at=0.5), end(A1, 2.0, outage_s=0.5)],
        [end(A1, 2.0, "already-current", outage_s=None)],
        [end(A1, 2.0, outage_s=0.0)],
    ],
)
def test_what_was_not_smooth_does_not_count(records: list[Record]) -> None:
    assert learn([told(*records)]) == {}


def test_a_plan_that_cannot_be_read_is_not_guessed() -> None:
    broken = Record(kind=RecordKind.CREATED, at=0.0, body={"plan": {"steps": 5}})
    with pytest.raises(CorruptStore):
        learn([[broken]])


def test_what_took_less_than_its_dwell_took_no_time() -> None:
    assert learn([told(*smooth(A1, 0.0, 0.5, outage_s=0.1))])["a"].took_s == 0.0


def test_stamps_in_the_wrong_order_are_no_outage() -> None:
    run = told(*smooth(A1, 0.0, 2.0, times={"stopped": 1.5, "ready": 1.0}))
    assert learn([run])["a"].outage_s == 0.0


def test_of_five_the_middle_one_is_taken_to_the_millisecond() -> None:
    outages_s = (0.5, 0.1, 0.33333, 0.4, 0.2)
    runs = [told(*smooth(A1, 0.0, 2.0, outage_s=one)) for one in outages_s]
    assert learn(runs)["a"].outage_s == 0.333


def test_a_step_that_the_plan_does_not_have_teaches_nothing() -> None:
    stranger = Step(id="x@h9", host="h9", service="x")
    assert learn([told(*smooth(stranger, 0.0, 2.0, outage_s=0.5))]) == {}


def test_what_was_learnt_is_listed_by_name() -> None:
    steps = tuple(Step(id=name, host="h1", service=name) for name in "hgfedcba")
    records = [one for step in steps for one in smooth(step, 0.0, 2.0, outage_s=0.5)]
    begun = created(Plan(steps=steps), at=0.0, patch={}, stale_before=0)
    assert list(learn([[begun, *records]])) == list("abcdefgh")

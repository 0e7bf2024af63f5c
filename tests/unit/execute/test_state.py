from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.errors import CorruptStore
from insvc.execute import records
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, apply, apply_all, replay, summarise
from insvc.execute.steps import DUE
from insvc.execute.transitions import RunState, StepState
from insvc.execute.verify import Judgement
from insvc.model.act import PackageChange
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Plan, Step

CHANGE = PackageChange(package="a", from_version="1", to_version="2", path="/p/a.deb")
ONE = ProcessIdentity(boot_id="b", pid=7, start_ticks=70)
PLAN = Plan(steps=(Step(id="a@h1", host="h1", service="a"), Step(id="b@h1", host="h1")))
CREATED = records.created(
    PLAN, at=1.0, patch={"h1": [CHANGE]}, stale_before=2, warnings=["w"], rollback_of="r0"
)
BEGUN = Record(kind=RecordKind.CONTROLLER_STARTED, at=2.0, body={"pid": 9, "epoch": 4})
STARTED = records.step_started("a@h1", 1, at=3.0, because="planned", before=(ONE,), ran=("b",))
LOST = records.step_lost("a@h1", 1, "no answer", at=4.0)


def plain(kind: RecordKind, **body: object) -> Record:
    return Record(kind=kind, at=9.0, body=body)


def step_end(outcome: Outcome, step: str = "a@h1", attempt: int = 1) -> Record:
    return records.step_ended(step, attempt, Judgement(outcome=outcome, why="so"), at=5.0)


def test_a_run_is_its_creation_replayed() -> None:
    run = replay("r1", [CREATED])
    assert run.state is RunState.CREATED
    assert run.plan == PLAN
    assert run.patch == {"h1": (CHANGE,)}
    assert (run.stale_before, run.warnings, run.rollback_of) == (2, ("w",), "r0")
    assert run.created_at == 1.0
    assert {one.state for one in run.steps.values()} == {StepState.WAITING}


def test_a_controller_is_known_by_process_and_epoch() -> None:
    run = replay("r1", [CREATED, BEGUN])
    assert (run.state, run.pid, run.epoch) == (RunState.RUNNING, 9, 4)


def test_a_started_step_remembers_what_ran_before() -> None:
    step = replay("r1", [CREATED, BEGUN, STARTED]).steps["a@h1"]
    assert (step.state, step.attempt, step.starts) == (StepState.UNDER_WAY, 1, 1)
    assert (step.before, step.ran) == ((ONE,), ("b",))


def test_a_further_start_of_the_same_attempt_is_counted() -> None:
    step = replay("r1", [CREATED, BEGUN, STARTED, LOST, STARTED]).steps["a@h1"]
    assert (step.attempt, step.starts, step.lost_at) == (1, 2, None)


def test_a_new_controller_has_lost_what_was_under_way_and_nothing_else() -> None:
    done = step_end(Outcome.RESTARTED)
    again = replace(BEGUN, at=20.0)
    run = replay("r1", [CREATED, BEGUN, STARTED, again])
    assert run.steps["a@h1"].state is StepState.LOST
    assert run.steps["a@h1"].lost_at == 20.0
    assert run.steps["b@h1"].state is StepState.WAITING
    kept = replay("r1", [CREATED, BEGUN, STARTED, done, again]).steps["a@h1"]
    assert kept.state is StepState.SUCCEEDED


def test_a_lost_step_knows_since_when_and_why() -> None:
    step = replay("r1", [CREATED, BEGUN, STARTED, LOST]).steps["a@h1"]
    assert (step.state, step.lost_at, step.why) == (StepState.LOST, 4.0, "no answer")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.RESTARTED, StepState.SUCCEEDED),
        (Outcome.FAILED, StepState.FAILED),
        (Outcome.UNVERIFIED, StepState.FAILED),
        (Outcome.NOT_RUNNING, StepState.FAILED),
        (Outcome.UNKNOWN, StepState.UNKNOWN),
    ],
)
def test_the_outcome_decides_the_state_of_a_step(outcome: Outcome, state: StepState) -> None:
    step = replay("r1", [CREATED, BEGUN, STARTED, step_end(outcome)]).steps["a@h1"]
    assert (step.state, step.outcome, step.why) == (state, outcome, "so")


def test_a_wish_that_changes_nothing_is_kept_and_ignored() -> None:
    run = replay("r1", [CREATED, BEGUN, plain(RecordKind.RESUME_ASKED)])
    assert run.state is RunState.RUNNING


def test_pause_resume_and_abort_move_the_run() -> None:
    so_far = [CREATED, BEGUN, plain(RecordKind.PAUSE_ASKED)]
    assert replay("r1", so_far).state is RunState.PAUSED
    so_far.append(plain(RecordKind.RESUME_ASKED))
    assert replay("r1", so_far).state is RunState.RUNNING
    so_far.append(plain(RecordKind.ABORT_ASKED))
    assert replay("r1", so_far).state is RunState.ABORTING


def test_the_end_of_a_run_keeps_its_reason_and_whether_a_rollback_is_due() -> None:
    end = records.ended("failed", "a@h1 ended failed", at=6.0, rollback=True)
    run = replay("r1", [CREATED, BEGUN, end])
    assert (run.state, run.outcome, run.why) == (RunState.FAILED, "failed", "a@h1 ended failed")
    assert run.rollback_due


def test_a_rollback_replaces_the_outcome() -> None:
    end = records.ended("failed", "x", at=6.0, rollback=True)
    start = plain(RecordKind.ROLLBACK_STARTED, run="r2", why="by policy")
    stop = plain(RecordKind.ROLLBACK_ENDED, run="r2", outcome="rolled-back", why="all back")
    going = replay("r1", [CREATED, BEGUN, end, start])
    assert (going.state, going.rollback_run) == (RunState.ROLLING_BACK, "r2")
    assert not going.rollback_due
    over = apply(going, stop)
    assert (over.state, over.outcome, over.why) == (
        RunState.ROLLED_BACK,
        "rolled-back",
        "all back",
    )
    assert not over.rollback_due


@pytest.mark.parametrize(
    "records_of_it",
    [
        [BEGUN],
        [CREATED, CREATED],
        [CREATED, STARTED, STARTED],
        [CREATED, BEGUN, records.step_started("c@h1", 1, at=1.0, because="planned")],
        [CREATED, BEGUN, plain(RecordKind.ENDED, outcome="splendid")],
        [CREATED, replace(BEGUN, step="a@h1")],
        [CREATED, plain(RecordKind.STEP_STARTED)],
        [CREATED, BEGUN, STARTED, step_end(Outcome.FAILED), step_end(Outcome.FAILED)],
    ],
)
def test_a_record_that_cannot_follow_is_corruption(records_of_it: list[Record]) -> None:
    with pytest.raises(CorruptStore, match="run r1"):
        replay("r1", records_of_it)


@pytest.mark.parametrize(
    "broken",
    [
        plain(RecordKind.CREATED, plan={}, patch={}, stale_before=0),
        plain(RecordKind.CREATED, plan={"no": 1}, patch={}, stale_before=0, warnings=[]),
    ],
)
def test_a_creation_that_lacks_something_is_corruption(broken: Record) -> None:
    with pytest.raises(CorruptStore, match="run r1: created"):
        replay("r1", [broken])


def test_a_controller_without_an_epoch_is_corruption() -> None:
    with pytest.raises(CorruptStore, match="epoch"):
        replay("r1", [CREATED, plain(RecordKind.CONTROLLER_STARTED, pid=1)])


def test_a_summary_agrees_with_the_replay() -> None:
    told = [CREATED, BEGUN, STARTED, step_end(Outcome.RESTARTED)]
    one, run = summarise("r1", told[:2], 1), replay("r1", told)
    assert (one.state, one.steps, one.created_at) == (run.state, 2, 1.0)
    assert one.ended == 1


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.data(), st.integers(min_value=1, max_value=40))
def test_many_records_at_once_add_up_to_the_same_run(data: st.DataObject, size: int) -> None:
    names = [f"s{at}@h{at % 3}" for at in range(size)]
    steps = tuple(
        Step(id=name, host=name[-2:], after=tuple(names[max(0, at - 2) : at]))
        for at, name in enumerate(names)
    )
    told = [records.created(Plan(steps=steps), at=1.0, patch={}, stale_before=0), BEGUN]
    run = replay("r1", told)
    for _ in range(data.draw(st.integers(min_value=0, max_value=3 * size))):
        record = one_more(run, data.draw(st.sampled_from(["", *names])))
        if record is not None:
            told.append(record)
            run = apply(run, record)
    assert replay("r1", told) == run
    assert [*replay("r1", told).progress.having(DUE)] == [*run.progress.having(DUE)]
    middle = len(told) // 2
    assert apply_all(replay("r1", told[:middle]), told[middle:]) == run


def one_more(run: Run, name: str) -> Record | None:
    """A record that can follow about that step, or about none; nothing where none can."""
    if not name:
        return BEGUN
    state = run.steps[name].state
    if state in {StepState.WAITING, StepState.LOST}:
        return records.step_started(name, 1, at=3.0, because="planned")
    if state is StepState.UNDER_WAY and not name.startswith("s3"):
        return step_end(Outcome.RESTARTED, name)
    return records.step_lost(name, 1, "so", at=4.0) if not state.is_over else None


def test_a_fault_in_the_middle_of_many_records_is_found() -> None:
    with pytest.raises(CorruptStore, match="step-lost of step b@h1"):
        apply_all(replay("r1", [CREATED, BEGUN]), [STARTED, records.step_lost("b@h1", 1, "", at=4)])


def test_a_run_without_records_is_new() -> None:
    told = summarise("r1", [], 0)
    assert (told.state, told.created_at, told.steps) == ("new", 0.0, 0)
    run = replay("r1", [])
    assert run == Run(run="r1")
    assert (run.created_at, run.stale_before, run.epoch, run.pid) == (0.0, 0, 0, 0)
    assert not run.rollback_due


def test_a_run_knows_what_its_plan_says_of_a_step() -> None:
    run = replay("r1", [CREATED])
    assert run.planned("a@h1") == PLAN.steps[0]
    assert list(run.progress.having(DUE)) == ["a@h1", "b@h1"]

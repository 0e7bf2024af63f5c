"""`insvc.execute.pacing`: a run keeps pauses, start limits and windows of its policy."""

import pytest

from insvc.execute.pacing import StepTimes, due_at
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run
from insvc.model.words import Action
from insvc.plan.plan import Plan, Step
from insvc.plan.policy import MaxStarts, Policy, Window

NOW = 1000.0
UNSEEN = {"because": "never-begun"}


def run(*steps: Step, **policy: object) -> Run:
    plan = Plan(policy=Policy(**policy), steps=steps)  # type: ignore[arg-type]
    return Run(run="r", plan=plan, created_at=990.0)


def times(started: dict[str, float], ended: dict[str, float]) -> StepTimes:
    told = StepTimes()
    for name, at in started.items():
        told.note(Record(kind=RecordKind.STEP_STARTED, step=name, at=at))
    for name, at in ended.items():
        told.note(Record(kind=RecordKind.STEP_ENDED, step=name, at=at))
    told.note(Record(kind=RecordKind.STEP_LOST, step="other", at=5.0))
    return told


A = Step(id="a", host="h", start_s=0.0, end_s=4.0)
B = Step(id="b", host="h", start_s=4.0, end_s=9.0, after=("a",), soak_s=30.0)
C = Step(id="c", host="h", start_s=4.0, end_s=9.0)


def test_without_wishes_a_step_starts_now() -> None:
    assert due_at(run(A), StepTimes(), A, NOW) == NOW


def test_a_pause_counts_from_the_end_of_what_it_waited_for() -> None:
    assert due_at(run(A, B), times({"a": 985.0}, {"a": 995.0}), B, NOW) == 1025.0
    assert due_at(run(A, B), times({"a": 900.0}, {"a": 905.0}), B, NOW) == NOW


def test_a_pause_counts_from_the_last_of_all_it_waited_for() -> None:
    both = Step(id="d", host="h", after=("a", "c"), soak_s=30.0)
    told = times({"a": 985.0, "c": 985.0}, {"a": 998.0, "c": 995.0})
    assert due_at(run(A, C, both), told, both, NOW) == 1028.0


def test_a_pause_without_anything_before_it_counts_from_the_begin_of_the_run() -> None:
    lonely = Step(id="a", host="h", soak_s=25.0)
    assert due_at(run(lonely), StepTimes(), lonely, NOW) == 1015.0


@pytest.mark.parametrize(
    ("started", "in_hand", "due"),
    [
        ({}, (), NOW),
        ({"a": 995.0}, (), NOW),
        ({"a": 995.0, "b": 999.0}, (), 1005.0),
        ({"a": 995.0}, ("b",), 1005.0),
        ({"a": 995.0}, ("a",), NOW),
        ({"a": 980.0, "b": 999.0}, (), NOW),
        ({"a": 999.0, "b": 993.0}, (), 1003.0),
    ],
)
def test_starts_on_one_host_are_limited(
    started: dict[str, float], in_hand: tuple[str, ...], due: float
) -> None:
    told = run(A, B, C, max_starts=MaxStarts(count=2, within_s=10.0))
    assert due_at(told, times(started, {}), C, NOW, in_hand) == due


def test_other_hosts_and_jobs_are_not_counted() -> None:
    job = Step(id="job", host="h", action=Action.NEXT_RUN)
    away = Step(id="away", host="elsewhere")
    told = run(A, job, away, max_starts=MaxStarts(count=1, within_s=10.0))
    before = times({"job": 999.0, "away": 999.0}, {})
    assert due_at(told, before, A, NOW) == NOW
    assert due_at(told, times({"a": 999.0}, {}), job, NOW) == NOW


def test_a_step_waits_for_a_window_that_is_long_enough() -> None:
    windows = (Window(opens=0.0, closes=1003.0), Window(opens=2000.0, closes=2004.0))
    assert due_at(run(A, windows=windows), StepTimes(), A, NOW) == 2000.0
    assert due_at(run(C, windows=windows), StepTimes(), C, NOW) is None


def test_a_step_needs_a_window_for_as_long_as_it_takes_itself() -> None:
    windows = (Window(opens=0.0, closes=1005.0),)
    assert due_at(run(C, windows=windows), StepTimes(), C, NOW) == NOW
    assert due_at(run(C, windows=windows), StepTimes(), C, NOW + 0.5) is None


def turn(closes: float) -> tuple[Run, list[Step]]:
    """A swact, a lock, a restart and an unlock, ten seconds in all, and a step before."""
    steps = [
        Step(id="before@h", host="h", start_s=0.0, end_s=1.0),
        Step(id="swact@h", host="h", action=Action.SWACT, start_s=1.0, end_s=4.0),
        Step(id="lock@h", host="h", action=Action.LOCK, start_s=4.0, end_s=6.0),
        Step(id="sm@h", host="h", start_s=6.0, end_s=8.0),
        Step(id="unlock@h", host="h", action=Action.UNLOCK, start_s=8.0, end_s=11.0),
    ]
    return run(*steps, windows=(Window(opens=0.0, closes=closes),)), steps


def test_a_turn_of_a_host_begins_only_with_time_to_unlock_it_and_then_goes_on() -> None:
    told, steps = turn(closes=NOW + 9.0)
    due = [due_at(told, StepTimes(), step, NOW) for step in steps]
    assert due == [NOW, None, NOW, NOW, NOW]
    told, steps = turn(closes=NOW + 10.0)
    assert due_at(told, StepTimes(), steps[1], NOW) == NOW


def test_whatever_follows_the_begin_of_a_turn_needs_no_window() -> None:
    told, steps = turn(closes=NOW + 1.0)
    due = [due_at(told, StepTimes(), step, NOW) for step in steps]
    assert due == [NOW, None, NOW, NOW, NOW]


def test_a_restart_before_a_turn_is_no_part_of_it() -> None:
    _, (before, swact, lock, _, unlock) = turn(closes=0.0)
    told = run(before, swact, lock, unlock, windows=(Window(opens=0.0, closes=NOW + 9.0),))
    assert due_at(told, StepTimes(), swact, NOW) is None


def test_a_host_that_is_only_unlocked_has_no_turn_and_what_follows_needs_a_window() -> None:
    _, (_, _, _, _, unlock) = turn(closes=0.0)
    later = Step(id="db@h", host="h", start_s=20.0, end_s=25.0)
    told = run(unlock, later, windows=(Window(opens=0.0, closes=NOW + 4.0),))
    assert due_at(told, StepTimes(), unlock, NOW) == NOW
    assert due_at(told, StepTimes(), later, NOW) is None


def test_every_start_counts_but_one_that_its_agent_never_saw() -> None:
    told = times({"a": 999.0}, {})
    two = run(A, C, max_starts=MaxStarts(count=2, within_s=10.0))
    assert due_at(two, told, C, NOW) == NOW
    told.note(Record(kind=RecordKind.STEP_STARTED, step="a", at=999.5, body=UNSEEN))
    assert due_at(two, told, C, NOW) == NOW
    told.note(Record(kind=RecordKind.STEP_STARTED, step="a", at=999.9, body={"because": "down"}))
    assert due_at(two, told, C, NOW) == 1009.5
    told.note(Record(kind=RecordKind.STEP_STARTED, step="a", at=1000.0, body=UNSEEN))
    assert told.started_at == {"a": (999.5, 1000.0)}

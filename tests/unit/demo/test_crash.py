from insvc.demo.crash import is_in_step
from insvc.execute.run import Record, RecordKind


def record(kind: RecordKind, step: str) -> Record:
    return Record(kind=kind, at=0.0, step=step, attempt=1)


STARTED = record(RecordKind.STEP_STARTED, "cinder-api@controller-0")
ENDED = record(RecordKind.STEP_ENDED, "cinder-api@controller-0")
NEXT = record(RecordKind.STEP_STARTED, "horizon@controller-0")


def test_a_started_step_without_end_is_in_hand() -> None:
    assert is_in_step((STARTED,), 0)


def test_an_ended_step_is_not_in_hand() -> None:
    assert not is_in_step((STARTED, ENDED), 0)


def test_enough_steps_must_have_ended_before() -> None:
    assert not is_in_step((STARTED,), 1)
    assert is_in_step((STARTED, ENDED, NEXT), 1)

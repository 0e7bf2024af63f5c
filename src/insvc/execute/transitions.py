"""How runs and steps change: two tables, the only place that says which change is possible."""

from collections.abc import Mapping
from enum import StrEnum

from insvc.execute.run import RecordKind
from insvc.model.words import Outcome


class RunState(StrEnum):
    """Where a run is. `interrupted` had an orderly stop; a killed controller leaves `running`."""

    NEW = "new"
    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    ABORTING = "aborting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"
    ROLLING_BACK = "rolling-back"
    ROLLED_BACK = "rolled-back"

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen in it any more, unless somebody rolls it back."""
        return self in {
            RunState.SUCCEEDED,
            RunState.FAILED,
            RunState.ABORTED,
            RunState.ROLLED_BACK,
        }


class RunEvent(StrEnum):
    """What a record means to its run."""

    CREATE = "create"
    START = "controller-started"
    STOP = "controller-stopped"
    PAUSE = "pause-asked"
    RESUME = "resume-asked"
    ABORT = "abort-asked"
    ASK_PATCH = "patch-asked"
    SUCCEED = "ended-succeeded"
    FAIL = "ended-failed"
    END_ABORTED = "ended-aborted"
    ROLL_BACK = "rollback-started"
    ROLLED_BACK = "rolled-back"
    ROLLBACK_FAILED = "rollback-failed"


class StepState(StrEnum):
    """Where a step is. `lost`: what became of the act cannot be known now."""

    WAITING = "waiting"
    UNDER_WAY = "under-way"
    LOST = "lost"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        """Whether its outcome is written."""
        return self not in {StepState.WAITING, StepState.UNDER_WAY, StepState.LOST}


class StepEvent(StrEnum):
    """What a record means to its step."""

    START = "started"
    LOSE = "lost"
    ORPHAN = "controller-started"
    SUCCEED = "ended-well"
    FAIL = "ended-badly"
    GIVE_UP = "ended-unknown"
    SKIP = "skipped"


RUN_TABLE: Mapping[tuple[RunState, RunEvent], RunState] = {
    (RunState.NEW, RunEvent.CREATE): RunState.CREATED,
    (RunState.CREATED, RunEvent.START): RunState.RUNNING,
    (RunState.CREATED, RunEvent.ABORT): RunState.ABORTING,
    (RunState.RUNNING, RunEvent.START): RunState.RUNNING,
    (RunState.RUNNING, RunEvent.STOP): RunState.INTERRUPTED,
    (RunState.RUNNING, RunEvent.PAUSE): RunState.PAUSED,
    (RunState.RUNNING, RunEvent.ABORT): RunState.ABORTING,
    (RunState.RUNNING, RunEvent.SUCCEED): RunState.SUCCEEDED,
    (RunState.RUNNING, RunEvent.FAIL): RunState.FAILED,
    (RunState.PAUSED, RunEvent.RESUME): RunState.RUNNING,
    (RunState.PAUSED, RunEvent.START): RunState.RUNNING,
    (RunState.PAUSED, RunEvent.STOP): RunState.INTERRUPTED,
    (RunState.PAUSED, RunEvent.ABORT): RunState.ABORTING,
    (RunState.PAUSED, RunEvent.SUCCEED): RunState.SUCCEEDED,
    (RunState.PAUSED, RunEvent.FAIL): RunState.FAILED,
    (RunState.INTERRUPTED, RunEvent.START): RunState.RUNNING,
    (RunState.INTERRUPTED, RunEvent.ABORT): RunState.ABORTING,
    (RunState.ABORTING, RunEvent.START): RunState.ABORTING,
    (RunState.ABORTING, RunEvent.STOP): RunState.ABORTING,
    (RunState.ABORTING, RunEvent.END_ABORTED): RunState.ABORTED,
    (RunState.ABORTING, RunEvent.SUCCEED): RunState.SUCCEEDED,
    (RunState.ABORTING, RunEvent.FAIL): RunState.FAILED,
    (RunState.SUCCEEDED, RunEvent.ROLL_BACK): RunState.ROLLING_BACK,
    (RunState.FAILED, RunEvent.ROLL_BACK): RunState.ROLLING_BACK,
    (RunState.ABORTED, RunEvent.ROLL_BACK): RunState.ROLLING_BACK,
    (RunState.ROLLING_BACK, RunEvent.START): RunState.ROLLING_BACK,
    (RunState.ROLLING_BACK, RunEvent.ROLLED_BACK): RunState.ROLLED_BACK,
    (RunState.ROLLING_BACK, RunEvent.ROLLBACK_FAILED): RunState.FAILED,
}

STEP_TABLE: Mapping[tuple[StepState, StepEvent], StepState] = {
    (StepState.WAITING, StepEvent.START): StepState.UNDER_WAY,
    (StepState.WAITING, StepEvent.SUCCEED): StepState.SUCCEEDED,
    (StepState.WAITING, StepEvent.FAIL): StepState.FAILED,
    (StepState.WAITING, StepEvent.GIVE_UP): StepState.UNKNOWN,
    (StepState.WAITING, StepEvent.SKIP): StepState.SKIPPED,
    (StepState.UNDER_WAY, StepEvent.SUCCEED): StepState.SUCCEEDED,
    (StepState.UNDER_WAY, StepEvent.FAIL): StepState.FAILED,
    (StepState.UNDER_WAY, StepEvent.GIVE_UP): StepState.UNKNOWN,
    (StepState.UNDER_WAY, StepEvent.LOSE): StepState.LOST,
    (StepState.UNDER_WAY, StepEvent.ORPHAN): StepState.LOST,
    (StepState.LOST, StepEvent.LOSE): StepState.LOST,
    (StepState.LOST, StepEvent.ORPHAN): StepState.LOST,
    (StepState.LOST, StepEvent.START): StepState.UNDER_WAY,
    (StepState.LOST, StepEvent.SUCCEED): StepState.SUCCEEDED,
    (StepState.LOST, StepEvent.FAIL): StepState.FAILED,
    (StepState.LOST, StepEvent.GIVE_UP): StepState.UNKNOWN,
    (StepState.LOST, StepEvent.SKIP): StepState.SKIPPED,
}

ASKED = frozenset({RunEvent.PAUSE, RunEvent.RESUME, RunEvent.ABORT, RunEvent.ASK_PATCH})
"""Wishes come at any time; where the table does not know them they change nothing."""

_PLAIN_EVENTS: Mapping[RecordKind, RunEvent] = {
    RecordKind.CREATED: RunEvent.CREATE,
    RecordKind.CONTROLLER_STARTED: RunEvent.START,
    RecordKind.CONTROLLER_STOPPED: RunEvent.STOP,
    RecordKind.PAUSE_ASKED: RunEvent.PAUSE,
    RecordKind.RESUME_ASKED: RunEvent.RESUME,
    RecordKind.ABORT_ASKED: RunEvent.ABORT,
    RecordKind.PATCH_ASKED: RunEvent.ASK_PATCH,
    RecordKind.ROLLBACK_STARTED: RunEvent.ROLL_BACK,
}

_END_EVENTS: Mapping[tuple[RecordKind, str], RunEvent] = {
    (RecordKind.ENDED, "succeeded"): RunEvent.SUCCEED,
    (RecordKind.ENDED, "failed"): RunEvent.FAIL,
    (RecordKind.ENDED, "aborted"): RunEvent.END_ABORTED,
    (RecordKind.ROLLBACK_ENDED, "rolled-back"): RunEvent.ROLLED_BACK,
    (RecordKind.ROLLBACK_ENDED, "failed"): RunEvent.ROLLBACK_FAILED,
}


def run_event(kind: RecordKind, outcome: str) -> RunEvent | None:
    """What a record means to its run: nothing where it is about a step.

    Args:
        kind: the record's kind.
        outcome: the `outcome` in its body, empty where it has none.
    """
    return _PLAIN_EVENTS.get(kind) or _END_EVENTS.get((kind, outcome))


def end_event(outcome: Outcome) -> StepEvent:
    """What an outcome means to its step."""
    if outcome.is_success:
        return StepEvent.SUCCEED
    special = {Outcome.SKIPPED: StepEvent.SKIP, Outcome.UNKNOWN: StepEvent.GIVE_UP}
    return special.get(outcome, StepEvent.FAIL)

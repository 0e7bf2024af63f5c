"""A run: a plan and the records of what happened to it.

The journal is the list of records fed to `apply`; resume is replay.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RecordKind(StrEnum):
    """What a record says."""

    CREATED = "created"
    CONTROLLER_STARTED = "controller-started"
    STEP_STARTED = "step-started"
    STEP_ENDED = "step-ended"
    PAUSE_ASKED = "pause-asked"
    RESUME_ASKED = "resume-asked"
    ABORT_ASKED = "abort-asked"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One line of the journal.

    Attributes:
        kind: what it says.
        at: seconds since the epoch, the controller's clock.
        step: the step it is about, where it is about one.
        attempt: which try of that step, 1 or more.
        body: what else it says, JSON-ready.
    """

    kind: RecordKind
    at: float
    step: str = ""
    attempt: int = 0
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSummary:
    """One line of `insvc run list`."""

    run: str
    state: str
    created_at: float
    steps: int
    ended: int

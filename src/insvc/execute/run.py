"""The records of a run: what is written, in which order, and what each body holds.

A run is its records replayed (`insvc.execute.state.replay`). The first record is CREATED. Every
process that carries the run on writes CONTROLLER_STARTED before anything else. Bodies are
JSON-ready; `insvc.execute.bodies` turns them into values and back. Keys that are not listed do
not occur.

CREATED             step "" · attempt 0
    plan            the plan as an `insvc-plan/1` document (the policy in it is the run's policy)
    patch           {host: [PackageChange, …]}: what was installed before the run; {} when unknown
    rollback_of     id of the run that this one undoes, or null
    stale_before    how many instances were stale when the run was created
    warnings        [text]: what the plan does not cover, one sentence each
    hosts           [name] of the hosts that answered then; lacks where nobody looked
    follows         id of the run that this one follows up; lacks where it follows none
CONTROLLER_STARTED  step "" · attempt 0
    pid, epoch      the process that carries the run on, and its lease
CONTROLLER_STOPPED  step "" · attempt 0: an orderly stop; the run can be resumed
    why             text
STEP_STARTED        step, attempt 1…: the intent, written before the act
    because         `planned`, `never-begun` (same attempt again: the agent never saw it),
                    `still-stale` or `down` (a further attempt, after re-inspection)
    before          [ProcessIdentity, …] of its processes when the intent was written
    ran             [service] that ran on its host then
STEP_LOST           step, attempt: what became of the act cannot be known now
    why             text
STEP_ENDED          step, attempt (0 for a step that was skipped and never started)
    outcome         an `Outcome`
    why             what decided it, in words
    checks          [{name, passed, detail}]: the ladder in order; see `insvc.execute.verify`
    before, after   [ProcessIdentity, …] of its processes before the act and when it ended
    times           {asked, stopped, started, ready, ended: seconds since the epoch}; any may lack
    said            the manager's own words
    reaped          [pid] of orphaned helpers that were ended
    lost            [service] that ran on its host before the act and did not after it
    drained         true, false, or null where nothing ran
    outage_s        sum of the outages seen from outside, or else by its manager's own stamps, in
                    seconds; 0.0 when it was watched and never failed; null where neither tells
    outages         [{from_at, until_at (or null), resolution_s}], times in seconds since the epoch
PAUSE_ASKED, RESUME_ASKED, ABORT_ASKED  step "" · attempt 0 · body {}; by any process, at any time
PATCH_ASKED         step "" · attempt 0; by any process, at any time
    patch           {host: [PackageChange, …]}: to be installed and followed up after the run
ENDED               step "" · attempt 0
    outcome         `succeeded`, `failed` or `aborted`
    why             text
    rollback        whether the controller now goes on to roll back by policy
ROLLBACK_STARTED    step "" · attempt 0; after ENDED
    run             id of the run that undoes this one
    why             text
ROLLBACK_ENDED      step "" · attempt 0
    run             as above
    outcome         `rolled-back` or `failed`: replaces the outcome in ENDED
    why             text

A step that was never started because the run stopped or was aborted has no record at all. With the
policy `continue`, what depends on a failed step gets a STEP_ENDED with outcome `skipped`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RecordKind(StrEnum):
    """What a record says."""

    CREATED = "created"
    CONTROLLER_STARTED = "controller-started"
    CONTROLLER_STOPPED = "controller-stopped"
    STEP_STARTED = "step-started"
    STEP_LOST = "step-lost"
    STEP_ENDED = "step-ended"
    PAUSE_ASKED = "pause-asked"
    RESUME_ASKED = "resume-asked"
    ABORT_ASKED = "abort-asked"
    PATCH_ASKED = "patch-asked"
    ENDED = "ended"
    ROLLBACK_STARTED = "rollback-started"
    ROLLBACK_ENDED = "rollback-ended"


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

"""One Report value; text, JSON, Markdown and HTML are renderings of it."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from insvc.model.observation import ProcessIdentity
from insvc.model.words import Action, Outcome
from insvc.plan.plan import Impairment, Omission


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One rung of the verification ladder of a step: what was claimed and what was seen."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepEvidence:
    """Why the outcome of a step is what it is.

    Attributes:
        before: identities before the act; `after`: when it ended.
        checks: the ladder, in order.
        times: seconds since the epoch by name: asked, stopped, started, ready, ended.
        said: the manager's own words.
        reaped: pids of orphaned helpers that were ended.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    before: tuple[ProcessIdentity, ...] = ()
    after: tuple[ProcessIdentity, ...] = ()
    checks: tuple[Check, ...] = ()
    times: dict[str, float] = field(default_factory=dict)
    said: str = ""
    reaped: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenOutage:
    """One interval of a step in which its target did not serve.

    Attributes:
        from_s: seconds after the run began when the last answer before it came; `until_s`: when
            the first answer after it came, absent where it had not ended when the probe stopped.
        resolution_s: the longest pause between two questions around it; 0 where its manager
            stamped both ends.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    from_s: float
    until_s: float | None = None
    resolution_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StepReport:
    """How one step went.

    Attributes:
        id, host, entry, service, action: as in the plan.
        reason: why the step was planned.
        outcome: how it ended; absent when it was never started.
        why: what decided the outcome, in words.
        attempts: how often it was tried.
        evidence: what the outcome rests on.
        start_s: when it really started, seconds after the run began; `end_s`: ended.
        forecast_s: the outage the plan expected, in seconds.
        outage_s: the outage that was measured, from outside or else by its manager's own stamps;
            absent where neither tells.
        outages: the single outages that make it up.
        planned_start_s: when the plan had it start, seconds after the run began;
            `planned_end_s`: end.
        after: ids of the steps that had to succeed first.
        to_host: for a swact, the host that became active.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    host: str
    entry: str = ""
    service: str = ""
    action: Action = Action.RESTART
    reason: str = ""
    outcome: Outcome | None = None
    why: str = ""
    attempts: int = 0
    evidence: StepEvidence = field(default_factory=StepEvidence)
    start_s: float | None = None
    end_s: float | None = None
    forecast_s: float = 0.0
    outage_s: float | None = None
    outages: tuple[SeenOutage, ...] = ()
    planned_start_s: float = 0.0
    planned_end_s: float = 0.0
    after: tuple[str, ...] = ()
    to_host: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRequests:
    """Client requests to one service during the run."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    service: str
    total: int = 0
    failed: int = 0
    delayed: int = 0
    longest_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Requests:
    """What a continuous client load experienced during the run.

    Attributes:
        total: requests sent; `failed`: not answered with success; `delayed`: answered with
            success, later than `delayed_above_s`.
        by_service: the same for each service.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    total: int = 0
    failed: int = 0
    delayed: int = 0
    delayed_above_s: float = 1.0
    by_service: tuple[ServiceRequests, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StaleInstance:
    """An instance that still ran replaced code after the run."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    host: str
    service: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """A part of the job and the wall time it took, in seconds."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    took_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What happened in one run, measured against the forecast.

    Attributes:
        format: name and version of the file format.
        run: id of the run.
        outcome: how the run as a whole ended; `incomplete` while it goes on or was interrupted.
        why: what decided it.
        started_at, ended_at: seconds since the epoch.
        steps: every planned step, in the order of their start.
        omitted: what got no step, and why.
        forecast: what users were expected to notice.
        stale_before: how many instances were stale when the run began.
        stale_after: what was stale after the run; proves something only with `observed_at`.
        observed_at: when the hosts were looked at after the run, seconds since the epoch; absent
            when nobody looked.
        unobserved: hosts that did not answer then; what they run is not known.
        requests: what clients experienced; absent when no load was measured.
        phases: wall time of the whole job by part, where the run was part of a job.
        rollback_of: the run that this one undid.
        is_undoable: it knows the packages that were installed before it and were not put back.
        notes: anything else a reader must know, one sentence each.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-report/1"
    run: str
    outcome: Literal["succeeded", "failed", "rolled-back", "aborted", "incomplete"]
    why: str = ""
    started_at: float = 0.0
    ended_at: float | None = None
    steps: tuple[StepReport, ...] = ()
    omitted: tuple[Omission, ...] = ()
    forecast: tuple[Impairment, ...] = ()
    stale_before: int = 0
    stale_after: tuple[StaleInstance, ...] = ()
    observed_at: float | None = None
    unobserved: tuple[str, ...] = ()
    requests: Requests | None = None
    phases: tuple[Phase, ...] = ()
    rollback_of: str | None = None
    is_undoable: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether every host was looked at after the run and none runs replaced code."""
        return self.observed_at is not None and not self.unobserved and not self.stale_after

"""When a step that is due may really start: pauses, start limits and maintenance windows."""

from collections.abc import Collection
from dataclasses import dataclass, field

from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run
from insvc.model.words import Action
from insvc.plan.pacing import after_starts
from insvc.plan.plan import Step
from insvc.plan.windows import next_start

_TURN = {Action.SWACT, Action.LOCK, Action.UNLOCK}
_NEVER_BEGUN = "never-begun"
_NO_START = {Action.NEXT_RUN, *_TURN}


@dataclass(slots=True)
class StepTimes:
    """When the steps of a run were started and ended, by step id, in seconds of the epoch.

    Attributes:
        started_at: every start, in their order; one that the agent never saw is none.
        ended_at: the end.
    """

    started_at: dict[str, tuple[float, ...]] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)

    def note(self, record: Record) -> None:
        """Take in one more record."""
        if record.kind is RecordKind.STEP_STARTED:
            before = self.started_at.get(record.step, ())
            is_unseen = record.body.get("because") == _NEVER_BEGUN
            self.started_at[record.step] = (*(before[:-1] if is_unseen else before), record.at)
        elif record.kind is RecordKind.STEP_ENDED:
            self.ended_at[record.step] = record.at


def due_at(
    run: Run, times: StepTimes, step: Step, now: float, in_hand: Collection[str] = ()
) -> float | None:
    """From when on a step may start for which everything before it has succeeded.

    Args:
        run: as its records tell it.
        times: of its steps so far.
        step: the step.
        now: seconds since the epoch.
        in_hand: ids of steps that are being started and may have no record yet.

    Returns:
        Seconds since the epoch, now at the earliest; nothing where no maintenance window is left
        that is long enough.
    """
    policy = run.plan.policy
    at = max(now, _rested_at(run, times, step)) if step.soak_s else now
    if policy.max_starts is not None and step.action not in _NO_START:
        at = after_starts(_starts(run, times, step.host, now, in_hand), policy.max_starts, at)
    length_s = _length_s(run, step) if policy.windows else None
    return at if length_s is None else next_start(policy.windows, at, length_s)


def _rested_at(run: Run, times: StepTimes, step: Step) -> float:
    """The end of its pause."""
    ends = [times.ended_at[name] for name in step.after]
    return max(ends, default=run.created_at) + step.soak_s


def _starts(
    run: Run, times: StepTimes, host: str, now: float, in_hand: Collection[str]
) -> list[float]:
    """When something was started on the host in this run, earliest first."""
    steps = [one.id for one in run.progress.on_host(host) if one.action not in _NO_START]
    known = [at for name in steps for at in times.started_at.get(name, ())]
    begun = [now for name in steps if name in in_hand and name not in times.started_at]
    return sorted([*known, *begun])


def _length_s(run: Run, step: Step) -> float | None:
    """How long its window must stay open: for a lock, until the host is unlocked again.

    Nothing where no window matters: a host that is locked is brought back at any time.
    """
    turn = {one.action: one for one in run.progress.on_host(step.host) if one.action in _TURN}
    if Action.LOCK not in turn or Action.UNLOCK not in turn:
        return step.end_s - step.start_s
    begins_s = min(one.start_s for one in turn.values())
    if step.start_s > begins_s:
        return None
    last = turn[Action.UNLOCK] if step.action in _TURN else step
    return last.end_s - step.start_s

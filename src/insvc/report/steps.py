"""The steps of a run: what the plan wanted, joined with what the records say became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insvc.execute.run import Record, RecordKind
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Plan, Step
from insvc.report.body import Body
from insvc.report.report import Check, SeenOutage, StepEvidence, StepReport


@dataclass(frozen=True, kw_only=True, slots=True)
class _RecordedOutage:
    """An outage as the record of a step's end has it, in seconds since the epoch."""

    from_at: float
    until_at: float | None
    resolution_s: float


_OF_A_STEP = {RecordKind.STEP_STARTED, RecordKind.STEP_LOST, RecordKind.STEP_ENDED}


def build_steps(
    run: str, plan: Plan, records: Sequence[Record], began_at: float
) -> tuple[StepReport, ...]:
    """Every step of the plan, in the order of their start; those never begun by their plan.

    Args:
        run: id of the run.
        plan: what it was to do.
        records: what the journal holds of it.
        began_at: when it began, seconds since the epoch.

    Raises:
        CorruptStore: a record does not say what its kind must say.
    """
    history: dict[str, list[Record]] = {step.id: [] for step in plan.steps}
    for record in records:
        if record.kind in _OF_A_STEP:
            history.setdefault(record.step, []).append(record)
    steps = [_build(run, step, history[step.id], began_at) for step in plan.steps]
    return tuple(sorted(steps, key=_by_start))


def _by_start(step: StepReport) -> tuple[bool, float, str]:
    return (step.start_s is None, step.start_s or step.planned_start_s, step.id)


def _build(run: str, step: Step, history: Sequence[Record], began_at: float) -> StepReport:
    planned = StepReport(
        id=step.id,
        host=step.host,
        entry=step.entry,
        service=step.service,
        action=step.action,
        reason=step.reason,
        forecast_s=step.expected_outage_s,
        planned_start_s=step.start_s,
        planned_end_s=step.end_s,
        after=step.after,
        to_host=step.to_host,
    )
    if not history:
        return planned
    starts = [one.at - began_at for one in history if one.kind is RecordKind.STEP_STARTED]
    begun = replace(
        planned,
        attempts=max(one.attempt for one in history),
        start_s=starts[0] if starts else None,
    )
    last = history[-1]
    if last.kind is RecordKind.STEP_ENDED:
        return _ended(begun, Body(run, last), began_at)
    why = "it was begun, its end is not recorded"
    if last.kind is RecordKind.STEP_LOST:
        why = Body(run, last).get("why", str)
    return replace(begun, outcome=Outcome.UNKNOWN, why=why)


def _ended(step: StepReport, body: Body, began_at: float) -> StepReport:
    outages = body.find("outages", tuple[_RecordedOutage, ...]) or ()
    return replace(
        step,
        outcome=body.get("outcome", Outcome),
        why=body.get("why", str),
        end_s=None if step.start_s is None else body.record.at - began_at,
        outage_s=body.find("outage_s", float),
        outages=tuple(
            SeenOutage(
                from_s=one.from_at - began_at,
                until_s=None if one.until_at is None else one.until_at - began_at,
                resolution_s=one.resolution_s,
            )
            for one in outages
        ),
        evidence=_evidence(body),
    )


def _evidence(body: Body) -> StepEvidence:
    return StepEvidence(
        before=body.find("before", tuple[ProcessIdentity, ...]) or (),
        after=body.find("after", tuple[ProcessIdentity, ...]) or (),
        checks=body.find("checks", tuple[Check, ...]) or (),
        times=body.find("times", dict[str, float]) or {},
        said=body.find("said", str) or "",
        reaped=body.find("reaped", tuple[int, ...]) or (),
    )

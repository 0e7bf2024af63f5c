"""The steps of a run: what the plan wanted, joined with what the records say became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from insvc.execute.bodies import from_json
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run
from insvc.execute.steps import StepRun
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Step
from insvc.report.report import Check, SeenOutage, StepEvidence, StepReport

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class _RecordedOutage:
    """An outage as the record of a step's end has it, in seconds since the epoch."""

    from_at: float
    until_at: float | None
    resolution_s: float


def build_steps(run: Run, records: Sequence[Record]) -> tuple[StepReport, ...]:
    """Every step of the plan, in the order of their start; those never begun by their plan.

    Args:
        run: the records replayed.
        records: what the journal holds of it.

    Raises:
        CorruptStore: a record does not say what its kind must say.
    """
    history: dict[str, list[Record]] = {step.id: [] for step in run.plan.steps}
    for record in records:
        if record.step:
            history[record.step].append(record)
    steps = [
        _build(step, run.steps[step.id], history[step.id], run.created_at)
        for step in run.plan.steps
    ]
    return tuple(sorted(steps, key=_by_start))


def _by_start(step: StepReport) -> tuple[bool, float, str]:
    began_s = step.end_s if step.start_s is None else step.start_s
    return (began_s is None, step.planned_start_s if began_s is None else began_s, step.id)


def _build(step: Step, told: StepRun, history: Sequence[Record], began_at: float) -> StepReport:
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
        attempts=told.attempt,
        outcome=told.outcome or Outcome.UNKNOWN,
        why=told.why or "it was begun, its end is not recorded",
        start_s=starts[0] if starts else None,
    )
    return begun if told.outcome is None else _ended(begun, history[-1], began_at)


def _ended(step: StepReport, record: Record, began_at: float) -> StepReport:
    outages = _recorded(record, "outages", tuple[_RecordedOutage, ...], ())
    return replace(
        step,
        end_s=record.at - began_at,
        outage_s=_outage_s(record),
        outages=tuple(
            SeenOutage(
                from_s=one.from_at - began_at,
                until_s=None if one.until_at is None else one.until_at - began_at,
                resolution_s=one.resolution_s,
            )
            for one in outages
        ),
        evidence=StepEvidence(
            before=_recorded(record, "before", tuple[ProcessIdentity, ...], ()),
            after=_recorded(record, "after", tuple[ProcessIdentity, ...], ()),
            checks=_recorded(record, "checks", tuple[Check, ...], ()),
            times=_recorded(record, "times", dict[str, float], {}),
            said=_recorded(record, "said", str, ""),
            reaped=_recorded(record, "reaped", tuple[int, ...], ()),
        ),
    )


def _outage_s(record: Record) -> float | None:
    """The measured outage; absent where it could not be watched."""
    if record.body.get("outage_s") is None:
        return None
    return _recorded(record, "outage_s", float, 0.0)


def _recorded(record: Record, key: str, kind: type[T], absent: T) -> T:
    if key not in record.body:
        return absent
    where = f"{record.kind} {record.step}: {key}"
    return from_json(kind, record.body[key], where)

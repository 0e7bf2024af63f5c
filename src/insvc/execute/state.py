"""A run as a value: its records applied one after the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from insvc.errors import CorruptStore
from insvc.execute.bodies import from_json
from insvc.execute.run import Record, RecordKind, RunSummary
from insvc.execute.steps import LOST, UNDER_WAY, StepRun, Steps
from insvc.execute.transitions import (
    ASKED,
    RUN_TABLE,
    STEP_TABLE,
    RunState,
    StepEvent,
    end_event,
    run_event,
)
from insvc.model.act import PackageChange
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.patch.installed import InstalledPatch
from insvc.plan.plan import Plan, Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Everything that the records of one run say.

    Attributes:
        run: its id.
        state: where it is.
        plan: what it carries out.
        patch: what was installed before it, by host.
        steps: how far each step of the plan has come, by step id.
        outcome: `succeeded`, `failed`, `aborted` or `rolled-back`; absent while it has not ended.
        why: what decided the outcome.
        created_at: seconds since the epoch.
        stale_before: how many instances were stale when it was created.
        warnings: what the plan does not cover.
        rollback_of: the run that this one undoes.
        follows: the run that this one follows up.
        hosts: hosts that answered when it was created; empty where nobody looked.
        asked: the packages that arrived meanwhile and are to be followed up, oldest first.
        rollback_due: it ended, its policy is to roll back, and that has not begun.
        rollback_run: the run that undoes this one, once that has begun.
        epoch: the lease of the controller that last carried it on; `pid`: its process.
    """

    run: str
    state: RunState = RunState.NEW
    plan: Plan = field(default_factory=Plan)
    patch: Mapping[str, Sequence[PackageChange]] = field(default_factory=dict)
    steps: Mapping[str, StepRun] = field(default_factory=dict)
    outcome: str | None = None
    why: str = ""
    created_at: float = 0.0
    stale_before: int = 0
    warnings: tuple[str, ...] = ()
    rollback_of: str | None = None
    follows: str | None = None
    hosts: tuple[str, ...] = ()
    asked: tuple[InstalledPatch, ...] = ()
    rollback_due: bool = False
    rollback_run: str | None = None
    epoch: int = 0
    pid: int = 0

    @property
    def progress(self) -> Steps:
        """Its steps, and what is due among them."""
        return Steps.of(self.plan, self.steps)

    def planned(self, step: str) -> Step:
        """What the plan says of a step.

        Raises:
            KeyError: the plan has no such step.
        """
        return self.progress.planned(step)


def replay(run: str, records: Iterable[Record]) -> Run:
    """The run that these records tell.

    Raises:
        CorruptStore: a record cannot follow the ones before it, or its body does not fit.
    """
    return apply_all(Run(run=run), records)


def apply_all(run: Run, records: Iterable[Record]) -> Run:
    """The run after these records: what `apply` makes of one after the other, in far less time.

    Raises:
        CorruptStore: a record cannot follow the ones before it, or its body does not fit.
    """
    changed: dict[str, StepRun] = {}
    for record in records:
        if record.step:
            told = changed.get(record.step) or run.steps.get(record.step)
            changed[record.step] = _changed_step(run, told, record)
        else:
            run = apply(_with_steps(run, changed), record)
            changed = {}
    return _with_steps(run, changed)


def apply(run: Run, record: Record) -> Run:
    """The run after one more record.

    Raises:
        CorruptStore: the record cannot follow, or its body does not fit.
    """
    if record.step:
        told = _changed_step(run, run.steps.get(record.step), record)
        return _with_steps(run, {record.step: told})
    moved = _move(run, record)
    absorb = _ABSORB.get(record.kind)
    return moved if absorb is None else absorb(moved, record)


def _move(run: Run, record: Record) -> Run:
    """The run in its next state, by the table alone."""
    event = run_event(record.kind, str(record.body.get("outcome", "")))
    target = RUN_TABLE.get((run.state, event)) if event else None
    if target is None and event not in ASKED:
        raise _impossible(run, record)
    return replace(run, state=target or run.state)


def summarise(run: str, milestones: Sequence[Record], ended: int) -> RunSummary:
    """One line about a run.

    Args:
        run: its id.
        milestones: its records that are about no step, in order.
        ended: how many of its steps have ended.

    Raises:
        CorruptStore: a record cannot follow the ones before it.
    """
    told = Run(run=run)
    for record in milestones:
        told = _move(told, record)
    plan = milestones[0].body.get("plan", {}) if milestones else {}
    return RunSummary(
        run=run,
        state=told.state,
        created_at=milestones[0].at if milestones else 0.0,
        steps=len(plan.get("steps", ())),
        ended=ended,
    )


def _absorb_created(run: Run, record: Record) -> Run:
    body, where = record.body, f"run {run.run}: created"
    plan = from_json(Plan, _key(body, "plan", where), f"{where}: plan")
    patch = from_json(
        dict[str, tuple[PackageChange, ...]], _key(body, "patch", where), f"{where}: patch"
    )
    return replace(
        run,
        plan=plan,
        patch=patch,
        steps=Steps.of(plan),
        created_at=record.at,
        stale_before=from_json(int, _key(body, "stale_before", where), f"{where}: stale_before"),
        warnings=from_json(tuple[str, ...], _key(body, "warnings", where), f"{where}: warnings"),
        rollback_of=body.get("rollback_of"),
        follows=body.get("follows"),
        hosts=from_json(tuple[str, ...], body.get("hosts", []), f"{where}: hosts"),
    )


def _absorb_controller(run: Run, record: Record) -> Run:
    """A new controller knows nothing of what the one before it had in hand."""
    steps = run.progress
    for name in tuple(steps.having(UNDER_WAY | LOST)):
        steps = steps.moved(name, _orphaned(steps[name], record.at))
    where = f"run {run.run}: controller-started"
    epoch = from_json(int, _key(record.body, "epoch", where), f"{where}: epoch")
    pid = from_json(int, _key(record.body, "pid", where), f"{where}: pid")
    return replace(run, steps=steps, epoch=epoch, pid=pid)


def _orphaned(step: StepRun, at: float) -> StepRun:
    lost = STEP_TABLE[step.state, StepEvent.ORPHAN]
    return replace(step, state=lost, lost_at=at, why="its controller was gone before it ended")


def _absorb_end(run: Run, record: Record) -> Run:
    return replace(
        run,
        outcome=str(record.body["outcome"]),
        why=str(record.body.get("why", "")),
        rollback_due=bool(record.body.get("rollback", False)),
    )


def _absorb_rollback(run: Run, record: Record) -> Run:
    where = f"run {run.run}: rollback-started"
    other = from_json(str, _key(record.body, "run", where), f"{where}: run")
    return replace(run, rollback_run=other, rollback_due=False)


def _absorb_patch(run: Run, record: Record) -> Run:
    where = f"run {run.run}: patch-asked: patch"
    patch = from_json(
        dict[str, tuple[PackageChange, ...]], _key(record.body, "patch", where), where
    )
    return replace(run, asked=(*run.asked, InstalledPatch(at=record.at, changes=patch)))


_ABSORB = {
    RecordKind.PATCH_ASKED: _absorb_patch,
    RecordKind.CREATED: _absorb_created,
    RecordKind.CONTROLLER_STARTED: _absorb_controller,
    RecordKind.ENDED: _absorb_end,
    RecordKind.ROLLBACK_STARTED: _absorb_rollback,
    RecordKind.ROLLBACK_ENDED: _absorb_end,
}


def _with_steps(run: Run, changed: Mapping[str, StepRun]) -> Run:
    return replace(run, steps=run.progress.moved_all(changed)) if changed else run


def _changed_step(run: Run, step: StepRun | None, record: Record) -> StepRun:
    """The step after one more record about it."""
    read = _STEP_RECORDS.get(record.kind)
    if step is None or read is None:
        raise _impossible(run, record)
    event, changes = read(step, record, f"run {run.run}: {record.kind} {record.step}")
    target = STEP_TABLE.get((step.state, event))
    if target is None:
        raise _impossible(run, record)
    return replace(step, state=target, **changes)


_Change = tuple[StepEvent, dict[str, Any]]


def _read_started(step: StepRun, record: Record, where: str) -> _Change:
    body = record.body
    return StepEvent.START, {
        "attempt": record.attempt,
        "starts": step.starts + 1,
        "lost_at": None,
        "before": from_json(_Processes, body.get("before", []), f"{where}: before"),
        "ran": from_json(_Names, body.get("ran", []), f"{where}: ran"),
    }


def _read_lost(_step: StepRun, record: Record, _where: str) -> _Change:
    return StepEvent.LOSE, {"lost_at": record.at, "why": str(record.body.get("why", ""))}


def _read_ended(_step: StepRun, record: Record, where: str) -> _Change:
    outcome = from_json(Outcome, _key(record.body, "outcome", where), f"{where}: outcome")
    why = str(record.body.get("why", ""))
    forgotten = {"lost_at": None, "before": (), "ran": ()}
    return end_event(outcome), {"outcome": outcome, "why": why, **forgotten}


_Processes = tuple[ProcessIdentity, ...]
_Names = tuple[str, ...]
_STEP_RECORDS = {
    RecordKind.STEP_STARTED: _read_started,
    RecordKind.STEP_LOST: _read_lost,
    RecordKind.STEP_ENDED: _read_ended,
}


def _key(body: Mapping[str, object], key: str, where: str) -> object:
    if key not in body:
        raise CorruptStore(
            where,
            f"the key {key} is missing",
            next_act="restore the journal from a backup; it was not changed",
        )
    return body[key]


def _impossible(run: Run, record: Record) -> CorruptStore:
    about = f" of step {record.step}" if record.step else ""
    return CorruptStore(
        f"run {run.run}",
        f"holds {record.kind}{about} where the run is {run.state} and that cannot follow",
        next_act="restore the journal from a backup; it was not changed",
    )

"""From the records of a run, and a look at the hosts after it, to its Report."""

from collections.abc import Sequence
from typing import Literal

from insvc.errors import CorruptStore
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.execute.transitions import RunState
from insvc.model.observation import Observation
from insvc.model.words import InstanceState, Verdict
from insvc.report.aftermath import tell_aftermath
from insvc.report.report import Phase, Report, Requests, StaleInstance
from insvc.report.steps import build_steps

RunOutcome = Literal["succeeded", "failed", "rolled-back", "aborted", "incomplete"]

_OUTCOMES: dict[RunState, RunOutcome] = {
    RunState.SUCCEEDED: "succeeded",
    RunState.FAILED: "failed",
    RunState.ABORTED: "aborted",
    RunState.ROLLED_BACK: "rolled-back",
}
_UNFINISHED = {
    RunState.CREATED: "it was created and has not begun",
    RunState.PAUSED: "it is paused",
    RunState.ABORTING: "somebody asked to abort it and it has not ended",
}
_ENDINGS = frozenset({RecordKind.ENDED, RecordKind.ROLLBACK_ENDED})
_NOT_EXECUTING = frozenset({InstanceState.SCHEDULED, InstanceState.STOPPED, InstanceState.DISABLED})


def build_report(
    run: str,
    records: Sequence[Record],
    *,
    after: Observation | None,
    requests: Requests | None = None,
    phases: Sequence[Phase] = (),
    notes: Sequence[str] = (),
) -> Report:
    """The report of a run that has ended, goes on, or was interrupted.

    Args:
        run: its id.
        records: everything the journal holds of it.
        after: what the hosts looked like afterwards; absent when nobody looked.
        requests: what a client load experienced meanwhile.
        phases: wall time of the job around the run.
        notes: anything else a reader must know, one sentence each.

    Raises:
        CorruptStore: a record does not say what its kind must say.
    """
    if not records:
        raise CorruptStore(
            f"run {run}",
            "holds no record, one at least is expected",
            next_act="list the runs that can be read with `insvc run list`",
        )
    told = replay(run, records)
    outcome = _outcome(told)
    return Report(
        run=run,
        outcome=outcome,
        why=_why(told, outcome, records),
        started_at=told.created_at,
        ended_at=None if outcome == "incomplete" else _ended_at(records),
        steps=build_steps(told, records),
        omitted=told.plan.omitted,
        forecast=told.plan.forecast,
        stale_before=told.stale_before,
        stale_after=_stale(after),
        observed_at=_observed_at(after),
        unobserved=_unobserved(after),
        requests=requests,
        phases=tuple(phases),
        rollback_of=told.rollback_of,
        is_undoable=bool(told.patch) and told.rollback_run is None,
        notes=(
            *told.warnings,
            *tell_aftermath(told, after),
            *_unseen(after),
            *_suspects(after),
            *notes,
        ),
    )


def _outcome(told: Run) -> RunOutcome:
    return "incomplete" if told.rollback_due else _OUTCOMES.get(told.state, "incomplete")


def _ended_at(records: Sequence[Record]) -> float | None:
    return max((one.at for one in records if one.kind in _ENDINGS), default=None)


def _why(told: Run, outcome: RunOutcome, records: Sequence[Record]) -> str:
    if outcome == "incomplete":
        return _why_unfinished(told, records)
    if told.rollback_run is None:
        return told.why
    ends = [str(one.body.get("why", "")) for one in records if one.kind is RecordKind.ENDED]
    undone = "undid it" if outcome == "rolled-back" else f"could not undo it: {told.why}"
    return "; ".join([*ends[-1:], f"run {told.rollback_run} {undone}"])


def _why_unfinished(told: Run, records: Sequence[Record]) -> str:
    if told.rollback_due:
        return f"{told.why}; its rollback has not begun"
    if told.state is RunState.ROLLING_BACK:
        return f"run {told.rollback_run} undoes it and has not ended"
    if told.state is RunState.INTERRUPTED:
        stops = [one for one in records if one.kind is RecordKind.CONTROLLER_STOPPED]
        return str(stops[-1].body.get("why", "")) or "its controller was stopped"
    return _UNFINISHED.get(told.state, "it goes on, or its controller is gone")


def _stale(after: Observation | None) -> tuple[StaleInstance, ...]:
    return tuple(
        StaleInstance(host=host, service=one.service, evidence=tuple(map(str, one.evidence)))
        for host, one in (after.stale() if after else ())
        if one.state not in _NOT_EXECUTING
    )


def _observed_at(after: Observation | None) -> float | None:
    seen = after.hosts if after else ()
    return max((host.taken_at for host in seen if host.reachable), default=None)


def _unobserved(after: Observation | None) -> tuple[str, ...]:
    return tuple(host.host for host in (after.hosts if after else ()) if not host.reachable)


def _unseen(after: Observation | None) -> tuple[str, ...]:
    return tuple(
        f"{host.host}: {line}"
        for host in (after.hosts if after else ())
        if host.reachable
        for line in host.unseen
    )


def _suspects(after: Observation | None) -> tuple[str, ...]:
    return tuple(
        f"{one.service} on {host.host} is suspect, which proves nothing: "
        f"{'; '.join(map(str, one.evidence)) or 'no evidence was given'}"
        for host in (after.hosts if after else ())
        for one in host.instances
        if one.verdict is Verdict.SUSPECT and one.state not in _NOT_EXECUTING
    )

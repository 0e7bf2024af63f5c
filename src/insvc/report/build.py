"""From the records of a run, and a look at the hosts after it, to its Report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from insvc.errors import CorruptStore
from insvc.execute.run import Record, RecordKind
from insvc.model.observation import Observation
from insvc.model.words import InstanceState
from insvc.plan.plan import Plan
from insvc.report.body import Body
from insvc.report.report import Phase, Report, Requests, StaleInstance
from insvc.report.steps import build_steps

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
    created = _created(run, records)
    plan = created.get("plan", Plan)
    ending = _ending(run, records)
    return Report(
        run=run,
        outcome=ending.outcome,
        why=ending.why,
        started_at=created.record.at,
        ended_at=ending.at,
        steps=build_steps(run, plan, records, created.record.at),
        omitted=plan.omitted,
        forecast=plan.forecast,
        stale_before=created.find("stale_before", int) or 0,
        stale_after=_stale(after),
        observed_at=_observed_at(after),
        unobserved=_unobserved(after),
        requests=requests,
        phases=tuple(phases),
        rollback_of=created.find("rollback_of", str),
        notes=(*(created.find("warnings", tuple[str, ...]) or ()), *_unseen(after), *notes),
    )


def _created(run: str, records: Sequence[Record]) -> Body:
    if not records or records[0].kind is not RecordKind.CREATED:
        raise CorruptStore(
            f"run {run}",
            "its first record does not say what the run was to do",
            next_act="list the runs that can be read with `insvc run list`",
        )
    return Body(run, records[0])


_Outcome = Literal["succeeded", "failed", "rolled-back", "aborted", "incomplete"]
_ENDED: tuple[_Outcome, ...] = ("succeeded", "failed", "aborted")
_UNDONE: tuple[_Outcome, ...] = ("rolled-back", "failed")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ending:
    """How a run ended, as far as the records say; `at` is absent while it has not."""

    outcome: _Outcome
    why: str
    at: float | None = None


def _ending(run: str, records: Sequence[Record]) -> _Ending:
    ending = _Ending(outcome="incomplete", why="its end is not recorded")
    for record in records:
        body = Body(run, record)
        if record.kind is RecordKind.CONTROLLER_STOPPED:
            ending = _Ending(outcome="incomplete", why=body.get("why", str))
        elif record.kind is RecordKind.ENDED:
            ending = _ended(body)
        elif record.kind is RecordKind.ROLLBACK_STARTED:
            undoing = body.get("run", str)
            ending = _Ending(outcome="incomplete", why=f"run {undoing} undoes it and has not ended")
        elif record.kind is RecordKind.ROLLBACK_ENDED:
            outcome = body.word("outcome", _UNDONE)
            ending = _Ending(outcome=outcome, why=body.get("why", str), at=record.at)
    return ending


def _ended(body: Body) -> _Ending:
    if body.find("rollback", bool):
        why = f"{body.get('why', str)}; its rollback has not begun"
        return _Ending(outcome="incomplete", why=why)
    outcome = body.word("outcome", _ENDED)
    return _Ending(outcome=outcome, why=body.get("why", str), at=body.record.at)


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

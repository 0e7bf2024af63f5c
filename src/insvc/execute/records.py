"""Make the records of a run; `insvc.execute.run` says what each body holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from insvc.execute.bodies import to_json
from insvc.execute.run import Record, RecordKind
from insvc.execute.verify import Judgement
from insvc.model.act import ActFacts, PackageChange
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Plan


def created(  # noqa: PLR0913 - one keyword a key of the record
    plan: Plan,
    *,
    at: float,
    patch: Mapping[str, Sequence[PackageChange]],
    stale_before: int,
    warnings: Sequence[str] = (),
    rollback_of: str | None = None,
    hosts: Sequence[str] = (),
    follows: str | None = None,
) -> Record:
    """The first record of a run."""
    body: dict[str, Any] = {
        "plan": to_json(plan),
        "patch": to_json(dict(patch)),
        "rollback_of": rollback_of,
        "stale_before": stale_before,
        "warnings": list(warnings),
    }
    if hosts:
        body["hosts"] = list(hosts)
    if follows is not None:
        body["follows"] = follows
    return Record(kind=RecordKind.CREATED, at=at, body=body)


def patch_asked(patch: Mapping[str, Sequence[PackageChange]], *, at: float) -> Record:
    """A wish: these packages, once the run's own steps have ended."""
    body = {"patch": to_json(dict(patch))}
    return Record(kind=RecordKind.PATCH_ASKED, at=at, body=body)


def step_started(
    step: str,
    attempt: int,
    *,
    at: float,
    because: str,
    before: Sequence[ProcessIdentity] = (),
    ran: Sequence[str] = (),
) -> Record:
    """The intent of an act, to be written before it."""
    body = {"because": because, "before": to_json(tuple(before)), "ran": list(ran)}
    return Record(kind=RecordKind.STEP_STARTED, at=at, step=step, attempt=attempt, body=body)


def step_ended(
    step: str,
    attempt: int,
    judgement: Judgement,
    *,
    at: float,
    facts: ActFacts | None = None,
    outages: Sequence[Mapping[str, float | None]] | None = None,
    outage_s: float | None = None,
) -> Record:
    """The end of a step.

    Args:
        step: its id.
        attempt: the last try; 0 where none was begun.
        judgement: its outcome and ladder.
        at: seconds since the epoch.
        facts: what the agent saw; absent where nobody acted or answered.
        outages: what the prober saw; absent where it could not watch.
        outage_s: their sum.
    """
    seen = facts or ActFacts(step=step)
    body: dict[str, Any] = {
        "outcome": judgement.outcome.value,
        "why": judgement.why,
        "checks": to_json(judgement.checks),
        "before": to_json(seen.before),
        "after": to_json(seen.after),
        "times": dict(seen.times),
        "said": seen.said,
        "reaped": list(seen.reaped),
        "lost": list(seen.lost),
        "drained": seen.drained,
        "outage_s": outage_s,
        "outages": [dict(one) for one in outages or ()],
    }
    return Record(kind=RecordKind.STEP_ENDED, at=at, step=step, attempt=attempt, body=body)


def step_lost(step: str, attempt: int, why: str, *, at: float) -> Record:
    """What became of an act cannot be known now."""
    body = {"why": why}
    return Record(kind=RecordKind.STEP_LOST, at=at, step=step, attempt=attempt, body=body)


def skipped(step: str, why: str, *, at: float) -> Record:
    """The end of a step that can no longer be started."""
    return step_ended(step, 0, Judgement(outcome=Outcome.SKIPPED, why=why), at=at)


def ended(outcome: str, why: str, *, at: float, rollback: bool) -> Record:
    """The end of a run."""
    body = {"outcome": outcome, "why": why, "rollback": rollback}
    return Record(kind=RecordKind.ENDED, at=at, body=body)

"""Whether records follow one another as they must: intent, act, end, and no blind repeat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from insvc.check.violation import Violation, broken, contradiction
from insvc.execute.run import Record, RecordKind
from insvc.model.words import Outcome
from insvc.plan.plan import Plan

_ACTED = frozenset({Outcome.RESTARTED, Outcome.DONE})
_LOOKED = {"never-begun": 0, "still-stale": 1, "down": 1}


@dataclass(slots=True)
class _Trace:
    """How far one step had come: `waiting`, `under-way`, `lost` or `ended`."""

    state: str = "waiting"
    attempt: int = 0
    outcome: str = ""


@dataclass(slots=True)
class _Story:
    """What the records have told so far."""

    plan: Plan
    steps: dict[str, _Trace]
    after: dict[str, tuple[str, ...]]
    created: int = 0
    epoch: int = 0
    carried: bool = False
    ended: str = ""
    found: list[Violation] = field(default_factory=list)

    def fault(self, subject: str, reason: str) -> None:
        """Note that the records are wrong."""
        self.found.append(contradiction("run.records", subject, reason))


def check_records(plan: Plan, records: Sequence[Record]) -> Iterator[Violation]:
    """Read the records in their order and tell what must not be."""
    story = _Story(
        plan=plan,
        steps={step.id: _Trace() for step in plan.steps},
        after={step.id: step.after for step in plan.steps},
    )
    for record in records:
        _READ.get(record.kind, _pass)(story, record)
    yield from story.found


def _pass(_story: _Story, _record: Record) -> None:
    """Wishes and notes change nothing that is judged here."""


def _read_created(story: _Story, _record: Record) -> None:
    story.created += 1
    if story.created > 1:
        story.fault("the run", "was created twice")


def _read_controller(story: _Story, record: Record) -> None:
    epoch = int(record.body.get("epoch", 0))
    if story.carried and epoch <= story.epoch:
        why = f"a controller took over under lease {epoch}, not above {story.epoch} before it"
        story.fault("the run", why)
    story.epoch, story.carried = max(epoch, story.epoch), True
    for trace in story.steps.values():
        if trace.state == "under-way":
            trace.state = "lost"


def _read_started(story: _Story, record: Record) -> None:
    trace = _trace(story, record)
    if trace is None:
        return
    if not story.carried:
        story.fault(record.step, "was begun before any controller carried the run on")
    if story.ended:
        story.fault(record.step, "was begun after the run had ended")
    fault = _start_fault(trace, record)
    if fault:
        story.fault(record.step, fault)
    early = [name for name in story.after[record.step] if not _is_done(story.steps.get(name))]
    if early:
        why = f"was begun before {early[0]} had succeeded, which comes first (law 3)"
        story.found.append(broken(3, record.step, why, early[0], record.step))
    trace.state, trace.attempt = "under-way", record.attempt


def _start_fault(trace: _Trace, record: Record) -> str:
    because = str(record.body.get("because", ""))
    if trace.state == "ended":
        return f"was begun again after it had ended {trace.outcome}"
    if trace.state == "under-way":
        return "was begun again blindly: nobody had looked what became of the act before"
    if trace.state == "waiting":
        return "" if record.attempt == 1 else f"its first attempt is number {record.attempt}"
    if because not in _LOOKED:
        return f"was begun again blindly, because {because or 'of nothing'}"
    wanted = trace.attempt + _LOOKED[because]
    return "" if record.attempt == wanted else f"attempt {record.attempt} follows {trace.attempt}"


def _read_lost(story: _Story, record: Record) -> None:
    trace = _trace(story, record)
    if trace is None:
        return
    if trace.state not in {"under-way", "lost"}:
        story.fault(record.step, "is lost, and no intent of it was written before")
    trace.state = "lost"


def _read_ended(story: _Story, record: Record) -> None:
    trace = _trace(story, record)
    if trace is None:
        return
    outcome = str(record.body.get("outcome", ""))
    if trace.state == "ended":
        story.fault(record.step, "ended twice")
    elif record.attempt != trace.attempt:
        why = f"attempt {record.attempt} ended, and its intent was not written before the act"
        story.fault(record.step, why)
    elif trace.state == "waiting" and outcome in _ACTED:
        story.fault(record.step, f"is {outcome}, and no intent was written before the act")
    if _is_success(outcome):
        for fault in _claim_faults(record):
            story.fault(record.step, fault)
    trace.state, trace.outcome = "ended", outcome


def _claim_faults(record: Record) -> Iterator[str]:
    """What belies a success."""
    failed = [one for one in record.body.get("checks", ()) if not one.get("passed", False)]
    if failed:
        yield f"counts as {record.body['outcome']} although its check {failed[0]['name']} failed"
    before, after = record.body.get("before", []), record.body.get("after", [])
    if record.body["outcome"] == Outcome.RESTARTED and after and after[0] in before:
        yield f"counts as restarted although pid {after[0].get('pid')} ran before and runs still"


def _read_run_ended(story: _Story, record: Record) -> None:
    if story.ended:
        story.fault("the run", "ended twice")
    story.ended = str(record.body.get("outcome", ""))
    in_hand = [name for name, one in story.steps.items() if one.state in {"under-way", "lost"}]
    if in_hand:
        story.fault("the run", f"ended while nobody knew what became of {in_hand[0]}")
    undone = [name for name, one in story.steps.items() if not _is_done(one)]
    if story.ended == "succeeded" and undone:
        story.fault("the run", f"claims success although {undone[0]} did not reach its goal")


def _trace(story: _Story, record: Record) -> _Trace | None:
    trace = story.steps.get(record.step)
    if trace is None:
        story.fault(record.step, "is no step of the run's plan")
    elif not story.created:
        story.fault(record.step, "is told of before the run was created")
    return trace


def _is_done(trace: _Trace | None) -> bool:
    return trace is not None and trace.state == "ended" and _is_success(trace.outcome)


def _is_success(outcome: str) -> bool:
    return outcome in set(Outcome) and Outcome(outcome).is_success


_READ = {
    RecordKind.CREATED: _read_created,
    RecordKind.CONTROLLER_STARTED: _read_controller,
    RecordKind.STEP_STARTED: _read_started,
    RecordKind.STEP_LOST: _read_lost,
    RecordKind.STEP_ENDED: _read_ended,
    RecordKind.ENDED: _read_run_ended,
}

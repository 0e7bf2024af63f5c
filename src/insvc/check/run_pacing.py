"""Whether a run kept pauses, start limits and windows by the times of its records (law 11)."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from insvc.check.case import Case, is_act
from insvc.check.holdings import Holding
from insvc.check.pacing import ROUNDED_S, find_work, outside, too_often
from insvc.check.pauses import Resting, find_resting, tell_hurry
from insvc.check.violation import Violation, broken
from insvc.check.windows import covers
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan, Step
from insvc.plan.policy import MaxStarts

_UNSEEN = "never-begun"


@dataclass(slots=True)
class _Times:
    """When the steps of a run began first, and when they ended; `created_at`, `last_at` of it."""

    created_at: float = 0.0
    last_at: float = 0.0
    begins: dict[str, float] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)

    def note(self, record: Record) -> None:
        self.last_at = max(self.last_at, record.at)
        if record.kind is RecordKind.CREATED:
            self.created_at = record.at
        elif record.kind is RecordKind.STEP_STARTED:
            self.begins.setdefault(record.step, record.at)
        elif record.kind is RecordKind.STEP_ENDED:
            self.ends[record.step] = record.at


def check_run_pacing(plan: Plan, records: Sequence[Record], case: Case) -> Iterator[Violation]:
    """Everything that was begun too early, too often or at the wrong time.

    Args:
        plan: what was to be carried out.
        records: all of the run, in their order.
        case: the steps that were begun, and the facts they met.
    """
    yield from _check_waits(plan, records)
    yield from _check_starts(plan, records)
    times = _times_of(records)
    yield from _check_windows(case, times)
    for resting in find_resting(case):
        yield from _check_rest(case, resting, times)


def _times_of(records: Sequence[Record]) -> _Times:
    times = _Times()
    for record in records:
        times.note(record)
    return times


def _check_waits(plan: Plan, records: Sequence[Record]) -> Iterator[Violation]:
    """No step begins before the pause that its plan wants is over."""
    steps = {one.id: one for one in plan.steps if one.soak_s > 0}
    times = _Times()
    for record in records:
        step = steps.get(record.step)
        is_first = record.kind is RecordKind.STEP_STARTED and record.step not in times.begins
        if step is not None and is_first:
            latest = max(step.after, key=lambda one: times.ends.get(one, 0.0), default=None)
            ended_at = times.created_at if latest is None else times.ends.get(latest, 0.0)
            if record.at + ROUNDED_S < ended_at + step.soak_s:
                since = f"{latest} had ended" if latest else "the run was created"
                why = (
                    f"was begun {record.at - ended_at:g} s after {since}, but its plan wants a "
                    f"pause of {step.soak_s:g} s (law 11)"
                )
                yield broken(11, step.id, why, *filter(None, [latest]), step.id)
        times.note(record)


def _check_starts(plan: Plan, records: Sequence[Record]) -> Iterator[Violation]:
    """No step begins where so much was started before; to try again is never too early."""
    limit = plan.policy.max_starts
    if limit is None:
        return
    acts = {one.id: one for one in plan.steps if is_act(one)}
    starts: dict[str, list[tuple[float, str]]] = {}
    for record in records:
        step = acts.get(record.step)
        if step is None or record.kind is not RecordKind.STEP_STARTED:
            continue
        recent = starts.setdefault(step.host, [])
        if record.body.get("because") == _UNSEEN and (one := _last_of(recent, step.id)):
            recent.remove(one)
        elif record.attempt == 1:
            yield from _check_start(step, record.at, recent[-limit.count :], limit)
        recent.append((record.at, step.id))


def _last_of(starts: Sequence[tuple[float, str]], step: str) -> tuple[float, str] | None:
    return next((one for one in reversed(starts) if one[1] == step), None)


def _check_start(
    step: Step, at: float, recent: Sequence[tuple[float, str]], limit: MaxStarts
) -> Iterator[Violation]:
    if len(recent) == limit.count and at - recent[0][0] + ROUNDED_S < limit.within_s:
        names = [*(name for _, name in recent), step.id]
        yield too_often(step.host, names, at - recent[0][0], limit)


def _check_windows(case: Case, times: _Times) -> Iterator[Violation]:
    """What began was over before the windows closed; a host out of service was back by then."""
    if not case.policy.windows:
        return
    spans = {
        one.id: (times.begins[one.id], times.ends.get(one.id, times.last_at)) for one in case.steps
    }
    for work in find_work(case, spans):
        if not covers(case.policy.windows, work.begins_s, work.ends_s):
            when = f"from {work.begins_s:.3f} to {work.ends_s:.3f} (seconds of the epoch)"
            yield outside(case, work, when)


def _check_rest(case: Case, resting: Resting, times: _Times) -> Iterator[Violation]:
    """Go through the begins in their order, and count what is held or rests at each of them."""
    spans = sorted(_spans(case, resting.held, times), key=lambda one: one[0])
    ends: list[tuple[float, int, Holding]] = []
    used: dict[str, list[Holding]] = {}
    for at, (begins, until, holding) in enumerate(spans):
        while ends and ends[0][0] + resting.pause_s <= begins + ROUNDED_S:
            _, _, over = heapq.heappop(ends)
            used[over.host].remove(over)
        heapq.heappush(ends, (until, at, holding))
        used.setdefault(holding.host, []).append(holding)
        at_once = [held[0] for held in used.values() if held]
        if len(at_once) > resting.room and holding.takes:
            yield tell_hurry(resting, at_once)
            return


def _spans(
    case: Case, held: Sequence[Holding], times: _Times
) -> Iterator[tuple[float, float, Holding]]:
    ids = case.order.ids
    for one in held:
        begins = 0.0 if one.first is None else times.begins[ids[one.first]]
        until = times.last_at if one.last is None else times.ends.get(ids[one.last], times.last_at)
        yield begins, until, one

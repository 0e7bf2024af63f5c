"""What the runs so far measured of each service: medians for the next forecast."""

from collections.abc import Iterable, Iterator, Sequence

from insvc.execute.bodies import from_json
from insvc.execute.run import Record, RecordKind
from insvc.model.words import Action, Outcome
from insvc.plan.history import Measured
from insvc.plan.plan import Plan, Step

_DIGITS = 3
_HOST_ACTIONS = {Action.SWACT, Action.LOCK, Action.UNLOCK}
_DISTURBING = {RecordKind.STEP_STARTED, RecordKind.STEP_LOST}
_MEASURABLE = {Outcome.RESTARTED, Outcome.DONE}


def learn(runs: Iterable[Iterable[Record]]) -> dict[str, Measured]:
    """Medians over all measured steps of these runs, by service or host action.

    Steps that failed, were tried twice or were lost sight of do not count: what they took says
    nothing about a smooth one.

    Args:
        runs: the records of each run.

    Raises:
        CorruptStore: a plan in them does not fit.
    """
    outages_s: dict[str, list[float]] = {}
    took_s: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for records in runs:
        seen = set()
        for name, outage_s, whole_s in _samples(records):
            outages_s.setdefault(name, []).append(outage_s)
            took_s.setdefault(name, []).append(whole_s)
            seen.add(name)
        for name in seen:
            counts[name] = counts.get(name, 0) + 1
    return {
        name: Measured(
            outage_s=_median(outages_s[name]), took_s=_median(took_s[name]), runs=counts[name]
        )
        for name in sorted(counts)
    }


def _samples(records: Iterable[Record]) -> Iterator[tuple[str, float, float]]:
    """Service, outage and time taken of every step that ended well at the first try."""
    steps: dict[str, Step] = {}
    disturbances: dict[str, list[Record]] = {}
    for record in records:
        if record.kind is RecordKind.CREATED:
            plan = from_json(Plan, record.body.get("plan"), "created: plan")
            steps = {step.id: step for step in plan.steps}
        elif record.kind in _DISTURBING:
            disturbances.setdefault(record.step, []).append(record)
        elif record.kind is RecordKind.STEP_ENDED and record.step in steps:
            begun = disturbances.get(record.step, [])
            if len(begun) == 1 and record.body.get("outcome") in _MEASURABLE:
                yield from _sample(steps[record.step], begun.pop(), record)


def _sample(step: Step, begun: Record, end: Record) -> Iterator[tuple[str, float, float]]:
    took_s = max(end.at - begun.at - step.dwell_s, 0.0)
    outage_s = _outage_s(end)
    if step.action in _HOST_ACTIONS:
        yield step.action.value, took_s if outage_s is None else outage_s, took_s
    elif outage_s is not None:
        yield step.service, outage_s, took_s


def _outage_s(end: Record) -> float | None:
    """As seen from outside; else by the manager's own stamps; else nobody knows."""
    seen = end.body.get("outage_s")
    if isinstance(seen, int | float):
        return float(seen)
    times = end.body.get("times", {})
    if "stopped" in times and "ready" in times:
        return max(float(times["ready"]) - float(times["stopped"]), 0.0)
    return None


def _median(numbers: Sequence[float]) -> float:
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    low = ordered[middle - 1] if len(ordered) % 2 == 0 else ordered[middle]
    return round((low + ordered[middle]) / 2, _DIGITS)

"""What a plan promises by its times: start limits and maintenance windows (law 11).

Waits alone keep neither: both are kept by a clock. So they are judged by the planned times here,
and a run keeps them again by the real ones, which `insvc.check.run_pacing` judges afterwards.
Pauses need no clock: `insvc.check.pauses` judges them for every order of ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insvc.check.case import Case
from insvc.check.violation import Violation, broken
from insvc.check.windows import covers
from insvc.model.words import Action
from insvc.plan.plan import Step
from insvc.plan.policy import MaxStarts

ROUNDED_S = 0.002


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What must lie in windows as a whole: one step, or a host's turn out of service.

    Attributes:
        name: the step, or the first step of the turn; `steps`: ids of them all.
        begins_s: when it begins; `ends_s`: when it ends.
    """

    name: str
    steps: tuple[str, ...]
    begins_s: float
    ends_s: float


def check_starts(case: Case) -> Iterator[Violation]:
    """Law 11: by the planned times no host sees more starts within the time than allowed."""
    limit = case.policy.max_starts
    if limit is None:
        return
    starts: dict[str, list[tuple[float, str]]] = {}
    for step in case.acts():
        starts.setdefault(step.host, []).append((step.start_s, step.id))
    for host, found in starts.items():
        found.sort()
        for first, last in zip(found, found[limit.count :], strict=False):
            if last[0] - first[0] + ROUNDED_S < limit.within_s:
                together = [name for at, name in found if first[0] <= at <= last[0]]
                yield too_often(host, together, last[0] - first[0], limit)
                break


def too_often(host: str, steps: Sequence[str], took_s: float, limit: MaxStarts) -> Violation:
    """More starts on one host than the policy allows in the time."""
    why = (
        f"{', '.join(steps)} start within {took_s:g} s: {len(steps)} starts, but the policy allows "
        f"{limit.count} within {limit.within_s:g} s on one host (law 11)"
    )
    return broken(11, host, why, *steps)


def check_settled(case: Case) -> Iterator[Violation]:
    """Law 11: what its manager has started too often is left alone before it is acted on."""
    limit = case.policy.max_starts
    if limit is None:
        return
    begun_s = _earliest_s(case)
    for step in case.acts():
        one = case.facts.instance(step.host, step.service)
        waits_s = begun_s[case.node(step)]
        if one is None or one.restarts <= limit.count or waits_s + ROUNDED_S >= limit.within_s:
            continue
        why = (
            f"may start {waits_s:g} s after the run begins, but its manager has started "
            f"{step.service} {one.restarts} times already: it is left alone for "
            f"{limit.within_s:g} s first (law 11)"
        )
        yield broken(11, step.id, why, step.id)


def check_windows(case: Case) -> Iterator[Violation]:
    """Law 11: by the planned times everything lies in the maintenance windows of the policy.

    The run begins when the policy says, or else when the cloud was looked at.
    """
    if not case.policy.windows:
        return
    looked = max((one.taken_at for one in case.facts.seen.values()), default=0.0)
    origin = looked if case.policy.starts_at is None else case.policy.starts_at
    for work in find_work(case, {one.id: (one.start_s, one.end_s) for one in case.steps}):
        begins, ends = origin + work.begins_s, origin + work.ends_s
        if not covers(case.policy.windows, begins, ends):
            yield outside(case, work, f"from {begins:.0f} to {ends:.0f} (seconds of the epoch)")


def outside(case: Case, work: Work, when: str) -> Violation:
    """Something is under way while no window is open."""
    windows = ", ".join(f"{one.opens} to {one.closes}" for one in case.policy.windows)
    noun = "is" if len(work.steps) == 1 else "and what belongs to its turn are"
    why = f"{noun} under way {when}, and not all of that is in a window: {windows} (law 11)"
    return broken(11, work.name, why, *work.steps)


def find_work(case: Case, times: dict[str, tuple[float, float]]) -> Iterator[Work]:
    """Each step, but the steps between a host's way out of service and its way back as one.

    Args:
        case: what is judged.
        times: when each step begins and ends, by id.
    """
    turns: dict[str, list[Step]] = {}
    for step in case.steps:
        if case.host_step(Action.LOCK, step.host) and _is_of_turn(case, step):
            turns.setdefault(step.host, []).append(step)
        else:
            begins_s, ends_s = times[step.id]
            yield Work(name=step.id, steps=(step.id,), begins_s=begins_s, ends_s=ends_s)
    for steps in turns.values():
        steps.sort(key=lambda one: times[one.id])
        names = tuple(one.id for one in steps)
        yield Work(
            name=names[0],
            steps=names,
            begins_s=times[names[0]][0],
            ends_s=max(times[one][1] for one in names),
        )


def _is_of_turn(case: Case, step: Step) -> bool:
    lock = case.host_steps[Action.LOCK, step.host]
    leads = step.action is Action.SWACT and case.is_before(step, lock)
    return leads or step in {lock, case.host_step(Action.UNLOCK, step.host)} or case.in_lock(step)


def _earliest_s(case: Case) -> list[float]:
    """For each node, how long after the run's begin it starts at the least, by pauses alone."""
    soaks_s = {one.id: one.soak_s for one in case.steps}
    found: list[float] = []
    for name, befores in zip(case.order.ids, case.order.after, strict=True):
        before_s = max((found[one] for one in befores), default=0.0)
        found.append(before_s + soaks_s.get(name, 0.0))
    return found

"""What to do next in a run, from its value alone."""

from dataclasses import dataclass

from insvc.execute.state import Run
from insvc.execute.steps import (
    BARRED,
    DUE,
    FAILED,
    LOST,
    SKIPPED,
    SUCCEEDED,
    UNDER_WAY,
    WAITING,
    Steps,
)
from insvc.execute.transitions import RunState
from insvc.model.words import Action
from insvc.plan.plan import Step

MAX_ATTEMPTS = 3
"""A step whose act was cut short again and again is given up after this many tries."""

MAX_STARTS = 6
"""A step whose agent never sees the intent is given up after it was asked so often."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartStep:
    """Everything the step waits for has succeeded."""

    step: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolveStep:
    """Find out what became of an act that was begun."""

    step: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SkipStep:
    """The step can no longer be started."""

    step: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EndRun:
    """Nothing is left to do.

    Attributes:
        outcome: `succeeded`, `failed` or `aborted`.
        why: what decided it.
        rollback: whether the policy wants the patch undone.
    """

    outcome: str
    why: str
    rollback: bool = False


Decision = StartStep | ResolveStep | SkipStep | EndRun


def decide(run: Run) -> tuple[Decision, ...]:
    """Everything that may be done now. Asked again in the same state, it answers the same.

    Lost steps are resolved in any state, for nobody may leave a host without knowing what became
    of it. Steps start only while the run is running and its policy still allows it.
    """
    if run.state not in {RunState.RUNNING, RunState.PAUSED, RunState.ABORTING}:
        return ()
    steps = run.progress
    resolve = tuple(ResolveStep(step=name) for name in steps.having(LOST))
    going = (*resolve, *_next_steps(run, steps))
    if going or steps.has(UNDER_WAY) or _is_held(run, steps):
        return going
    return (_end(run, steps),)


def may_start(run: Run, step: str) -> bool:
    """Whether that step may be started in this state of its run."""
    steps = run.progress
    return run.state is RunState.RUNNING and steps.is_of(step, DUE) and _may_go_on(run, steps)


def may_begin_again(run: Run) -> bool:
    """Whether an act that its agent never saw may be asked for once more."""
    return run.state in {RunState.RUNNING, RunState.PAUSED} and _may_go_on(run, run.progress)


def _may_go_on(run: Run, steps: Steps) -> bool:
    return run.plan.policy.on_failure == "continue" or not steps.has(FAILED)


def _next_steps(run: Run, steps: Steps) -> tuple[Decision, ...]:
    if run.state is not RunState.RUNNING or not _may_go_on(run, steps):
        return ()
    skips = (SkipStep(step=name, why=_bar(steps, name)) for name in steps.having(BARRED))
    return (*skips, *(StartStep(step=name) for name in steps.having(DUE)))


def _bar(steps: Steps, name: str) -> str:
    """The first step it must wait for that has ended without success, in words."""
    after = steps.planned(name).after
    bad = next(one for one in after if one in steps and steps.is_of(one, FAILED | SKIPPED))
    return f"{bad} ended {steps[bad].outcome}"


def _is_held(run: Run, steps: Steps) -> bool:
    """Whether steps wait because the run is paused."""
    return run.state is RunState.PAUSED and steps.has(WAITING) and _may_go_on(run, steps)


def first_failure(run: Run) -> str | None:
    """The first step in the plan's order that ended without success, in words."""
    steps = run.progress
    for name in steps.having(FAILED):
        return f"{name} ended {steps[name].outcome}: {steps[name].why}"
    return None


def _end(run: Run, steps: Steps) -> EndRun:
    """The end of a run in which nothing is left to do."""
    failure = first_failure(run)
    if not steps.has(WAITING) and (failure is not None or not steps.has(SKIPPED)):
        return _conclude(run, failure)
    if run.state is RunState.ABORTING:
        why = _left(steps, "the run was aborted") + _left_locked(run)
        return EndRun(outcome="aborted", why=why)
    if not _may_go_on(run, steps):
        return _conclude(run, failure)
    why = failure or _left(steps, "nothing can start them")
    return EndRun(outcome="failed", why=why + _left_locked(run))


def _conclude(run: Run, failure: str | None) -> EndRun:
    if failure is None:
        return EndRun(outcome="succeeded", why=_goal(run.plan.steps))
    locked = _left_locked(run)
    if run.plan.policy.on_failure != "rollback":
        return EndRun(outcome="failed", why=failure + locked)
    if not any(run.patch.values()):
        unknown = "; it is not rolled back: what was installed before the run is not known"
        return EndRun(outcome="failed", why=failure + unknown + locked)
    return EndRun(outcome="failed", why=failure + locked, rollback=True)


def hosts_left_locked(run: Run) -> dict[str, str]:
    """The hosts that the run has locked and not unlocked: `left locked`, or `perhaps locked`."""
    steps = run.progress
    locks: dict[str, str] = {}
    for step in run.plan.steps:
        if step.action is Action.LOCK and steps.is_of(step.id, SUCCEEDED):
            locks[step.host] = "left locked"
        elif step.action is Action.LOCK and steps.is_of(step.id, FAILED):
            locks[step.host] = "perhaps locked"
        elif step.action is Action.UNLOCK and steps.is_of(step.id, SUCCEEDED):
            locks.pop(step.host, None)
    return locks


def _left_locked(run: Run) -> str:
    """The same as the end of a sentence."""
    locks = hosts_left_locked(run)
    found = {words: [host for host in locks if locks[host] == words] for words in locks.values()}
    return "".join(f"; {words}: {', '.join(hosts)}" for words, hosts in found.items())


def _goal(steps: tuple[Step, ...]) -> str:
    return "every step reached its goal" if steps else "the plan is empty: nothing to restart"


def _left(steps: Steps, why: str) -> str:
    count = sum(1 for _ in steps.having(WAITING | SKIPPED))
    noun = "step was" if count == 1 else "steps were"
    return f"{why}; {count} {noun} not started"

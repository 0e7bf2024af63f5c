"""What to do next in a run, from its value alone."""

from dataclasses import dataclass

from insvc.execute.state import Run, StepRun
from insvc.execute.transitions import RunState, StepState
from insvc.model.words import Action
from insvc.plan.plan import Step

MAX_ATTEMPTS = 3
"""A step whose act was cut short again and again is given up after this many tries."""

MAX_STARTS = 6
"""A step whose agent never sees the intent is given up after it was asked so often."""

_LOCKS = {Action.LOCK, Action.UNLOCK}


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
    in_hand = [name for name, one in run.steps.items() if one.state is StepState.UNDER_WAY]
    lost = [name for name, one in run.steps.items() if one.state is StepState.LOST]
    resolve = tuple(ResolveStep(step=name) for name in lost)
    chosen = _choose(run)
    if in_hand or lost:
        return (*resolve, *(one for one in chosen if not isinstance(one, EndRun)))
    return chosen


def may_start(run: Run, step: str) -> bool:
    """Whether that step may be started in this state of its run."""
    return StartStep(step=step) in decide(run)


def may_begin_again(run: Run) -> bool:
    """Whether an act that its agent never saw may be asked for once more."""
    is_on = run.state in {RunState.RUNNING, RunState.PAUSED}
    return is_on and (first_failure(run) is None or run.plan.policy.on_failure == "continue")


def _choose(run: Run) -> tuple[Decision, ...]:
    waiting = [step for step in run.plan.steps if run.steps[step.id].state is StepState.WAITING]
    failure = first_failure(run)
    if not waiting:
        return (_end(run, failure),)
    if run.state is RunState.ABORTING:
        why = _left(waiting, "the run was aborted") + _left_locked(run)
        return (EndRun(outcome="aborted", why=why),)
    if failure is not None and run.plan.policy.on_failure != "continue":
        return (_end(run, failure),)
    if run.state is RunState.PAUSED:
        return ()
    return _go_on(run, waiting, failure)


def _go_on(run: Run, waiting: list[Step], failure: str | None) -> tuple[Decision, ...]:
    skips = [
        SkipStep(step=step.id, why=f"{bad} ended {run.steps[bad].outcome}")
        for step in waiting
        if (bad := _bad_before(run, step)) is not None
    ]
    starts = [StartStep(step=step.id) for step in waiting if _is_due(run, step)]
    if skips or starts or _has_hope(run):
        return (*skips, *starts)
    return (EndRun(outcome="failed", why=failure or _left(waiting, "nothing can start them")),)


def _has_hope(run: Run) -> bool:
    """Whether something under way may still set waiting steps free."""
    return any(one.state in {StepState.UNDER_WAY, StepState.LOST} for one in run.steps.values())


def _bad_before(run: Run, step: Step) -> str | None:
    """A step it must wait for that has ended without success."""
    return next((name for name in step.after if _is_bad(run.steps.get(name))), None)


def _is_bad(step: StepRun | None) -> bool:
    return step is not None and step.state.is_over and step.state is not StepState.SUCCEEDED


def _is_due(run: Run, step: Step) -> bool:
    return all(
        name in run.steps and run.steps[name].state is StepState.SUCCEEDED for name in step.after
    )


def first_failure(run: Run) -> str | None:
    """The first step in the plan's order that ended without success, in words."""
    for step in run.plan.steps:
        one = run.steps[step.id]
        if _is_bad(one) and one.state is not StepState.SKIPPED:
            return f"{step.id} ended {one.outcome}: {one.why}"
    return None


def _end(run: Run, failure: str | None) -> EndRun:
    if failure is None:
        return EndRun(outcome="succeeded", why=_goal(run.plan.steps))
    if run.plan.policy.on_failure != "rollback":
        return EndRun(outcome="failed", why=failure + _left_locked(run))
    if not any(run.patch.values()):
        unknown = "; it is not rolled back: what was installed before the run is not known"
        return EndRun(outcome="failed", why=failure + unknown + _left_locked(run))
    return EndRun(outcome="failed", why=failure, rollback=True)


def _left_locked(run: Run) -> str:
    """The hosts that the run has locked and not unlocked, as the end of a sentence."""
    locked: dict[str, bool] = {}
    for step in run.plan.steps:
        if step.action in _LOCKS and run.steps[step.id].state is StepState.SUCCEEDED:
            locked[step.host] = step.action is Action.LOCK
    hosts = [host for host, is_locked in locked.items() if is_locked]
    return f"; left locked: {', '.join(hosts)}" if hosts else ""


def _goal(steps: tuple[Step, ...]) -> str:
    return "every step reached its goal" if steps else "the plan is empty: nothing to restart"


def _left(waiting: list[Step], why: str) -> str:
    noun = "step was" if len(waiting) == 1 else "steps were"
    return f"{why}; {len(waiting)} {noun} not started"

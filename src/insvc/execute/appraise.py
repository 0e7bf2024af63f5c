"""What a step still has to do, given what its host shows now: the level that triggers it."""

from collections.abc import Sequence, Set
from dataclasses import replace

from insvc.errors import AgentUnreachable
from insvc.execute.state import Run
from insvc.execute.steps import SUCCEEDED, WAITING, StepRun
from insvc.execute.verify import Judgement, Rung, goals, shows, uncured
from insvc.model.act import ActFacts
from insvc.model.observation import HostObservation, Instance, ProcessIdentity
from insvc.model.words import Action, InstanceState, Outcome, Role, Verdict
from insvc.plan.plan import Step

HOST_ACTIONS = frozenset({Action.SWACT, Action.LOCK, Action.UNLOCK})
_AT_REST = {
    InstanceState.DISABLED: Outcome.DISABLED,
    InstanceState.STOPPED: Outcome.NOT_RUNNING,
}
_DOWN = {InstanceState.STOPPED, InstanceState.FAILED}
_BETWEEN = {InstanceState.STARTING, InstanceState.STOPPING}


def appraise(
    step: Step,
    seen: Sequence[HostObservation],
    *,
    was_begun: bool = False,
    revives: bool = False,
) -> Judgement | None:
    """The outcome of a step that needs no act any more, or nothing where the act is due.

    Args:
        step: a step that is about to start.
        seen: the hosts it is about, observed just now; its own host first.
        was_begun: an act of this step was cut short before, and may have left its service down.
        revives: its run starts what has failed again (`revive_failed`), so that a failure since
            the plan was made ends nothing: a service that loops fails again and again until then.
    """
    if step.action in HOST_ACTIONS:
        return _appraise_host(step, seen)
    host = seen[0]
    instance = host.instance(step.service)
    if instance is None:
        return _ended(Outcome.NOT_RUNNING, f"no manager of {host.host} knows {step.service}")
    if step.action is Action.NEXT_RUN:
        return _appraise_job(instance)
    if was_begun and _is_left_down(host, instance):
        return None
    if revives and instance.state is InstanceState.FAILED:
        return None
    return _appraise_service(step, host, instance)


def is_settled(step: Step, seen: HostObservation) -> bool:
    """Whether its service neither starts nor stops: an act cut short may still go on without us."""
    instance = seen.instance(step.service)
    return instance is None or instance.state not in _BETWEEN


def came_up_between(
    step: Step, told: StepRun, first: HostObservation, later: HostObservation
) -> bool:
    """Whether a new run of its service began only after the first look: the act still went on.

    A manager shows no word of what it is about to do: between its stop and its start a service is
    simply down, and before them its old processes run.

    Args:
        step: what was to be done to a service.
        told: what the journal knows of it.
        first: the host some time after the act.
        later: the host again.
    """
    old = {*step.expects, *told.before}
    return not _runs_anew(first, step.service, old) and _runs_anew(later, step.service, old)


def came_up_by_itself(step: Step, found: Judgement, seen: HostObservation) -> bool:
    """Whether the step is to end only because processes were found that nobody has seen dwell."""
    instance = seen.instance(step.service)
    is_current = found.outcome is Outcome.ALREADY_CURRENT
    is_service = step.action not in HOST_ACTIONS and step.action is not Action.NEXT_RUN
    return is_current and is_service and instance is not None and bool(instance.processes)


def after_dwell(
    step: Step, found: Judgement, first: HostObservation, later: HostObservation
) -> Judgement | None:
    """What a service that came up by itself is after its dwell, or nothing where the act is due.

    Args:
        step: what was to be done to it.
        found: why nothing has to be, as far as one look tells.
        first: the host.
        later: the host again, at least the step's dwell later.
    """
    one, two = first.instance(step.service), later.instance(step.service)
    if two is None or two.state in _AT_REST:
        return appraise(step, (later,))
    is_up = one is not None and one.state is two.state is InstanceState.RUNNING
    if one is None or not is_up or two.verdict is not Verdict.CURRENT:
        return None
    is_same = one.processes[:1] == two.processes[:1] and one.restarts == two.restarts
    return found if is_same else None


def reinspect(
    step: Step, told: StepRun, first: HostObservation, later: HostObservation
) -> ActFacts | str:
    """What two looks at a host say of an act whose end nobody recorded.

    Args:
        step: what was to be done to a service.
        told: what the journal knows of it.
        first: the host some time after the act.
        later: the host again, at least the step's dwell later.

    Returns:
        The facts of a finished act; or why a further attempt is due: `still-stale` or `down`.

    Raises:
        AgentUnreachable: its manager does not say what it does, so nothing is concluded yet.
    """
    one, two = first.instance(step.service), later.instance(step.service)
    if two is not None and two.state is InstanceState.UNKNOWN:
        raise AgentUnreachable(
            step.host,
            f"nobody tells what {step.service} does: its manager does not answer",
            next_act="look again with `insvc scan` when it does",
        )
    if one is None or two is None or two.state in _DOWN or not two.processes:
        return "down"
    if two.verdict is Verdict.STALE or set(two.processes) & {*step.expects, *told.before}:
        return "still-stale"
    gone = {name for name in told.ran if not _runs(later, name)}
    is_same = one.processes[:1] == two.processes[:1]
    return ActFacts(
        step=step.id,
        attempt=told.attempt,
        manager_done=two.state is InstanceState.RUNNING,
        said=f"its end was not recorded; inspected afterwards: {two.state}, {two.verdict}",
        state=two.state,
        before=told.before or step.expects,
        after=two.processes,
        stale_evidence=two.evidence,
        is_ready=two.state is InstanceState.RUNNING,
        restarts_in_dwell=max(two.restarts - one.restarts, 0 if is_same else 1),
        dwelled_s=later.taken_at - first.taken_at,
        lost=tuple(sorted(gone - {step.service})),
        times={"ended": later.taken_at},
    )


def abandon(attempt: int) -> Judgement:
    """The outcome of a step whose agent never saw its last intent, once nothing more may start.

    Args:
        attempt: that try; one before it was begun and cut short.
    """
    if attempt == 1:
        why = "its agent never saw it, and the run starts nothing more"
        return Judgement(outcome=Outcome.SKIPPED, why=why)
    why = f"try {attempt - 1} was cut short, and the run starts nothing more"
    return Judgement(outcome=Outcome.FAILED, why=why)


def leave_to_others(run: Run, step: Step, facts: ActFacts) -> ActFacts:
    """The facts without losses that are another step's: one under way, or one that ended badly.

    Two services of one host may be restarted at the same time; each is judged by its own step.
    """
    steps = run.progress
    theirs = {
        other.service
        for other in steps.on_host(step.host)
        if other.id != step.id and not steps.is_of(other.id, WAITING | SUCCEEDED)
    }
    return replace(facts, lost=tuple(one for one in facts.lost if one not in theirs))


def running_services(seen: HostObservation) -> tuple[str, ...]:
    """Every service that runs on the host, by name."""
    return tuple(
        sorted(one.service for one in seen.instances if one.state is InstanceState.RUNNING)
    )


def _runs(seen: HostObservation, service: str) -> bool:
    instance = seen.instance(service)
    alive = {InstanceState.RUNNING, InstanceState.STARTING, InstanceState.SCHEDULED}
    return instance is not None and instance.state in alive


def _runs_anew(seen: HostObservation, service: str, old: Set[ProcessIdentity]) -> bool:
    instance = seen.instance(service)
    if instance is None or instance.state in _DOWN or not instance.processes:
        return False
    return instance.processes[0] not in old


def _appraise_host(step: Step, seen: Sequence[HostObservation]) -> Judgement | None:
    by_host = {one.host: one for one in seen}
    if not all(host in by_host and shows(by_host[host], wanted) for host, wanted in goals(step)):
        return None
    if step.cures and uncured(step, by_host[str(step.to_host)]):
        return None
    return _ended(Outcome.DONE, f"{step.host} is as the {step.action} would leave it already")


def _appraise_job(instance: Instance) -> Judgement | None:
    if instance.state is InstanceState.DISABLED:
        return _ended(Outcome.DISABLED, f"{instance.service} is disabled")
    if instance.evidence:
        return None
    return _ended(Outcome.ALREADY_CURRENT, f"{instance.service} has run with the installed code")


def _is_left_down(host: HostObservation, instance: Instance) -> bool:
    """Whether it is down and nothing but an act that was cut short accounts for it."""
    is_resting = instance.state is InstanceState.STOPPED and (
        host.locked or host.role is Role.STANDBY
    )
    return instance.state in _DOWN and not instance.processes and not is_resting


def _appraise_service(step: Step, host: HostObservation, instance: Instance) -> Judgement | None:
    if instance.state in _AT_REST:
        return _appraise_stopped(host, instance, _AT_REST[instance.state])
    if instance.state is InstanceState.FAILED:
        return _appraise_failed(step, instance)
    is_requested = bool(set(instance.processes) & set(step.expects))
    if instance.verdict is not Verdict.CURRENT or is_requested or not instance.processes:
        return None
    pids = ", ".join(f"pid {one.pid}" for one in instance.processes)
    return _ended(
        Outcome.ALREADY_CURRENT, f"{pids} was started since the plan and runs the installed code"
    )


def _appraise_failed(step: Step, instance: Instance) -> Judgement | None:
    """A plan that was made for a failed instance wants it started again."""
    if not step.expects:
        return None
    left = "a process of it is left" if instance.processes else "nothing of it runs"
    why = f"{instance.service} has failed since the plan was made, {left}"
    return _ended(Outcome.NOT_RUNNING, why)


def _appraise_stopped(host: HostObservation, instance: Instance, outcome: Outcome) -> Judgement:
    name = instance.service
    if instance.processes:
        return _ended(Outcome.UNKNOWN, f"{name} is {instance.state} but a process of it runs")
    if host.locked:
        return _ended(
            Outcome.ALREADY_CURRENT,
            f"{name} is down with its locked host, the unlock starts it with the installed code",
        )
    by_role = ", as this host stands by" if host.role is Role.STANDBY else ""
    return _ended(outcome, f"{name} is {instance.state}{by_role}: its next start uses new code")


def _ended(outcome: Outcome, why: str) -> Judgement:
    check = Rung(name="observed", passed=outcome.is_success, detail=why)
    return Judgement(outcome=outcome, why=why, checks=(check,))

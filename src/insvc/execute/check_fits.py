"""Does a plan still fit what runs? Everything that changed since it was made, in words."""

from collections import Counter
from collections.abc import Sequence

from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Topology
from insvc.model.words import Action, InstanceState, Role, Verdict
from insvc.plan.plan import Plan, Step

_MEANT_TO_BE_DOWN = {InstanceState.STOPPED, InstanceState.DISABLED, InstanceState.FAILED}


def check_fits(plan: Plan, observation: Observation, topology: Topology) -> tuple[str, ...]:
    """What changed since the plan was made; empty where the plan still fits.

    What has been restarted meanwhile and is current is no misfit: its step will end
    `already-current`.
    """
    named = {host.name for host in topology.hosts}
    seen = {one.host: one for one in observation.hosts}
    roles = {one.host: one.role for one in observation.hosts}
    locked = {one.host: one.locked for one in observation.hosts}
    misfits: list[str] = []
    for step in _in_order(plan.steps):
        host = seen.get(step.host)
        if step.host not in named or host is None:
            misfits.append(f"{step.id}: this cloud has no host {step.host}")
        elif not host.reachable:
            misfits.append(f"{step.id}: {step.host} does not answer")
        elif step.action is Action.SWACT:
            misfits += _misfit_swact(step, roles, named)
        elif step.action in {Action.LOCK, Action.UNLOCK}:
            misfits += _misfit_lock(step, locked)
        else:
            misfits += _misfit_service(step, host)
    return tuple(misfits)


def plan_faults(plan: Plan) -> tuple[str, ...]:
    """What makes a plan impossible to carry out whatever runs; empty where it is sound."""
    ids = Counter(step.id for step in plan.steps)
    twice = sorted(name for name, count in ids.items() if count > 1)
    faults = [f"step {one}: occurs more than once" for one in twice]
    faults += [
        f"step {step.id}: waits for {name}, which is no step of the plan"
        for step in plan.steps
        for name in step.after
        if name not in ids
    ]
    faults += [f"step {step.id}: {fault}" for step in plan.steps for fault in _step_faults(step)]
    if not faults and (stuck := _never_due(plan.steps)):
        faults.append(f"steps wait for each other: {', '.join(stuck)}")
    return tuple(faults)


def _step_faults(step: Step) -> list[str]:
    faults = []
    if step.action is Action.NONE:
        faults.append("its action is none")
    if step.action is Action.SWACT and step.to_host is None:
        faults.append("a swact must name the host that becomes active")
    if step.action not in {Action.SWACT, Action.LOCK, Action.UNLOCK} and not step.service:
        faults.append(f"a {step.action} must name a service")
    if step.timeout_s <= 0 or step.dwell_s < 0:
        faults.append("its timeout and dwell must be positive")
    return faults


def _never_due(steps: Sequence[Step]) -> list[str]:
    """Ids of the steps that could never start although each one before them succeeds."""
    unmet = {step.id: len(set(step.after)) for step in steps}
    followers: dict[str, list[str]] = {}
    for step in steps:
        for name in set(step.after):
            followers.setdefault(name, []).append(step.id)
    free = [name for name, count in unmet.items() if not count]
    while free:
        name = free.pop()
        del unmet[name]
        for follower in followers.get(name, ()):
            unmet[follower] -= 1
            if not unmet[follower]:
                free.append(follower)
    return sorted(unmet)


def _in_order(steps: Sequence[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: (step.start_s, step.id))


def _misfit_swact(step: Step, roles: dict[str, Role | None], named: set[str]) -> list[str]:
    """Roles as they will be when the step is due: earlier swacts of the plan have moved them."""
    misfits = []
    if roles[step.host] is not Role.ACTIVE:
        found = roles[step.host] or "neither active nor standby"
        misfits.append(f"{step.id}: {step.host} is {found}, the plan was made for it active")
    if step.to_host not in named:
        misfits.append(f"{step.id}: this cloud has no host {step.to_host}")
    roles[step.host] = Role.STANDBY
    roles[str(step.to_host)] = Role.ACTIVE
    return misfits


def _misfit_lock(step: Step, locked: dict[str, bool]) -> list[str]:
    wanted = step.action is Action.LOCK
    was = locked[step.host]
    locked[step.host] = wanted
    if was is not wanted:
        return []
    found = "locked" if was else "not locked"
    return [f"{step.id}: {step.host} is {found} already"]


def _misfit_service(step: Step, host: HostObservation) -> list[str]:
    instance = host.instance(step.service)
    if instance is None:
        return [f"{step.id}: no manager of {step.host} knows {step.service} any more"]
    if not step.expects:
        return []
    return [f"{step.id}: {what}" for what in _changes(step, instance)]


def _changes(step: Step, instance: Instance) -> list[str]:
    planned = f"pid {step.expects[0].pid}"
    if instance.state in _MEANT_TO_BE_DOWN:
        return [f"is {instance.state} now, the plan was made while {planned} ran"]
    if not instance.processes or instance.processes[0] in step.expects:
        return []
    if instance.verdict is Verdict.CURRENT:
        return []
    found = f"pid {instance.processes[0].pid}"
    return [f"runs as {found} and is {instance.verdict}, the plan was made for {planned}"]

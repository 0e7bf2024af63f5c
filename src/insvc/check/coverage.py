"""Exactly what is stale is restarted, and what is left out is left out for cause (laws 9, 10)."""

from collections.abc import Iterator

from insvc.check.case import Case
from insvc.check.facts import is_job, is_lock_only
from insvc.check.forbidden import forbidding
from insvc.check.violation import Violation, broken
from insvc.model.observation import Instance
from insvc.model.words import Action, InstanceState, Redundancy, Verdict
from insvc.plan.plan import Plan, Step

# A lock is carried out by the service manager: it stops everything but its own daemon.
_OUTLIVES_LOCK = "sm"
_SETTLED = frozenset({InstanceState.RUNNING, InstanceState.SCHEDULED})


def check_coverage(case: Case, plan: Plan) -> Iterator[Violation]:
    """None of the stale ones is missing, none that is not stale is touched."""
    steps = {(step.host, step.service): step for step in case.steps if step.service}
    yield from _check_omitted(case, plan)
    left_out = {(one.host, one.service) for one in plan.omitted}
    for (host, service), step in steps.items():
        yield from _check_called_for(case, host, service, step)
        if (host, service) in left_out:
            yield broken(10, step.id, "is restarted and left out at once (law 10)", step.id)
    for host, looked in case.facts.seen.items():
        if not looked.reachable and (host, "") not in left_out:
            yield broken(10, host, "does not answer, and the plan does not say so (law 10)")
        for instance in looked.instances:
            if (host, instance.service) not in steps:
                is_told = (host, instance.service) in left_out
                yield from _check_left_out(case, host, instance, is_told=is_told)
    yield from _check_host_steps(case)


def _check_omitted(case: Case, plan: Plan) -> Iterator[Violation]:
    """What is left out is there to be left out."""
    for one in plan.omitted:
        looked = case.facts.seen.get(one.host)
        known = case.facts.entries.get(one.service)
        if looked is None or (one.service and case.facts.instance(one.host, one.service) is None):
            name = f"{one.service}@{one.host}" if one.service else one.host
            yield broken(10, name, "is left out, and nobody has seen it (law 10)")
        elif one.entry != (known.name if known is not None else ""):
            name = f"{one.service}@{one.host}"
            why = f"is left out as one of {one.entry or 'no entry'}, which it is not (law 10)"
            yield broken(10, name, why)


def _check_called_for(case: Case, host: str, service: str, step: Step) -> Iterator[Violation]:
    instance = case.facts.instance(host, service)
    if instance is None:
        yield broken(9, step.id, f"no {service} was seen on {host} (law 9)", step.id)
        return
    entry = case.facts.entries.get(service)
    if not _calls(case, instance):
        why = f"{service} is {instance.state} and {instance.verdict}: nothing calls for an act"
        yield broken(9, step.id, f"{why} (law 9)", step.id)
    elif entry is not None and step.action is not Action.NEXT_RUN:
        law, why = forbidding(case, host, instance, entry) or (0, "")
        if law:
            yield broken(law, step.id, f"{service} {why} (law {law})", step.id)
    if set(step.expects) != set(instance.processes):
        expected = ", ".join(map(str, step.expects)) or "no process"
        found = ", ".join(map(str, instance.processes)) or "no process"
        yield broken(9, step.id, f"was made for {expected}, {found} was seen (law 9)", step.id)


def _check_left_out(
    case: Case, host: str, instance: Instance, *, is_told: bool
) -> Iterator[Violation]:
    name = f"{instance.service}@{host}"
    calls = _calls(case, instance) and not _is_forbidden(case, host, instance)
    if calls and not _is_cured(case, host, instance):
        state = "has failed" if instance.state is InstanceState.FAILED else "runs replaced code"
        why = f"{state} and no step cures it; nothing that was seen is a reason (law 9)"
        yield broken(9, name, why)
    elif not is_told and _is_remarkable(instance):
        yield broken(10, name, "calls for an act, gets none, and the plan gives no reason (law 10)")


def _calls(case: Case, instance: Instance) -> bool:
    """Whether it must be acted on."""
    entry = case.facts.entries.get(instance.service)
    if entry is None:
        return False
    if instance.state is InstanceState.FAILED:
        return case.policy.revive_failed and not is_job(instance, entry)
    if instance.state not in _SETTLED:
        return False
    if is_job(instance, entry):
        return _is_remarkable(instance)
    return instance.verdict is Verdict.STALE and entry.action is not Action.NONE


def _is_forbidden(case: Case, host: str, instance: Instance) -> bool:
    """Whether what calls for an act must be left alone all the same."""
    entry = case.facts.entries.get(instance.service)
    if entry is None or is_job(instance, entry):
        return False
    return forbidding(case, host, instance, entry) is not None


def _is_remarkable(instance: Instance) -> bool:
    odd = instance.state in {InstanceState.FAILED, InstanceState.UNKNOWN}
    return odd or instance.verdict is not Verdict.CURRENT or bool(instance.evidence)


def _is_cured(case: Case, host: str, instance: Instance) -> bool:
    """Whether a lock, a swact or an unlock starts it afresh with the installed code."""
    locks = case.host_step(Action.LOCK, host) is not None
    swact = case.host_step(Action.SWACT, host)
    if swact is not None and instance.service in swact.cures:
        return True
    takes_turns = case.facts.redundancy(instance.service) is Redundancy.ACTIVE_STANDBY
    if takes_turns and swact is not None and locks:
        return True
    if case.facts.seen[host].locked:
        locks = case.host_step(Action.UNLOCK, host) is not None
    return locks and instance.service != _OUTLIVES_LOCK


def _check_host_steps(case: Case) -> Iterator[Violation]:
    """A host is locked for something that only a lock allows, and for nothing else.

    What a swact says to cure is stale.
    """
    for host in case.policy.unlock:
        looked = case.facts.seen.get(host)
        is_back = case.host_step(Action.UNLOCK, host) is not None
        if looked is not None and looked.locked and not is_back:
            yield broken(9, host, "is locked, and the policy wants it back (unlock, law 9)")
    for (action, host), step in case.host_steps.items():
        if action is Action.SWACT:
            yield from _check_stale(case, step)
        if action is not Action.LOCK:
            continue
        if not any(_wants_lock(case, host, one) for one in case.facts.seen[host].instances):
            why = f"nothing stale on {host} needs a lock: less would do (law 8)"
            yield broken(8, step.id, why, step.id)


def _check_stale(case: Case, swact: Step) -> Iterator[Violation]:
    for service in swact.cures:
        one = case.facts.instance(swact.host, service)
        if one is not None and not _calls(case, one):
            why = f"is to cure {service}, which is {one.state} and {one.verdict} (law 9)"
            yield broken(9, swact.id, why, swact.id)


def _wants_lock(case: Case, host: str, instance: Instance) -> bool:
    entry = case.facts.entries.get(instance.service)
    wants = entry is not None and is_lock_only(entry) and _calls(case, instance)
    return wants and not _is_forbidden(case, host, instance)

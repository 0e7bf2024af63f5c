"""Whether a plan makes sense in itself: names, waits, times and reasons."""

import re
from collections import Counter
from collections.abc import Iterator

from insvc.check.case import is_act
from insvc.check.facts import HOST_ACTIONS, Facts
from insvc.check.violation import Violation, broken, contradiction
from insvc.model.words import Action
from insvc.plan.plan import Plan, Step

_ROUNDED_S = 0.002
_GROUND = re.compile(r"\blaws? (1[01]?|[2-9])\b|\bpolicy\b|\basked for by name\b")


def check_names(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Every step is named after what it does, once, and waits for steps of the plan."""
    counts = Counter(step.id for step in plan.steps)
    for name, count in counts.items():
        if count > 1:
            yield contradiction("plan.structure", name, f"occurs {count} times, once is expected")
    for step in plan.steps:
        yield from _check_name(step, facts)
        for name in dict.fromkeys(step.after):
            if name not in counts:
                why = f"waits for {name}, which is no step of the plan"
                yield contradiction("plan.structure", step.id, why, step.id)


def _check_name(step: Step, facts: Facts) -> Iterator[Violation]:
    is_host_step = step.action in HOST_ACTIONS
    what = step.action.value if is_host_step else step.service
    if step.host not in facts.hosts:
        why = f"the topology has no host {step.host}"
        yield contradiction("plan.structure", step.id, why, step.id)
    if step.id != f"{what}@{step.host}" or not what:
        why = f"is a {step.action} of {what or 'nothing'} on {step.host}, which its id denies"
        yield contradiction("plan.structure", step.id, why, step.id)
    yield from _check_parts(step, is_host_step=is_host_step)
    entry = facts.entries.get(step.service)
    if not is_host_step and (entry is None or entry.name != step.entry):
        known = f"belongs to {entry.name}" if entry else "is in no entry of the catalog"
        why = f"{step.service} {known}, the step names {step.entry or 'no entry'}"
        yield contradiction("plan.structure", step.id, why, step.id)


def _check_parts(step: Step, *, is_host_step: bool) -> Iterator[Violation]:
    """Steps say nothing that has no meaning for what they do."""
    of_service = (step.service, step.entry, step.drain, step.reap, step.expects)
    if is_host_step and (any(of_service) or step.with_dependants or step.clear_sessions):
        why = f"is a {step.action} of a whole host and names what is done to one service"
        yield contradiction("plan.structure", step.id, why, step.id)
    if step.action is not Action.SWACT and (step.to_host is not None or step.cures):
        why = f"is a {step.action} and hands no activity over, but names {step.to_host or 'cures'}"
        yield contradiction("plan.structure", step.id, why, step.id)


def check_times(plan: Plan) -> Iterator[Violation]:
    """The plan's own timeline keeps its waits, and its sums are right."""
    ends = {step.id: step.end_s for step in plan.steps}
    for step in plan.steps:
        if not 0 <= step.start_s <= step.end_s:
            why = f"starts at {step.start_s} s and ends at {step.end_s} s"
            yield contradiction("plan.timeline", step.id, why, step.id)
        latest = max(step.after, key=ends.__getitem__, default=None)
        ready_s = (0.0 if latest is None else ends[latest]) + step.soak_s
        if ready_s > step.start_s + _ROUNDED_S:
            what = f"{latest} ends at {ends[latest]} s" if latest else "the run begins at 0.0 s"
            why = f"starts at {step.start_s} s, but {what} and comes first, {step.soak_s} s later"
            yield contradiction("plan.timeline", step.id, why, step.id)
        if step.timeout_s <= 0 or step.dwell_s < 0 or step.expected_outage_s < 0:
            why = "its timeout must be positive, its dwell and outage not negative"
            yield contradiction("plan.timeline", step.id, why, step.id)
    yield from _check_sums(plan)


def check_proof(plan: Plan, dwell_s: float) -> Iterator[Violation]:
    """Every act has the time to prove that what it started stays up.

    Args:
        plan: what is judged.
        dwell_s: how long a service must run unbroken to count as restarted.
    """
    for step in plan.steps:
        if not is_act(step):
            continue
        least_s = step.dwell_s + (step.drain.timeout_s if step.drain else 0.0)
        why = ""
        if step.dwell_s < dwell_s:
            why = f"dwells for {step.dwell_s} s, but the policy wants {dwell_s} s"
        elif step.end_s - step.start_s + _ROUNDED_S < step.dwell_s:
            why = (
                f"is planned to end after {step.end_s - step.start_s:g} s, before its dwell is over"
            )
        elif step.timeout_s <= least_s:
            why = (
                f"is waited for {step.timeout_s} s, its drain and dwell alone may take {least_s} s"
            )
        if why:
            yield contradiction("plan.timeline", step.id, why, step.id)


def _check_sums(plan: Plan) -> Iterator[Violation]:
    last_s = max((step.end_s for step in plan.steps), default=0.0)
    if abs(plan.makespan_s - last_s) > _ROUNDED_S:
        why = f"its makespan is {plan.makespan_s} s, but its last step ends at {last_s} s"
        yield contradiction("plan.timeline", "the plan", why)
    if not 0 <= plan.lower_bound_s <= plan.makespan_s + _ROUNDED_S:
        why = f"its lower bound is {plan.lower_bound_s} s, its makespan {plan.makespan_s} s"
        yield contradiction("plan.timeline", "the plan", why)
    in_order = sorted(plan.steps, key=lambda step: (step.start_s, step.id))
    if list(plan.steps) != in_order:
        why = "its steps are not in the order of their starts"
        yield contradiction("plan.timeline", "the plan", why)


def check_reasons(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Law 10: every step and every omission says why.

    A step's reason names a law that there is, the policy, or a sign that was seen on its host.
    """
    for step in plan.steps:
        instance = facts.instance(step.host, step.service)
        signs = [one.subject for one in instance.evidence] if instance is not None else []
        if not step.reason.strip():
            yield broken(10, step.id, "gives no reason (law 10)", step.id)
        elif not _GROUND.search(step.reason) and not any(one in step.reason for one in signs):
            why = f"gives a reason that names no law, no wish and no evidence: {step.reason}"
            yield broken(10, step.id, f"{why} (law 10)", step.id)
    for one in plan.omitted:
        if not one.reason.strip():
            name = f"{one.service}@{one.host}" if one.service else one.host
            yield broken(10, name, "is left out and no reason is given (law 10)")

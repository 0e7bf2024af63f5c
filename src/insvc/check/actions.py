"""Whether what is done fits what is known: jobs are left to their next run (6), least first (8)."""

from collections.abc import Iterator
from dataclasses import replace

from insvc.catalog.entry import ClearSessions, Entry, GracefulWindow, ReapOrphans
from insvc.check.case import Case, is_act
from insvc.check.facts import HOST_ACTIONS, is_job
from insvc.check.violation import Violation, broken
from insvc.model.act import DrainRule
from insvc.model.words import Action
from insvc.plan.plan import Step

_WITH_DEPENDANTS = "sm-restart "


def check_actions(case: Case) -> Iterator[Violation]:
    """Laws 6 and 8, and what the catalog says must go with a restart."""
    for step in case.steps:
        entry = case.facts.entries.get(step.service)
        if step.action in HOST_ACTIONS or entry is None:
            continue
        yield from _check_action(case, step, entry)
        if is_act(step):
            yield from _check_company(step, entry)
            yield from _check_drain(case, step, entry)


def _check_action(case: Case, step: Step, entry: Entry) -> Iterator[Violation]:
    job = is_job(case.facts.instance(step.host, step.service), entry)
    if job and is_act(step):
        why = (
            f"{step.service} is a job that starts afresh each time: it is left to its next run, "
            f"never ended in the middle of one by a {step.action} (law 6)"
        )
        yield broken(6, step.id, why, step.id)
    elif not job and step.action is Action.NEXT_RUN:
        why = f"{step.service} is no job: a next run would never come, {entry.action} cures it"
        yield broken(8, step.id, f"{why} (law 8)", step.id)
    elif is_act(step) and step.action is not entry.action:
        is_up = case.facts.is_up(step.host, step.service)
        if is_up or step.action is not Action.RESTART:
            why = f"is a {step.action}, but the catalog says that {entry.action} cures it (law 8)"
            yield broken(8, step.id, why, step.id)


def _check_company(step: Step, entry: Entry) -> Iterator[Violation]:
    documented = bool(entry.restart) and entry.restart[0].run.startswith(_WITH_DEPENDANTS)
    if step.with_dependants and not documented:
        why = "takes what depends on it down too, and its documented restart does not (law 8)"
        yield broken(8, step.id, why, step.id)
    elif documented and not step.with_dependants:
        why = "leaves what depends on it running, and its documented restart does not (law 8)"
        yield broken(8, step.id, why, step.id)
    rules = entry.special_handling
    orphans = [
        one.match for one in rules if isinstance(one, ReapOrphans) and one.of == step.service
    ]
    if step.reap not in orphans and (orphans or step.reap is not None):
        why = f"must end the orphans {orphans[0]}" if orphans else "has no orphans to end"
        why += f" with it, the step ends {step.reap or 'none'} (law 8)"
        yield broken(8, step.id, why, step.id)
    if step.clear_sessions != any(isinstance(one, ClearSessions) for one in rules):
        why = "stored sessions must be deleted while it is down, and the step does not say so"
        if step.clear_sessions:
            why = "deletes stored sessions, and nothing in the catalog calls for that"
        yield broken(8, step.id, f"{why} (law 8)", step.id)


def _check_drain(case: Case, step: Step, entry: Entry) -> Iterator[Violation]:
    """What it has under way may finish first, as the catalog or the policy says."""
    known = entry.service(step.service)
    wanted = known.drain if known is not None else None
    for rule in entry.special_handling if wanted is None else ():
        if isinstance(rule, GracefulWindow):
            wanted = DrainRule(timeout_s=rule.timeout_s, on_timeout=rule.on_timeout)
            break
    if case.policy.drain_s is not None:
        wanted = replace(wanted or DrainRule(), timeout_s=case.policy.drain_s)
    if step.drain != wanted:
        why = f"is drained {_tell(step.drain)}, {_tell(wanted)} is expected (law 8)"
        yield broken(8, step.id, why, step.id)


def _tell(drain: DrainRule | None) -> str:
    if drain is None:
        return "not at all"
    return f"by {drain.signal} for {drain.timeout_s:g} s and then {drain.on_timeout}"

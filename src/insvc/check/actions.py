"""Whether what is done fits what is known: jobs are left to their next run (6), least first (8)."""

from collections.abc import Iterator

from insvc.catalog.entry import ClearSessions, Entry, ReapOrphans
from insvc.check.case import Case, is_act
from insvc.check.facts import HOST_ACTIONS, is_job
from insvc.check.violation import Violation, broken
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
    for rule in entry.special_handling:
        if isinstance(rule, ReapOrphans) and rule.of == step.service and step.reap != rule.match:
            why = f"its orphans ({rule.match}) must end with it, and the step does not say so"
            yield broken(8, step.id, f"{why} (law 8)", step.id)
        if isinstance(rule, ClearSessions) and not step.clear_sessions:
            why = "stored sessions must be deleted while it is down, and the step does not say so"
            yield broken(8, step.id, f"{why} (law 8)", step.id)

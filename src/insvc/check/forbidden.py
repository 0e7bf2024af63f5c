"""What must not be restarted now, whatever code it runs: by its class, its host, what goes on."""

from insvc.catalog.entry import Entry, NotWhile
from insvc.check.case import Case
from insvc.check.facts import is_lock_only
from insvc.model.observation import Instance
from insvc.model.words import Condition, EvidenceKind, InstanceState, Personality

_CONDITIONS = frozenset(one.value for one in Condition)


def forbidding(case: Case, host: str, instance: Instance, entry: Entry) -> tuple[int, str] | None:
    """Which law forbids an act on what calls for one, and why; or nothing where none does.

    Only what is forbidden wherever it is; not what depends on what else is down meanwhile.
    """
    runs = instance.state is InstanceState.RUNNING
    is_plain = case.facts.hosts[host].personality is Personality.HOST
    if runs and is_plain and is_lock_only(entry):
        return 1, "is cured by a reboot only on a plain host"
    for rule in entry.special_handling:
        if isinstance(rule, NotWhile) and _may_hold(case, host, rule.condition):
            why = f"is never restarted during a {rule.condition}, which cannot be ruled out now"
            return 8, why
    is_asked_for = any(one.kind is EvidenceKind.REQUESTED for one in instance.evidence)
    if runs and entry.restart_class in case.policy.leave and not is_asked_for:
        why = f"is {entry.restart_class}, which the policy leaves alone, and nobody asked for it"
        return 8, why
    return None


def _may_hold(case: Case, host: str, condition: str) -> bool:
    return condition not in _CONDITIONS or condition in case.facts.seen[host].conditions

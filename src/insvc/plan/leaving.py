"""What is left alone although it runs replaced code: by its class, by what goes on, by the host."""

from insvc.catalog.caution import caution, while_words
from insvc.catalog.entry import Entry, NotWhile
from insvc.model.observation import HostObservation, Instance
from insvc.model.topology import Host
from insvc.model.words import Action, Condition, EvidenceKind, Personality, RestartClass
from insvc.plan.policy import Policy

_HOST_ACTIONS = {Action.SWACT, Action.LOCK, Action.UNLOCK}


def needs_lock(entry: Entry) -> bool:
    """Whether its host must be out of service before it may be restarted (law 1)."""
    return (
        not entry.in_service_patchable
        or entry.restart_class is RestartClass.REBOOT_ONLY
        or entry.action in _HOST_ACTIONS
    )


def is_plain(host: Host) -> bool:
    """Whether it is part of no cloud that could take it out of service and bring it back."""
    return host.personality is Personality.HOST


def why_left(host: Host, instance: Instance, entry: Entry, policy: Policy) -> str | None:
    """Why a running service with replaced code is left alone, or nothing where it is not.

    What a person asked for by name is not left for its class; but nothing that a person says makes
    a reboot superfluous.
    """
    if is_plain(host) and needs_lock(entry):
        return f"only a reboot cures it on a plain host (law 1): {caution(entry)}"
    if entry.action is Action.NONE:
        if entry.restart_class is RestartClass.AUTO:
            return "the catalog says that nothing has to be done for it"
        return f"nothing restarts it in place: {caution(entry)}"
    is_asked_for = any(one.kind is EvidenceKind.REQUESTED for one in instance.evidence)
    if entry.restart_class in policy.leave and not is_asked_for:
        left = f"is {entry.restart_class}, and the policy leaves that alone (law 8)"
        return f"{left}: {caution(entry)}; name it to have it restarted all the same"
    return None


def why_not_now(seen: HostObservation, entry: Entry) -> str | None:
    """Which condition forbids its restart at this moment, or nothing where none does.

    A condition that nobody knows cannot be ruled out, so it forbids too.
    """
    for rule in entry.special_handling:
        if not isinstance(rule, NotWhile):
            continue
        never = f"is never restarted {while_words(rule.condition)} (law 8)"
        if rule.condition in seen.conditions:
            return f"{never}, and that is so now: wait until it has ended"
        if rule.condition not in set(Condition):
            return f"{never}, and whether that is so nobody can tell: correct the rule"
    return None

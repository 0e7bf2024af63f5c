"""Which instances call for an act, by which evidence; and which do not, and why."""

from dataclasses import dataclass

from insvc.catalog.entry import Entry
from insvc.model.observation import HostObservation, Instance
from insvc.model.topology import Host
from insvc.model.words import Action, EvidenceKind, InstanceState, Manager, Verdict
from insvc.plan.leaving import why_left, why_not_now
from insvc.plan.plan import Omission
from insvc.plan.policy import Policy
from insvc.plan.view import View

_AT_REST = {
    InstanceState.STOPPED: "is not running here and is not meant to, and its next start uses "
    "the installed code",
    InstanceState.DISABLED: "is disabled here, and its next start uses the installed code",
}
_NOT_NOW = _AT_REST | {
    InstanceState.STARTING: "is still starting: look again when it has settled",
    InstanceState.STOPPING: "is just stopping: look again when it has settled",
}
_LOADED = {
    EvidenceKind.MAPPING_REPLACED,
    EvidenceKind.SCRIPT_REPLACED,
    EvidenceKind.MODULE_REPLACED,
}


_STRANGE = {
    False: "no catalog entry knows it, so how to restart it is not known",
    True: "belongs to no manager, and no catalog entry says how to restart it: end it and start "
    "it again the way it was started",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One instance that calls for an act.

    Attributes:
        host: where it is.
        instance: what was seen of it.
        entry: the catalog entry it belongs to.
        action: what cures it.
        cause: the evidence, in words.
        revives: it is down now and is to be started again.
    """

    host: str
    instance: Instance
    entry: Entry
    action: Action
    cause: str
    revives: bool = False

    @property
    def service(self) -> str:
        """What its manager calls it."""
        return self.instance.service

    @property
    def id(self) -> str:
        """The id of its step."""
        return f"{self.instance.service}@{self.host}"

    @property
    def disrupts(self) -> bool:
        """Whether something that serves now is down meanwhile."""
        return self.action is not Action.NEXT_RUN and not self.revives


def find_needs(view: View, policy: Policy) -> tuple[tuple[Need, ...], tuple[Omission, ...]]:
    """Look at every instance: it gets a need, an omission, or nothing calls for one.

    Returns:
        the needs and the omissions, both in the order of the topology.
    """
    needs: list[Need] = []
    omitted: list[Omission] = []
    for host in view.topology.hosts:
        seen = view.seen[host.name]
        if not seen.reachable:
            omitted.append(_unreachable(seen))
        for instance in seen.instances:
            found = _judge(host, seen, instance, view.entries.get(instance.service), policy)
            if isinstance(found, Need):
                needs.append(found)
            elif found is not None:
                omitted.append(omit(view, host.name, instance.service, found))
    return tuple(needs), (*omitted, *_companions(view, needs, omitted))


def omit(view: View, host: str, service: str, reason: str) -> Omission:
    """An omission that names the entry, where one is known."""
    entry = view.entries.get(service)
    return Omission(host=host, service=service, entry=entry.name if entry else "", reason=reason)


def _unreachable(seen: HostObservation) -> Omission:
    why = f" ({'; '.join(seen.unseen)})" if seen.unseen else ""
    return Omission(
        host=seen.host,
        service="",
        reason=f"the host does not answer{why}: nothing is known of its services, and those that "
        "belong there count as down",
    )


def _judge(
    host: Host, seen: HostObservation, instance: Instance, entry: Entry | None, policy: Policy
) -> Need | str | None:
    calls = instance.verdict is not Verdict.CURRENT or bool(instance.evidence)
    state = instance.state
    if state is InstanceState.UNKNOWN:
        return "its state could not be found out, so it counts as down"
    if state is InstanceState.FAILED:
        return _revive(seen, instance, entry, policy)
    if not calls:
        return None
    if state in _NOT_NOW:
        return _NOT_NOW[state]
    return _settled(host, seen, instance, entry, policy)


def _settled(
    host: Host, seen: HostObservation, instance: Instance, entry: Entry | None, policy: Policy
) -> Need | str:
    """What calls for an act and can be acted on."""
    if entry is None:
        return f"{_STRANGE[instance.manager is Manager.NONE]}; {_signs(instance)}"
    found = _running(seen, instance, entry)
    if isinstance(found, str) or found.action is Action.NEXT_RUN:
        return found
    left = why_left(host, instance, entry, policy) or why_not_now(seen, entry)
    return found if left is None else f"{left}; {_signs(instance)}"


def _revive(
    seen: HostObservation, instance: Instance, entry: Entry | None, policy: Policy
) -> Need | str:
    if not policy.revive_failed or entry is None:
        return "has failed and counts as down: a policy with revive_failed starts it again"
    if _is_job(instance, entry):
        return "has failed, and a job is never restarted: its next run starts it afresh (law 6)"
    not_now = why_not_now(seen, entry)
    if not_now is not None:
        return f"has failed and {not_now}"
    return Need(
        host=seen.host,
        instance=instance,
        entry=entry,
        action=Action.RESTART,
        cause="has failed and the policy says to start it again (revive_failed)",
        revives=True,
    )


def _running(seen: HostObservation, instance: Instance, entry: Entry) -> Need | str:
    if instance.state is InstanceState.SCHEDULED or _is_job(instance, entry):
        when = "is in the middle of a run" if instance.processes else "runs on its schedule"
        cause = f"{when} and its next start uses the installed code (law 6); {_signs(instance)}"
        return Need(
            host=seen.host, instance=instance, entry=entry, action=Action.NEXT_RUN, cause=cause
        )
    if instance.verdict is not Verdict.STALE:
        reasons = {
            Verdict.SUSPECT: "is only suspected to run replaced code",
            Verdict.CURRENT: "runs none of the replaced code",
        }
        return f"{reasons[instance.verdict]}; {_signs(instance)}"
    kinds = {one.kind for one in instance.evidence}
    if EvidenceKind.REQUESTED in kinds and not kinds & _LOADED:
        cause = "was asked for by name"
    else:
        cause = f"runs replaced code (law 9); {_signs(instance)}"
    return Need(host=seen.host, instance=instance, entry=entry, action=entry.action, cause=cause)


def _is_job(instance: Instance, entry: Entry) -> bool:
    by_cron = Manager.CRON in {instance.manager, entry.managed_by}
    return by_cron or entry.action is Action.NEXT_RUN


def _signs(instance: Instance) -> str:
    """The first sign and how many more there are; a wish is none where there is another."""
    signs = [one for one in instance.evidence if one.kind is not EvidenceKind.REQUESTED]
    signs = signs or list(instance.evidence)
    if not signs:
        return "the observer gave no evidence"
    return f"{signs[0]}" + (f" (and {len(signs) - 1} more)" if len(signs) > 1 else "")


def _companions(view: View, needs: list[Need], omitted: list[Omission]) -> list[Omission]:
    """Instances at rest whose peers are restarted: why they get no step."""
    named = {(one.host, one.service) for one in omitted}
    found = []
    for service in dict.fromkeys(need.service for need in needs):
        for member in view.members[service]:
            if member.instance is None or (member.host, service) in named:
                continue
            reason = _AT_REST.get(member.instance.state)
            if reason is not None:
                found.append(omit(view, member.host, service, reason))
    return found

"""The alarms of a controller about its peer, and about the lease of both."""

from insvc.model.alarm import NO_ANSWER, NO_REDUNDANCY, Alarm, Severity
from insvc.model.words import Role
from insvc.supervise.swact import Nodes, NodeState


def of_pair(nodes: Nodes, *, is_silent: bool, trouble: str) -> tuple[Alarm, ...]:
    """What one controller sees of its peer and of the lease of both.

    Args:
        nodes: how both stand.
        is_silent: the peer was not heard for longer than a heartbeat may take.
        trouble: why the lease cannot be looked at, renewed or taken; empty where it can be.
    """
    entity = f"service_domain=controller.host={nodes.own.host}"
    found = []
    if trouble:
        text = f"the lease of the active controller cannot be relied on: {trouble}"
        next_act = "bring its store back, or end what still serves; until then none takes over"
        found.append(_of_pair(NO_REDUNDANCY, f"{entity}.lease", "critical", text, next_act))
    if is_silent:
        text = f"{nodes.own.host} hears nothing of {nodes.peer_name}"
        next_act = f"look whether {nodes.peer_name} and its service manager run"
        peer = f"{entity}.peer={nodes.peer_name}"
        found.append(_of_pair(NO_ANSWER, peer, "major", text, next_act))
    if nodes.own.role is Role.ACTIVE and (is_silent or _is_unfit(nodes)):
        text = f"{nodes.peer_name} could not take over from {nodes.own.host}"
        next_act = f"unlock {nodes.peer_name}, or bring it back"
        found.append(_of_pair(NO_REDUNDANCY, entity, "major", text, next_act))
    elif nodes.own.role is Role.ACTIVE and nodes.peer is not None and _has_failed(nodes.peer):
        found.append(_of_failed(entity, nodes.own.host, nodes.peer))
    return tuple(found)


def _of_failed(entity: str, own: str, peer: NodeState) -> Alarm:
    """Of a peer that has failed, which takes over by force alone; also once it rests from it."""
    names = ", ".join(peer.ailing)
    text = f"{peer.host} takes over from {own} by force alone: it has failed there: {names}"
    next_act = f"read the logs of {names} in log/ of {peer.host}, and mend what is wrong there"
    return _of_pair(NO_REDUNDANCY, entity, "major", text, next_act)


def _of_pair(alarm: str, entity: str, severity: Severity, text: str, next_act: str) -> Alarm:
    return Alarm(alarm=alarm, entity=entity, severity=severity, text=text, next_act=next_act)


def _has_failed(peer: NodeState) -> bool:
    return peer.availability == "failed"


def _is_unfit(nodes: Nodes) -> bool:
    return nodes.peer is not None and nodes.peer.operational == "disabled"

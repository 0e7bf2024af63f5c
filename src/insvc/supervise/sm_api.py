"""What sm-api is asked to do to a controller, and the forms of its answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from insvc.model.sm_table import GroupRow
from insvc.model.words import Role
from insvc.supervise.swact import Nodes, NodeState, PreCheck, Swacted, What

DOMAIN = "controller"


class Action(StrEnum):
    """What can be asked of a controller."""

    LOCK = "lock"
    UNLOCK = "unlock"
    SWACT = "swact"
    SWACT_FORCE = "swact-force"
    EVENT = "event"
    SWACT_PRE_CHECK = "swact-pre-check"
    LOCK_PRE_CHECK = "lock-pre-check"


class ErrorCode(StrEnum):
    """How it ended, in the words that clients know."""

    DONE = "0"
    NO_SUCH_HOST = "-1000"
    FAILED = "-1001"
    NOBODY_TO_SWACT_TO = "-1002"
    SOLE_PROVIDER = "-1003"


STATES: Mapping[str, frozenset[str]] = {
    "admin": frozenset({"locked", "unlocked", "unknown"}),
    "oper": frozenset({"enabled", "disabled", "unknown"}),
    "avail": frozenset(
        {"none", "available", "degraded", "failed", "offline", "online", "intest", "unknown"}
    ),
}
_FIELDS = ("origin", "action", *STATES)


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeCommand:
    """One request to do something to a controller.

    Attributes:
        origin: who asks (`mtce`); `action`: what for.
        admin, oper, avail: how the asker sees the host; empty where it does not say.
    """

    origin: str
    action: Action
    admin: str = ""
    oper: str = ""
    avail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeResult:
    """What became of a request.

    Attributes:
        code: how it ended; `details`: in words.
        impacted: services that go down by it.
    """

    code: ErrorCode
    details: str = ""
    impacted: tuple[str, ...] = ()

    def body(self, host: str, command: NodeCommand) -> dict[str, object]:
        """As it is answered."""
        return {
            "origin": "sm",
            "hostname": host,
            "action": command.action.value,
            "admin": command.admin,
            "oper": command.oper,
            "avail": command.avail,
            "error_code": self.code.value,
            "error_details": self.details,
            "impact_service_list": list(self.impacted),
        }


def read_command(value: object) -> NodeCommand | tuple[str, ...]:
    """The request of that body, or everything that is wrong with it."""
    if not isinstance(value, dict):
        return (f"found {value!r:.60}, expected an object with origin and action",)
    faults = [f"{key}: is not known; known are {', '.join(_FIELDS)}" for key in _unknown(value)]
    given = {name: value[name] for name in _FIELDS if value.get(name) is not None}
    faults += [
        f"{name}: found {one!r:.60}, expected text"
        for name, one in given.items()
        if not isinstance(one, str)
    ]
    texts = {name: one for name, one in given.items() if isinstance(one, str)}
    faults += _faults(texts, given)
    if faults:
        return tuple(faults)
    return NodeCommand(
        origin=texts["origin"],
        action=Action(texts["action"]),
        **{name: texts.get(name, "") for name in STATES},
    )


def _unknown(value: Mapping[object, object]) -> Iterable[str]:
    return sorted(str(one) for one in value if one not in _FIELDS)


def _faults(texts: Mapping[str, str], given: Mapping[str, object]) -> list[str]:
    """What lacks, and what has no such meaning."""
    needed = ("origin", "action", *(STATES if texts.get("action") == Action.EVENT else ()))
    faults = [f"{name}: is missing" for name in needed if name not in given]
    known = {"action": frozenset(Action), **STATES}
    faults += [
        f"{name}: found {texts[name]!r:.60}, expected one of {', '.join(sorted(words))}"
        for name, words in known.items()
        if name in texts and texts[name] not in words
    ]
    return faults


def pre_checked(what: What, check: PreCheck, nodes: Nodes) -> NodeResult:
    """Whether it may be done, with everything that stands against it."""
    code = ErrorCode.DONE if not check.refusals else _code(what, nodes)
    return NodeResult(code=code, details="; ".join(check.refusals), impacted=check.impacted)


def is_swacted(nodes: Nodes) -> bool:
    """Whether the host has handed over already, so that a request given twice is done."""
    own, peer = nodes.own, nodes.peer
    has_left = own.role is Role.STANDBY and nodes.is_heard
    return has_left and peer is not None and peer.role is Role.ACTIVE


def swacted(told: Swacted, nodes: Nodes, impacted: tuple[str, ...]) -> NodeResult:
    """What became of a swact."""
    if told.done:
        return NodeResult(code=ErrorCode.DONE, details=told.said, impacted=impacted)
    late = (f"not down in time: {', '.join(told.late)}",) if told.late else ()
    code = _code(What.SWACT, nodes) if told.refusals else ErrorCode.FAILED
    details = "; ".join((*told.refusals, *late)) or told.said
    return NodeResult(code=code, details=details, impacted=impacted)


def node_row(one: NodeState) -> dict[str, object]:
    """A controller, as a table of nodes holds it."""
    return {
        "name": one.host,
        "administrative_state": one.administrative,
        "operational_state": one.operational,
        "availability_status": one.availability,
        "ready_state": "enabled" if one.is_ready else "disabled",
    }


def peer_row(nodes: Nodes) -> dict[str, object] | None:
    """The other controller: as it says, or unknown in everything where it is not heard."""
    if nodes.peer_name is None:
        return None
    if nodes.peer is not None and nodes.is_heard:
        return node_row(nodes.peer)
    words = ("administrative_state", "operational_state", "availability_status", "ready_state")
    return {"name": nodes.peer_name, **dict.fromkeys(words, "unknown")}


def service_node(row: Mapping[str, object], role: Role | None) -> dict[str, object]:
    """A controller, as it is shown before something is done to it.

    Args:
        row: of the table of nodes.
        role: active or standby; absent where it is not known.
    """
    serves = "unknown" if row["ready_state"] == "unknown" else _yes(role is Role.ACTIVE)
    return {
        "origin": "sm",
        "hostname": row["name"],
        "admin": row["administrative_state"],
        "oper": row["operational_state"],
        "avail": row["availability_status"],
        "active_services": serves,
        "swactable_services": serves,
    }


def assignments(host: str, groups: Iterable[GroupRow]) -> list[dict[str, object]]:
    """Which group is assigned to the host, and how it does there."""
    return [
        {
            "name": DOMAIN,
            "node_name": host,
            "service_group_name": one.name,
            "desired_state": one.desired,
            "state": one.state,
            "status": one.status,
            "condition": one.condition,
        }
        for one in groups
    ]


def _code(what: What, nodes: Nodes) -> ErrorCode:
    if what is What.LOCK:
        is_active = nodes.own.role is Role.ACTIVE
        return ErrorCode.SOLE_PROVIDER if is_active else ErrorCode.FAILED
    peer = nodes.peer
    can_serve = peer is not None and nodes.is_heard and not peer.locked and peer.is_ready
    return ErrorCode.FAILED if can_serve else ErrorCode.NOBODY_TO_SWACT_TO


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"

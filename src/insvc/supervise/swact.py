"""Two controllers beside each other: how each stands, and whether the active one may change."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from insvc.model.words import Role

Status = Literal["none", "warn", "degraded", "failed"]
_WORST: tuple[Status, ...] = ("none", "warn", "degraded", "failed")
ONE_EACH_S = 60.0
"""How long after a change by itself the next one waits, unless the peer is wholly well."""
_MOST_NAMES = 8


class What(StrEnum):
    """What is to be done to a controller."""

    SWACT = "swact"
    LOCK = "lock"


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeState:
    """How one controller stands, by its own service manager's word.

    Source: its heartbeats, and what its service manager answers.

    Attributes:
        host: its name.
        role: active or standby; absent where hosts do not take turns.
        locked: it is out of service.
        is_ready: its service manager runs and is not ending.
        in_transition: services that are on their way up or down; the first few of them.
        held: services that are being restarted together; the first few of them.
        ailing: services that have failed as often as they may; the first few of them.
        status: what their failure means to the host.
        epoch: number of the lease by which it serves, or served last.
        holds: it counts on that lease, or is just giving it up.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    host: str
    role: Role | None = None
    locked: bool = False
    is_ready: bool = True
    in_transition: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    ailing: tuple[str, ...] = ()
    status: Status = "none"
    epoch: int = 0
    holds: bool = False

    @property
    def administrative(self) -> Literal["locked", "unlocked"]:
        """What operators have set."""
        return "locked" if self.locked else "unlocked"

    @property
    def operational(self) -> Literal["enabled", "disabled"]:
        """Whether it could serve."""
        return "enabled" if self.is_ready and not self.locked else "disabled"

    @property
    def availability(self) -> Literal["available", "degraded", "failed", "offline"]:
        """How well it serves or could serve."""
        if self.operational == "disabled":
            return "offline"
        return "failed" if self.status == "failed" else _availability(self.status)


@dataclass(frozen=True, kw_only=True, slots=True)
class Nodes:
    """The controllers, as one of them sees them.

    Attributes:
        own: the one that answers.
        peer_name: the other; absent on a host that takes no turns.
        peer: what the other said last; absent where it was never heard.
        heard_s: how long ago that was, in seconds.
        is_heard: whether that is recent enough to be believed.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    own: NodeState
    peer_name: str | None = None
    peer: NodeState | None = None
    heard_s: float | None = None
    is_heard: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PreCheck:
    """Whether something may be done to a controller.

    Attributes:
        refusals: everything that stands against it, a sentence each; nothing where it may be done.
        impacted: services that would go down on this host.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    refusals: tuple[str, ...] = ()
    impacted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Swacted:
    """What became of a change of the active controller.

    Attributes:
        done: the peer holds the lease and serves.
        said: what happened, in words.
        refusals: why nothing was begun.
        late: services that did not go down in time.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    done: bool
    said: str
    refusals: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


def first_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """So many of the names as a heartbeat carries; the last word tells that there are more."""
    if len(names) <= _MOST_NAMES:
        return names
    return (*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more")


def refusals(what: What, nodes: Nodes, *, force: bool = False) -> list[str]:
    """All that stands against it at once; nothing where it may be done.

    Args:
        what: the active controller is to change, or this host is to be locked.
        nodes: how both stand.
        force: how well they are does not count; where the peer cannot serve at all still does.
    """
    if what is What.LOCK:
        return _against_lock(nodes)
    found = _against_any_swact(nodes)
    return found if force else [*found, *_against_health(nodes)]


def swacts_by_itself(nodes: Nodes, *, since_last_s: float | None) -> bool:
    """Whether the active controller hands over because it has failed and the peer is better off.

    Both failed: it stays. Within `ONE_EACH_S` of the last time only a peer that is wholly well
    takes over, so that two ailing hosts do not pass the services to and fro.

    Args:
        nodes: how both stand.
        since_last_s: since the last change of that kind; absent where there was none.
    """
    peer = nodes.peer
    if peer is None or nodes.own.status != "failed" or _against_any_swact(nodes):
        return False
    if _WORST.index(peer.status) >= _WORST.index(nodes.own.status):
        return False
    is_early = since_last_s is not None and since_last_s < ONE_EACH_S
    return not is_early or peer.status == "none"


def _against_lock(nodes: Nodes) -> list[str]:
    own = nodes.own
    found = []
    if own.role is Role.ACTIVE and nodes.peer_name is not None:
        found.append(f"{own.host} is active: swact to {nodes.peer_name} first")
    if own.held:
        found.append(f"{own.host} restarts {', '.join(own.held)} now: wait for it")
    return found


def _against_any_swact(nodes: Nodes) -> list[str]:
    """What no force overcomes: nobody there who could serve."""
    own, peer, name = nodes.own, nodes.peer, nodes.peer_name
    if name is None:
        return [f"{own.host} takes no turns: it has no peer"]
    found = []
    if own.role is not Role.ACTIVE:
        found.append(f"{own.host} is {own.role or 'in no role'}: ask the active controller")
    if peer is None or not nodes.is_heard:
        return [*found, f"{name} is not heard: its service manager does not run, or cannot be met"]
    if peer.locked:
        found.append(f"{name} is locked: unlock it first")
    if not peer.is_ready:
        found.append(f"{name}'s service manager is ending")
    return found


def _against_health(nodes: Nodes) -> list[str]:
    """What an operator may overrule. That the own host ails is a reason to go, not to stay."""
    found = []
    for one in filter(None, (nodes.own, nodes.peer)):
        if one.in_transition:
            found.append(f"{one.host}: on their way up or down: {', '.join(one.in_transition)}")
        if one.held:
            found.append(f"{one.host} restarts {', '.join(one.held)} now: wait for it")
    peer = nodes.peer
    if peer is not None and peer.status in {"failed", "degraded"}:
        found.append(f"{peer.host} is {peer.status}: {', '.join(peer.ailing)}")
    return found


def _availability(status: Status) -> Literal["available", "degraded"]:
    return "degraded" if status == "degraded" else "available"

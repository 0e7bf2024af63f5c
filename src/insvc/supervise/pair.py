"""Which of two controllers serves: decided by a lease that is held for a time.

The active controller renews it. One that cannot ends its own services before the lease can be
taken from it; the other takes it only once it has run out and the old holder's host was told to
stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

_EARLY = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class PairDefinition:
    """The other controller, and the times of both.

    Source: `pair` in `host.json`. Times in seconds.

    Attributes:
        peer: its name; `peer_address`: where it hears heartbeats.
        port: of UDP, for heartbeats, on both.
        ttl_s: how long a lease is held that is not renewed.
        hello_s: between two heartbeats.
        dead_s: silence after which the peer counts as not heard.
        wait_s: how long a free lease is left to the one whose turn it is.
        patience_s: how long the active one must have failed unbroken before it hands over by
            itself: whoever has just restarted something has that time to undo it here.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    peer: str
    peer_address: str
    port: int = 2222
    ttl_s: float = 5.0
    hello_s: float = 0.2
    dead_s: float = 0.8
    wait_s: float = 5.0
    patience_s: float = 60.0

    @property
    def renew_s(self) -> float:
        """Between two renewals, and two looks of who waits: five to a lease."""
        return self.ttl_s / 5

    @property
    def step_down_s(self) -> float:
        """Without a renewal for so long, the holder begins to stop its services."""
        return self.ttl_s * _EARLY

    @property
    def force_s(self) -> float:
        """Without a renewal for so long, it kills what is left of them."""
        return self.ttl_s * 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenure:
    """Who holds the lease, as its store tells it.

    Attributes:
        number: of this record; every change of the lease is the next one.
        holder: the host that holds it, or held it last.
        epoch: how often it has changed hands; a later one always wins.
        renewed_at: seconds since boot, suspended time counted.
        ttl_s: how long after that it is held.
        is_released: nobody holds it.
        offered_to: the host to which it was released.
    """

    number: int
    holder: str
    epoch: int
    renewed_at: float
    ttl_s: float
    is_released: bool = False
    offered_to: str | None = None

    @property
    def early_s(self) -> float:
        """Without a renewal for so long, its holder is stepping down, or hangs."""
        return self.ttl_s * _EARLY

    def is_held(self, now: float) -> bool:
        """Whether its holder may still be serving."""
        return not self.is_released and now < self.renewed_at + self.ttl_s


class State(StrEnum):
    """What a controller does about the lease."""

    STANDBY = "standby"
    FENCING = "fencing"
    ACTIVE = "active"
    YIELDING = "yielding"
    FALLING = "falling"


class Event(StrEnum):
    """What one look at the lease, the clock and the own services tells.

    Attributes:
        MINE: the lease names this host, and it may serve.
        FREE: nobody holds it, and it is this host's turn.
        PEERS: the other one holds it, or it is the other one's turn.
        EXPIRED: the other one has not renewed it in time.
        FENCED: the same, and its host has stopped everything, or is not there.
        YIELD: the lease names this host, which is to give it up.
        LATE: this host could not renew it for too long.
        DOWN: none of its services runs any more, as was wanted.
    """

    MINE = "mine"
    FREE = "free"
    PEERS = "peers"
    EXPIRED = "expired"
    FENCED = "fenced"
    YIELD = "yield"
    LATE = "late"
    DOWN = "down"


class Act(StrEnum):
    """What a table asks for: of the lease, of the peer's host, or of the own services."""

    TAKE = "take"
    RENEW = "renew"
    RELEASE = "release"
    FENCE = "fence"
    SERVE = "serve"
    STOP = "stop"
    FORCE = "force"


_SERVE = (State.ACTIVE, (Act.RENEW, Act.SERVE))
_LOST = (State.FALLING, (Act.STOP, Act.FORCE))
_LATE = (State.FALLING, (Act.STOP,))

TABLE: Mapping[tuple[State, Event], tuple[State, tuple[Act, ...]]] = MappingProxyType(
    {
        (State.STANDBY, Event.MINE): _SERVE,
        (State.STANDBY, Event.FREE): (State.STANDBY, (Act.TAKE,)),
        (State.STANDBY, Event.PEERS): (State.STANDBY, ()),
        (State.STANDBY, Event.EXPIRED): (State.FENCING, (Act.FENCE,)),
        (State.STANDBY, Event.FENCED): (State.STANDBY, (Act.TAKE,)),
        (State.STANDBY, Event.YIELD): (State.STANDBY, (Act.RELEASE,)),
        (State.STANDBY, Event.LATE): (State.STANDBY, ()),
        (State.STANDBY, Event.DOWN): (State.STANDBY, ()),
        (State.FENCING, Event.MINE): _SERVE,
        (State.FENCING, Event.FREE): (State.STANDBY, (Act.TAKE,)),
        (State.FENCING, Event.PEERS): (State.STANDBY, ()),
        (State.FENCING, Event.EXPIRED): (State.FENCING, (Act.FENCE,)),
        (State.FENCING, Event.FENCED): (State.STANDBY, (Act.TAKE,)),
        (State.FENCING, Event.YIELD): (State.STANDBY, (Act.RELEASE,)),
        (State.FENCING, Event.LATE): (State.FENCING, ()),
        (State.FENCING, Event.DOWN): (State.FENCING, ()),
        (State.ACTIVE, Event.MINE): (State.ACTIVE, (Act.RENEW,)),
        (State.ACTIVE, Event.FREE): _LOST,
        (State.ACTIVE, Event.PEERS): _LOST,
        (State.ACTIVE, Event.EXPIRED): _LOST,
        (State.ACTIVE, Event.FENCED): _LOST,
        (State.ACTIVE, Event.YIELD): (State.YIELDING, (Act.RENEW, Act.STOP)),
        (State.ACTIVE, Event.LATE): _LATE,
        (State.ACTIVE, Event.DOWN): (State.ACTIVE, ()),
        (State.YIELDING, Event.MINE): _SERVE,
        (State.YIELDING, Event.FREE): _LOST,
        (State.YIELDING, Event.PEERS): _LOST,
        (State.YIELDING, Event.EXPIRED): _LOST,
        (State.YIELDING, Event.FENCED): _LOST,
        (State.YIELDING, Event.YIELD): (State.YIELDING, (Act.RENEW,)),
        (State.YIELDING, Event.LATE): _LATE,
        (State.YIELDING, Event.DOWN): (State.STANDBY, (Act.RELEASE,)),
        (State.FALLING, Event.MINE): (State.FALLING, ()),
        (State.FALLING, Event.FREE): (State.FALLING, ()),
        (State.FALLING, Event.PEERS): (State.FALLING, ()),
        (State.FALLING, Event.EXPIRED): (State.FALLING, ()),
        (State.FALLING, Event.FENCED): (State.FALLING, ()),
        (State.FALLING, Event.YIELD): (State.FALLING, ()),
        (State.FALLING, Event.LATE): (State.FALLING, ()),
        (State.FALLING, Event.DOWN): (State.STANDBY, ()),
    }
)
"""Every event is decided in every state. A lease that cannot be looked at is no event."""

HOLDS = frozenset({State.ACTIVE, State.YIELDING})
"""States in which the lease is renewed, and the services count on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What a controller knows when it looks at the lease.

    Attributes:
        host: its name; `now`: seconds since boot.
        tenure: the lease; absent where it was never taken.
        is_fit: it may serve: neither locked nor ending, and not asked to hand over.
        is_first: without any lease it is the one that serves first.
        is_asked: an operator wants it to be active.
        seen_free_s: how long it has seen a free lease.
        is_silent: the peer's service manager is not heard.
        fenced: number of the tenure whose host has stopped everything or is not there; 0 for none.
            One that was renewed since has another number: its host may serve again.
        stopped: number of the tenure whose host has said that it has; 0 for none.
        is_down: none of its services runs that only the active one runs.
        wait_s: how long a free lease is left to the one whose turn it is.
    """

    host: str
    now: float
    tenure: Tenure | None
    is_fit: bool = True
    is_first: bool = False
    is_asked: bool = False
    seen_free_s: float = 0.0
    is_silent: bool = False
    fenced: int = 0
    stopped: int = 0
    is_down: bool = False
    wait_s: float = 5.0


def see(state: State, view: View) -> Event:
    """What the look tells."""
    if view.is_down and (state is State.FALLING or (state is State.YIELDING and not view.is_fit)):
        return Event.DOWN
    tenure = view.tenure
    if tenure is not None and tenure.holder == view.host and not tenure.is_released:
        return Event.MINE if view.is_fit else Event.YIELD
    if not view.is_fit:
        return Event.PEERS
    if tenure is None or tenure.is_released:
        return Event.FREE if _is_own_turn(view) else Event.PEERS
    if not tenure.is_held(view.now):
        return Event.FENCED if view.fenced == tenure.number else Event.EXPIRED
    return _of_held(tenure, view)


def _of_held(tenure: Tenure, view: View) -> Event:
    """A lease that has not run out is taken only from a host that says itself that it has stopped.

    Silence is the reason to ask it for that early.
    """
    if not view.is_silent or view.now < tenure.renewed_at + tenure.early_s:
        return Event.PEERS
    return Event.FENCED if view.stopped == tenure.number else Event.EXPIRED


def _is_own_turn(view: View) -> bool:
    """Whose turn a free lease is: to whom it was offered, else who held it last, else the first.

    After a while it is anybody's, for that one may be gone.
    """
    if view.is_asked or view.seen_free_s >= view.wait_s:
        return True
    tenure = view.tenure
    if tenure is None:
        return view.is_first
    return view.host == (tenure.offered_to or tenure.holder)

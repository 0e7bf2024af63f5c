"""How a service is to be restarted, and its manager's account of it."""

from dataclasses import dataclass, field
from typing import ClassVar

from insvc.model.act import DrainRule
from insvc.model.words import Action


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """How a service is to be restarted.

    Attributes:
        service: its name.
        action: restart, or what less (reload, handoff) or else (handler) cures it.
        with_dependants: what depends on it goes down and up with it (sm).
        drain: how it is stopped; as its definition says where absent.
        clears_sessions: stored user sessions are deleted while it is down.
        timeout_s: how long to wait for its end.
        was_begun: an act was cut short before, and may have left it stopped.
    """

    service: str
    action: Action = Action.RESTART
    with_dependants: bool = False
    drain: DrainRule | None = None
    clears_sessions: bool = False
    timeout_s: float = 60.0
    was_begun: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Restarted:
    """What the manager says of a restart.

    Attributes:
        done: it is up again after it has been down, or has loaded its new code without that.
        said: why not, or how, in the manager's own words.
        drained: it ended by itself within its drain time; absent where nothing ran.
        times: stopped, started and ready, in seconds since the epoch.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    done: bool
    said: str
    drained: bool | None = None
    times: dict[str, float] = field(default_factory=dict)

"""What an operator allows a plan to do."""

from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from insvc.model.words import RestartClass

Limit = int | str
"""A count, or a part of all members as a percentage (`25%`): rounded down, but one at least."""


LEFT_ALONE: Final = (
    RestartClass.DEFERRED,
    RestartClass.ORDERED,
    RestartClass.SESSION_KILLING,
    RestartClass.REBOOT_ONLY,
)
"""What is not restarted on a plain host unless somebody asks for it by name."""


def allowed(limit: Limit, total: int) -> int:
    """How many of so many a limit allows.

    Raises:
        ValueError: it is neither a count nor a percentage.
    """
    if isinstance(limit, int):
        return limit
    if not limit.endswith("%"):
        raise ValueError(f"{limit!r} is neither a count nor a percentage")
    return max(1, int(float(limit[:-1]) * total / 100))


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A time in which steps may be under way.

    Attributes:
        opens: seconds since the epoch; or a time of day in UTC (`22:00`), then it opens daily.
        closes: the same kind of value; a time of day before `opens` is one of the next day.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    opens: float | str
    closes: float | str


@dataclass(frozen=True, kw_only=True, slots=True)
class MaxStarts:
    """How many steps may start something on one host within any such time (law 11)."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    count: int
    within_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Limits and preferences. The defaults are the careful choice.

    Attributes:
        format: name and version of the file format.
        max_unavailable: instances of one service that may be down at once (1 or more), counting
            those observed down, or a percentage of all of them; quorum rules may be stricter,
            never looser.
        max_unavailable_of: the same for single services, by name.
        max_unavailable_per_domain: the same within one failure domain; absent means no limit
            beside those above. That a service is restarted domain after domain is how plans are
            made and no law: what stops along with another service may be down elsewhere then.
        parallel_hosts: hosts of one personality that may be worked on at once, by personality:
            a count, or a percentage of all of them.
        parallel_services: steps that may be under way on one host at once.
        allow_lock: whether what is not patchable in service may be restarted by swact and lock.
        swact: `for-locks`: activity is handed over only where the active host must be locked;
            `by-estimate`: also where a swact to a standby with the installed code costs less than
            restarts in place, outages added up over services.
        unlock: locked hosts that are brought back into service first, once what only a locked
            host allows is restarted there: the end of a turn that an earlier run has begun.
        on_failure: what a run does when a step fails.
        dwell_s: how long a service must run unbroken to count as restarted.
        revive_failed: whether instances observed as failed are started again too.
        drain_s: overrides every drain timeout, where given.
        soak_s: pause after a step: for so long it keeps its place in the budget of its service,
            so that the next host of the service is worked on, or locked, no sooner.
        soak_s_of: the same for single services; and for personalities: for so long a host keeps
            its place in `parallel_hosts`, and a locked host is followed by the next one no sooner.
        max_starts: how many steps may start something on one host in so many seconds. What its
            manager has started more often already is left alone for that long first; an act that
            was cut short is tried again at once.
        prefer_first: entries, services and hosts that go first, in this order, where laws leave
            a choice; `prefer_last`: those that go last.
        order: steps, by id, that are given their places in this order, as far as the laws let
            them, before all others; `insvc plan --improve` finds one.
        windows: when steps may be under way; none means always. What does not fit before one
            closes waits for the next.
        starts_at: when the run is to begin, in seconds since the epoch; absent means when the
            observation was taken.
        carries_traffic: further entries that carry insvc's own traffic here and go last (law 7),
            by their names or by those of their services: an entry is restarted as a whole, so it
            goes last as a whole.
        leave: restart classes that are left alone, but for what was asked for by name.
        on_second_patch: what happens when a further patch arrives while a run is open: `refuse`
            it, `queue` it until the run has ended, or `merge` it: what it makes stale meanwhile
            is carried out by a run that follows.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-policy/1"
    max_unavailable: Limit = 1
    max_unavailable_of: dict[str, Limit] = field(default_factory=dict)
    max_unavailable_per_domain: Limit | None = None
    parallel_hosts: dict[str, Limit] = field(default_factory=dict)
    parallel_services: int = 2
    allow_lock: bool = False
    swact: Literal["for-locks", "by-estimate"] = "for-locks"
    unlock: tuple[str, ...] = ()
    on_failure: Literal["stop", "continue", "rollback"] = "stop"
    dwell_s: float = 1.0
    revive_failed: bool = False
    drain_s: float | None = None
    soak_s: float = 0.0
    soak_s_of: dict[str, float] = field(default_factory=dict)
    max_starts: MaxStarts | None = None
    prefer_first: tuple[str, ...] = ()
    prefer_last: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    starts_at: float | None = None
    carries_traffic: tuple[str, ...] = ()
    leave: tuple[RestartClass, ...] = ()
    on_second_patch: Literal["refuse", "queue", "merge"] = "refuse"


CAREFUL: Final = Policy(leave=LEFT_ALONE, on_failure="continue")
"""What a plan for a plain host may do unless a person says more."""

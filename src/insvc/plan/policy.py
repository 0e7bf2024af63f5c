"""What an operator allows a plan to do."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Limits and preferences. The defaults are the careful choice.

    Attributes:
        format: name and version of the file format.
        max_unavailable: instances of one service that may be down at once (1 or more), counting
            those observed down; quorum rules may be stricter, never looser.
        max_unavailable_of: the same for single services, by name.
        parallel_hosts: hosts of one personality that may be worked on at once, by personality.
        parallel_services: steps that may be under way on one host at once.
        allow_lock: whether what is not patchable in service may be restarted by swact and lock.
        on_failure: what a run does when a step fails.
        dwell_s: how long a service must run unbroken to count as restarted.
        revive_failed: whether instances observed as failed are started again too.
        drain_s: overrides every drain timeout, where given.
        on_second_patch: what happens when a further patch arrives while a run is open: `refuse`
            it, `queue` it until the run has ended, or `merge` it: what it makes stale meanwhile
            is carried out by a run that follows.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-policy/1"
    max_unavailable: int = 1
    max_unavailable_of: dict[str, int] = field(default_factory=dict)
    parallel_hosts: dict[str, int] = field(default_factory=dict)
    parallel_services: int = 2
    allow_lock: bool = False
    on_failure: Literal["stop", "continue", "rollback"] = "stop"
    dwell_s: float = 1.0
    revive_failed: bool = False
    drain_s: float | None = None
    on_second_patch: Literal["refuse", "queue", "merge"] = "refuse"

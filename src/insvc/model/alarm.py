"""Alarms: what is wrong now, as operators know it, by a key that never changes with its text."""

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

Severity = Literal["critical", "major", "minor", "warning"]


class AlarmKey(NamedTuple):
    """What makes two alarms the same: which condition, of what. Never the text."""

    alarm: str
    entity: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One condition that calls for somebody.

    Source: facts of the moment; an alarm that no fact supports any more is cleared.

    Attributes:
        alarm: its number (`200.006`); see `NUMBERS`.
        entity: what it is about (`host=compute-0.process=nova-compute`).
        severity: how much it matters.
        text: what was found, in words.
        next_act: what the reader can do.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    alarm: str
    entity: str
    severity: Severity
    text: str
    next_act: str

    @property
    def key(self) -> AlarmKey:
        """By what it is raised once and cleared."""
        return AlarmKey(self.alarm, self.entity)


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmChange:
    """That an alarm was raised, changed its severity or text, or was cleared.

    Attributes:
        at: seconds since the epoch.
        what: which of them.
        alarm: the alarm as it is, or was.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    at: float
    what: Literal["raised", "changed", "cleared"]
    alarm: Alarm


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingAlarm:
    """An alarm that stands.

    Attributes:
        alarm: which.
        since: when it was raised, seconds since the epoch.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    alarm: Alarm
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class HostAlarms:
    """What a host's managers hold of alarms: those that stand, and the newest changes in order."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    standing: tuple[StandingAlarm, ...] = ()
    changes: tuple[AlarmChange, ...] = ()


PROCESS_FAILED = "200.006"
SERVICE_FAILED = "400.001"
NO_REDUNDANCY = "400.002"
NO_ANSWER = "400.005"
DEVELOPER_CERTIFICATE = "500.101"
THREAD_STALLED = "200.900"
"""Ours: the original told nobody before it rebooted. Its numbers of hosts begin with 200."""
PATCH_IN_PROGRESS = "900.001"
PATCH_FAILED = "900.002"

NUMBERS = {
    PROCESS_FAILED: "a process of pmon has failed as often as it may",
    SERVICE_FAILED: "a service of sm has failed as often as it may",
    NO_REDUNDANCY: "no controller stands by",
    NO_ANSWER: "a host does not answer",
    DEVELOPER_CERTIFICATE: "a host accepts patches signed by developers",
    THREAD_STALLED: "threads of a program do not come back from the kernel",
    PATCH_IN_PROGRESS: "a patch is installed and not everything runs it yet",
    PATCH_FAILED: "a run that was to restart what a patch made stale has failed",
}
"""What each alarm means. The numbers are those that operators know, but for 200.900."""

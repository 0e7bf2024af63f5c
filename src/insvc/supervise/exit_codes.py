"""What the exit status of a service's script means: those of the LSB, and agents of the OCF.

Sources: the chapter "Init Script Actions" of the Linux Standard Base (core, 5.0); the Open Cluster
Framework's resource agent interface (1.1), with 190 and 191 as Pacemaker has added them, and 32 to
41 as StarlingX's service manager has: how the data stands that a service keeps on two hosts.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Answer(StrEnum):
    """What a script or agent has answered, by name.

    `done`: the action was carried out. `running`, `promoted` (the active one of several),
    `degraded`: what it looks after serves. `not-running` is down in good order; `dead-pidfile` and
    `dead-lock` died and left that behind; `failed-promoted` is the active one and fails. All
    others say that nothing was done, or that nobody knows.
    """

    DONE = "done"
    RUNNING = "running"
    PROMOTED = "promoted"
    DEGRADED = "degraded"
    DEGRADED_PROMOTED = "degraded-promoted"
    NOT_RUNNING = "not-running"
    DEAD_PIDFILE = "dead-pidfile"
    DEAD_LOCK = "dead-lock"
    FAILED_PROMOTED = "failed-promoted"
    FAILED = "failed"
    WRONG_ARGUMENTS = "wrong-arguments"
    UNIMPLEMENTED = "unimplemented"
    NOT_PERMITTED = "not-permitted"
    NOT_INSTALLED = "not-installed"
    NOT_CONFIGURED = "not-configured"
    TIMED_OUT = "timed-out"
    UNKNOWN = "unknown"

    @property
    def serves(self) -> bool:
        """Whether it says that the service is up."""
        return self in _SERVES

    @property
    def words(self) -> str:
        """The same for people."""
        return _WORDS[self]


_SERVES: Final = frozenset(
    {Answer.RUNNING, Answer.PROMOTED, Answer.DEGRADED, Answer.DEGRADED_PROMOTED}
)
_WORDS: Final[Mapping[Answer, str]] = MappingProxyType(
    {
        Answer.DONE: "done",
        Answer.RUNNING: "running",
        Answer.PROMOTED: "running as the active one",
        Answer.DEGRADED: "running, and likely to fail soon",
        Answer.DEGRADED_PROMOTED: "running as the active one, and likely to fail soon",
        Answer.NOT_RUNNING: "not running",
        Answer.DEAD_PIDFILE: "dead, and its pid file is left",
        Answer.DEAD_LOCK: "dead, and its lock file is left",
        Answer.FAILED_PROMOTED: "failed as the active one",
        Answer.FAILED: "failed",
        Answer.WRONG_ARGUMENTS: "called with arguments that it does not take",
        Answer.UNIMPLEMENTED: "an action that it does not have",
        Answer.NOT_PERMITTED: "not permitted to whoever asked",
        Answer.NOT_INSTALLED: "lacks a program that it needs",
        Answer.NOT_CONFIGURED: "not configured, or wrongly",
        Answer.TIMED_OUT: "did not end in time",
        Answer.UNKNOWN: "unknown",
    }
)


class Grade(StrEnum):
    """How well a service serves, by its agent's word; of its data where it is about that."""

    FULL = "full"
    DEGRADED = "degraded"
    DATA_INCONSISTENT = "data-inconsistent"
    DATA_OUTDATED = "data-outdated"
    DATA_CONSISTENT = "data-consistent"
    DATA_SYNCING = "data-syncing"
    DATA_STANDALONE = "data-standalone"


_DATA: Final = (
    Grade.DATA_INCONSISTENT,
    Grade.DATA_OUTDATED,
    Grade.DATA_CONSISTENT,
    Grade.DATA_SYNCING,
    Grade.DATA_STANDALONE,
)
_GRADES: Final[Mapping[int, Grade]] = MappingProxyType(
    {
        **{32 + number: grade for number, grade in enumerate(_DATA)},
        **{37 + number: grade for number, grade in enumerate(_DATA)},
        190: Grade.DEGRADED,
        191: Grade.DEGRADED,
    }
)
_DEGRADED: Final = {
    **dict.fromkeys(range(32, 37), Answer.DEGRADED),
    **dict.fromkeys(range(37, 42), Answer.DEGRADED_PROMOTED),
}
_FAULTS: Final = {
    1: Answer.FAILED,
    2: Answer.WRONG_ARGUMENTS,
    3: Answer.UNIMPLEMENTED,
    4: Answer.NOT_PERMITTED,
    5: Answer.NOT_INSTALLED,
    6: Answer.NOT_CONFIGURED,
}
LSB_STATUS: Final[Mapping[int, Answer]] = MappingProxyType(
    {
        0: Answer.RUNNING,
        1: Answer.DEAD_PIDFILE,
        2: Answer.DEAD_LOCK,
        3: Answer.NOT_RUNNING,
        4: Answer.UNKNOWN,
    }
)
"""LSB: what `status` answers. Every other number is reserved, and says nothing."""
LSB_ACTION: Final[Mapping[int, Answer]] = MappingProxyType(
    {0: Answer.DONE, **_FAULTS, 7: Answer.NOT_RUNNING}
)
"""LSB: what every other action answers."""
OCF_MONITOR: Final[Mapping[int, Answer]] = MappingProxyType(
    {
        0: Answer.RUNNING,
        **_FAULTS,
        7: Answer.NOT_RUNNING,
        8: Answer.PROMOTED,
        9: Answer.FAILED_PROMOTED,
        **_DEGRADED,
        190: Answer.DEGRADED,
        191: Answer.DEGRADED_PROMOTED,
    }
)
"""OCF: what `monitor` answers."""
OCF_ACTION: Final[Mapping[int, Answer]] = MappingProxyType(
    {
        0: Answer.DONE,
        **_FAULTS,
        7: Answer.NOT_RUNNING,
        8: Answer.PROMOTED,
        9: Answer.FAILED_PROMOTED,
        **_DEGRADED,
    }
)
"""OCF: what every other action answers."""


def lsb_answer(action: str, status: int | None) -> Answer:
    """What an init script's exit status means.

    Args:
        action: what it was asked for.
        status: its exit status, negative where a signal ended it; absent where it did not end.
    """
    return _answer(LSB_STATUS if action == "status" else LSB_ACTION, action, status)


def ocf_answer(action: str, status: int | None) -> Answer:
    """What a resource agent's exit status means.

    To stop what does not run is done: a stop asks for that state, whoever brought it about.

    Args:
        action: what it was asked for.
        status: its exit status, negative where a signal ended it; absent where it did not end.
    """
    if action == "stop" and status is not None and OCF_ACTION.get(status) is Answer.NOT_RUNNING:
        return Answer.DONE
    return _answer(OCF_MONITOR if action == "monitor" else OCF_ACTION, action, status)


def ocf_grade(status: int | None) -> Grade:
    """How well a service serves of which a resource agent has said that it does."""
    return Grade.FULL if status is None else _GRADES.get(status, Grade.FULL)


def _answer(table: Mapping[int, Answer], action: str, status: int | None) -> Answer:
    """By the table. A number that it does not have is no success: a look is unknown then."""
    if status is None:
        return Answer.TIMED_OUT
    is_look = action in {"status", "monitor"}
    return table.get(status, Answer.UNKNOWN if is_look else Answer.FAILED)

"""What the exit code of such a command means. The originals end with 0 whatever happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from insvc.errors import AgentUnreachable, InputError, InsvcError, RunInterrupted


class Code(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNKNOWN_NAME = 3
    DEAD = 4
    DISABLED = 5
    TIMEOUT = 6
    REFUSED = 7
    UNREACHABLE = 8
    INTERRUPTED = 130


MEANING = {
    Code.DONE: "done: restarted, or nothing was to be done here",
    Code.FAILED: "the restart failed, or it could not be shown that it did not",
    Code.USAGE: "the command was called in a way it does not know",
    Code.UNKNOWN_NAME: "nothing of this name is managed here",
    Code.DEAD: "it is meant to run and does not; it was left as it is",
    Code.DISABLED: "it is disabled; it was left as it is",
    Code.TIMEOUT: "it did not end within its time",
    Code.REFUSED: "a rule forbids it now; nothing was done",
    Code.UNREACHABLE: "its host or manager does not answer; nothing is known",
    Code.INTERRUPTED: "somebody interrupted it; what was not begun was left as it is",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one name, in a word and in words.

    Attributes:
        name: as it was given.
        code: how it ended.
        said: the sentence that tells it, without the name.
    """

    name: str
    code: Code
    said: str


def code_of(fault: InsvcError) -> Code:
    """How a command ends that such an error ended."""
    if isinstance(fault, AgentUnreachable):
        return Code.UNREACHABLE
    if isinstance(fault, RunInterrupted):
        return Code.INTERRUPTED
    return Code.USAGE if isinstance(fault, InputError) else Code.FAILED


def worst(results: Iterable[Result]) -> Code:
    """The code of the whole: the first in the order of `Code` that is not `DONE`."""
    return min((one.code for one in results if one.code is not Code.DONE), default=Code.DONE)

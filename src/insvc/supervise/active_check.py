"""pmon's active mode: the datagrams by which a process proves that it works.

Source of their form: `amon` in starlingx/metal (mtce/src/public/amon.c, mtce/src/pmon/pmonMsg.cpp):
the question is the name, a magic number in hexadecimal and a sequence number; the answer has the
number inverted. Words are apart by blanks, and a NUL may end the text.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

MAGIC: Final = 0x12345678
INVERTED: Final = MAGIC ^ 0xFFFFFFFF
LONGEST_BYTES: Final = 512
NEVER_ANSWERED_S: Final = 180.0
"""For so long after its start a process that has never answered so far owes no answer."""
_ANSWER = re.compile(rb"\s*(\S{1,99})\s+(?:0[xX])?([0-9a-fA-F]{1,8})\s+(\d{1,10})\s*\0*\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What was heard of one process since its start.

    Attributes:
        has_answered: whether it ever answered rightly.
        in_a_row: right answers since it last owed one.
    """

    has_answered: bool = False
    in_a_row: int = 0


def question(name: str, number: int) -> bytes:
    """What the process is asked."""
    return f"{name} {MAGIC:x} {number}".encode()


def read_answer(text: bytes) -> tuple[str, int] | None:
    """Whose answer to which question it is; nothing where it is none, or its number is wrong."""
    found = _ANSWER.fullmatch(text)
    if found is None or int(found[2], 16) != INVERTED:
        return None
    return found[1].decode("utf-8", "replace"), int(found[3])


def heard(before: Heard) -> Heard:
    """After a right answer."""
    return Heard(has_answered=True, in_a_row=before.in_a_row + 1)


def unheard(before: Heard) -> Heard:
    """After an answer that it owes."""
    return replace(before, in_a_row=0)


def is_owed(before: Heard, runs_for_s: float) -> bool:
    """Whether an answer that did not come counts."""
    return before.has_answered or runs_for_s >= NEVER_ANSWERED_S


def has_recovered(after: Heard, period_s: float) -> bool:
    """Whether it has just answered often enough for its failures to be forgotten."""
    return after.in_a_row == int(period_s) + 1

"""Commands of old clients to pmon: one JSON object a datagram, which nobody answers."""

import json
from typing import Final, NamedTuple

from insvc.errors import InputError
from insvc.supervise.pmon import ALWAYS_UP

LONGEST_BYTES: Final = 1024
ITSELF: Final = "pmond"
"""The name by which pmon is asked to restart itself."""
_VERBS: Final = ("restart", "start", "stop")


class PmonCommand(NamedTuple):
    """What is asked: `restart`, `start` or `stop`, and of which process."""

    verb: str
    process: str


def read_command(text: bytes) -> PmonCommand:
    """What a datagram asks.

    Raises:
        ValueError: it asks nothing that is known; the text tells why.
    """
    try:
        found = json.loads(text.rstrip(b"\0 \n"))
    except (ValueError, RecursionError) as fault:
        raise ValueError(f"found {text[:80]!r}, expected one JSON object") from fault
    if not isinstance(found, dict):
        raise ValueError(f"found {text[:80]!r}, expected one JSON object")  # noqa: TRY004 - input, not a type of ours
    verb, process = found.get("command"), found.get("process")
    if verb not in _VERBS or not isinstance(process, str) or not process.isprintable():
        raise ValueError(
            f"found {text[:80]!r}, expected a command ({', '.join(_VERBS)}) and a process"
        )
    return PmonCommand(str(verb), process)


def refuse_in_service(command: PmonCommand, *, is_locked: bool) -> None:
    """Refuse what would take down a host in service with its service manager.

    Commands that are answered refuse more, by the catalog, which pmon does not know.

    Raises:
        InputError: it stops or restarts what stays up until the host is locked.
    """
    if command.process in ALWAYS_UP and command.verb != "start" and not is_locked:
        reason = f"in service there is no {command.verb} of it by pmon"
        raise InputError(command.process, reason, next_act="lock the host first")

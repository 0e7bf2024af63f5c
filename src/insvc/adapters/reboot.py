"""Reboots a host by the command that its owner has named: once in a boot, whoever asks again."""

import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from insvc.adapters.pidfd import boot_id
from insvc.errors import WorldError

REBOOTED = "run/rebooted.json"
"""Below a host's folder: where all that may reboot it write down that they did, and why."""


def reboot_once(command: Sequence[str], mark: Path, reason: str) -> subprocess.Popen[bytes] | None:
    """Run the command, unless it was run in this boot already; it at work, where it was begun now.

    That it is begun is written down before: a killed caller does not ask twice.

    Args:
        command: the argument vector; nothing is done where it is empty.
        mark: where it is written down.
        reason: why, for people.

    Raises:
        WorldError: it cannot be written down, or run.
    """
    if not command or _marked_boot(mark) == boot_id():
        return None
    fresh = mark.with_name(mark.name + ".new")
    try:
        fresh.write_text(json.dumps({"boot": boot_id(), "reason": reason}), encoding="utf-8")
        fresh.replace(mark)
        return subprocess.Popen(  # noqa: S603 - the command that the host's owner has named
            list(command), stdin=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as fault:
        raise WorldError(
            command[0], f"cannot be run: {fault.strerror}", next_act="correct reboot_command"
        ) from fault


def _marked_boot(mark: Path) -> str:
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads(mark.read_text(encoding="utf-8")).get("boot"))
    return ""

"""The end of the host itself, where nothing less ends what must not go on."""

import sys
from collections.abc import Sequence
from pathlib import Path

from insvc.adapters.reboot import REBOOTED, reboot_once
from insvc.errors import WorldError


def end_host(folder: Path, command: Sequence[str], reason: str) -> None:
    """Reboot it by the command that its owner has named, once in a boot; tell that in the log.

    Args:
        folder: the host's folder.
        command: the argument vector; nothing is done where it is empty.
        reason: why, for people.
    """
    try:
        if reboot_once(command, folder / REBOOTED, reason) is not None:
            sys.stderr.write(f"the host is rebooted: {reason}\n")
    except WorldError as fault:
        sys.stderr.write(f"the host is not rebooted: {fault}\n")

"""Processes that a test leaves behind, told by the folder that they were given."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_PATIENCE_S = 5.0
_LOOK_EVERY_S = 0.02


def end_leftovers(folder: Path) -> tuple[str, ...]:
    """Kill what still runs for this folder, and say what that was; what is ending may end."""
    until = time.monotonic() + _PATIENCE_S
    while (left := _naming(folder)) and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return tuple(left.values())


def children() -> tuple[str, ...]:
    """Every process that this one has started and that still runs; a zombie does not."""
    mine = str(os.getpid())
    own = (entry for entry in Path("/proc").glob("[0-9]*") if _parent(entry) == mine)
    return tuple(filter(None, map(_words, own)))


def _naming(folder: Path) -> dict[int, str]:
    """Pid and command line of every process with the folder in its environment or arguments."""
    name = os.fsencode(folder)
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            if name in told and int(entry.name) != os.getpid():
                found[int(entry.name)] = _words(entry)
    return found


def _words(entry: Path) -> str:
    with suppress(OSError):
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _parent(entry: Path) -> str:
    with suppress(OSError):
        return (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1]
    return ""

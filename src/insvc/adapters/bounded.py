"""Runs an administration command of the host: for a bounded time, with an environment of ours.

What the command starts in the background may keep its output open for ever. So nothing is read
from a pipe, which would wait for that, or break it: the output is kept in memory, and can grow no
more once the command itself has ended.
"""

import fcntl
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from insvc.errors import WorldError

ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C",
    "HOME": "/",
    "TERM": "dumb",
}
"""All that a command is given, whatever we were started with."""
_LOOK_AGAIN_S = 0.02
_ENDS_WITHIN_S = 2.0
_TOLD_BYTES = 4096


class Completed(NamedTuple):
    """What came of a command.

    Attributes:
        status: its exit status; negative the number of the signal that ended it; absent where it
            had not ended in time and was killed.
        told: the end of what it wrote.
    """

    status: int | None
    told: str

    def __str__(self) -> str:
        how = "did not end in time" if self.status is None else f"ended with status {self.status}"
        last = self.told.strip().splitlines()[-1:]
        return f"{how} ({last[0]})" if last else how


def run_bounded(
    command: Sequence[str],
    timeout_s: float,
    *,
    more: Mapping[str, str] | None = None,
    watch: Callable[[], object] = lambda: None,
    most_bytes: int = _TOLD_BYTES,
    folder: Path = Path("/"),
) -> Completed:
    """Run a command to its end, or end it and its process group when its time is over.

    What the command has put into a session of its own, as daemons do, is left alone.

    Args:
        command: the argument vector; the program as an absolute path.
        timeout_s: how long it may take.
        more: what is added to its environment.
        watch: called again and again meanwhile.
        most_bytes: how much of its output is told, from the end.
        folder: where it is run.

    Raises:
        WorldError: it cannot be started.
    """
    output = os.memfd_create("output", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        child = _start(command, output, {**(more or {})}, folder)
        status = _await_or_end(child, time.monotonic() + timeout_s, watch)
        fcntl.fcntl(output, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)
        size = os.fstat(output).st_size
        told = os.pread(output, most_bytes, max(0, size - most_bytes))
    finally:
        os.close(output)
    return Completed(status, told.decode("utf-8", "replace"))


def _start(
    command: Sequence[str], output: int, more: Mapping[str, str], folder: Path
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - the caller has vouched for the program
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**ENVIRONMENT, **more},
            start_new_session=True,
            umask=0o022,
        )
    except OSError as fault:
        raise WorldError(
            command[0], f"cannot be run: {fault.strerror}", next_act="look at the file and its mode"
        ) from fault


def _await_or_end(
    child: "subprocess.Popen[bytes]", until: float, watch: Callable[[], object]
) -> int | None:
    try:
        return _await(child, until, watch)
    finally:
        _end(child)


def _await(
    child: "subprocess.Popen[bytes]", until: float, watch: Callable[[], object]
) -> int | None:
    """Its exit status, or nothing when its time is over."""
    fd = os.pidfd_open(child.pid)
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        while True:
            watch()
            left_s = max(0.0, min(_LOOK_AGAIN_S, until - time.monotonic()))
            if poll.poll(left_s * 1000):
                return child.wait()
            if time.monotonic() >= until:
                return None
    finally:
        os.close(fd)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End a command that has not ended, and what is still in its process group."""
    if child.returncode is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_ENDS_WITHIN_S)
            return


def why_untrusted(path: Path, owner: int = 0) -> str:
    """Why a file of the host must not be run; empty where only its owner could have written it.

    Every folder above it counts: who may write there can put another file in its place.

    Args:
        path: of the file, absolute; links are followed.
        owner: the user who must own the file, and root.
    """
    try:
        real = path.resolve(strict=True)
        for one in (real, *real.parents):
            seen = one.stat()
            is_sticky = one != real and seen.st_mode & 0o1000
            if seen.st_uid not in {0, owner}:
                return f"{one} belongs to user {seen.st_uid}, expected {owner}"
            if seen.st_mode & 0o022 and not is_sticky:
                return f"{one} may be written by others than its owner"
        if not real.is_file() or not real.stat().st_mode & 0o111:
            return f"{real} is no file that can be run"
    except (OSError, RuntimeError) as fault:
        return f"{path} cannot be looked at: {getattr(fault, 'strerror', fault)}"
    return ""

"""Processes of a host that nobody supervises any more, and their end."""

import os
import re
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from insvc.adapters.launcher import ROOT_VARIABLE, SERVICE_VARIABLE, START_VARIABLE
from insvc.adapters.pidfd import Held, read_identity
from insvc.adapters.proc_file import read_at
from insvc.adapters.script_control import ACT_VARIABLE
from insvc.model.observation import ProcessIdentity

_GRACE_S = 2.0
_LAST_BREATH_S = 0.5


def end_strays_of_group(main: Held, helpers: str | None) -> None:
    """Kill what a dead main process left in its group, so that a new one finds its ports free.

    Helper processes of a pattern are left alone: they may serve on while their parent is away.
    """
    if helpers is None:
        main.signal_group(signal.SIGKILL)
        return
    for pid in _pids():
        if pid == main.identity.pid or not _is_in_group(pid, main.identity.pid):
            continue
        if not re.search(helpers, command_line(pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def of_host(root: Path) -> Iterator[ProcessIdentity]:
    """Every live process that was started by this host's managers, or by one that was."""
    own = (pid for pid in _pids() if environment(pid).get(ROOT_VARIABLE) == str(root))
    yield from filter(None, map(read_identity, own))


def kill_all(root: Path) -> None:
    """Kill whatever is left of the host's processes, and what those start meanwhile."""
    until = time.monotonic() + _GRACE_S
    while time.monotonic() < until:
        held = [one for one in map(Held.by_identity, of_host(root)) if one is not None]
        if not held:
            return
        for one in held:
            one.signal(signal.SIGKILL)
        for one in held:
            _has_ended(one.fd, _LAST_BREATH_S)
            one.close()


class Sought(NamedTuple):
    """What a program is known by that an earlier life has launched, but not written down.

    Attributes:
        command: its argument vector; in front of a script's the kernel puts its interpreter.
        start: the number of that launch: one more than was written down.
    """

    command: tuple[str, ...]
    start: int


def programs(root: Path, sought: Mapping[str, Sought]) -> dict[str, ProcessIdentity]:
    """The host's processes that lead a session and are what is sought, by service.

    A program may have changed its command line; then the number of its launch tells it. All that
    it has started carries that number too, but later. The number of a first launch tells nothing:
    where all that was known is lost, it comes again.
    """
    found: dict[str, ProcessIdentity] = {}
    for one in sorted(of_host(root), key=lambda one: one.start_ticks):
        told = environment(one.pid)
        service = told.get(SERVICE_VARIABLE, "")
        wanted = sought.get(service)
        if wanted is None or service in found or not _leads_session(one.pid):
            continue
        command = arguments(one.pid)[-len(wanted.command) :]
        is_that_launch = wanted.start > 1 and told.get(START_VARIABLE) == str(wanted.start)
        if is_that_launch or command == list(wanted.command):
            found[service] = one
    return found


def twins(root: Path, commands: Mapping[str, Sequence[str]]) -> list[ProcessIdentity]:
    """All of the host's processes that lead a session and run one of those commands."""
    found = []
    for one in of_host(root):
        wanted = list(commands.get(environment(one.pid).get(SERVICE_VARIABLE, ""), ()))
        if wanted and _leads_session(one.pid) and arguments(one.pid)[-len(wanted) :] == wanted:
            found.append(one)
    return found


def scripts_at_work(
    root: Path, calls: Mapping[tuple[str, str], Sequence[str]]
) -> dict[str, tuple[str, ProcessIdentity]]:
    """The host's scripts that start or stop a service just now: which act, and which process.

    Args:
        root: of the host's files.
        calls: how the command of each act of each service ends.
    """
    found: dict[str, tuple[str, ProcessIdentity]] = {}
    for one in of_host(root):
        told = environment(one.pid)
        key = (told.get(SERVICE_VARIABLE, ""), told.get(ACT_VARIABLE, ""))
        tail = list(calls.get(key, ()))
        if tail and _leads_session(one.pid) and arguments(one.pid)[-len(tail) :] == tail:
            found[key[0]] = (key[1], one)
    return found


def end_all_of_service(root: Path, service: str, helpers: str | None) -> None:
    """Kill every process of the host that was started for the service, helpers left alone."""
    for one in of_host(root):
        is_helper = bool(helpers) and re.search(helpers or "", command_line(one.pid))
        if environment(one.pid).get(SERVICE_VARIABLE) != service or is_helper:
            continue
        held = Held.by_identity(one)
        if held is not None:
            held.signal(signal.SIGKILL)
            held.close()


def end_strays_of_session(root: Path, service: str, session: int, helpers: str | None) -> None:
    """Kill what was started for the service and is left in that session, helpers left alone."""
    for pid in _pids():
        if session_of(pid) != session or (helpers and re.search(helpers, command_line(pid))):
            continue
        told = environment(pid)
        identity = read_identity(pid)
        is_its = told.get(SERVICE_VARIABLE) == service and told.get(ROOT_VARIABLE) == str(root)
        held = Held.by_identity(identity) if identity is not None and is_its else None
        if held is not None:
            held.signal(signal.SIGKILL)
            held.close()


def session_of(pid: int) -> int | None:
    """The session that a process is in; nothing where it is gone."""
    with suppress(OSError):
        return os.getsid(pid)
    return None


def end_orphans(root: Path, pattern: re.Pattern[str], main: ProcessIdentity) -> tuple[int, ...]:
    """End the host's processes that match the pattern and are older than that main process.

    They get a moment to end by themselves before they are killed. Answers with their pids.
    """
    found = [
        held
        for one in of_host(root)
        if one.start_ticks < main.start_ticks and pattern.search(command_line(one.pid))
        if (held := Held.by_identity(one)) is not None
    ]
    for held in found:
        held.signal(signal.SIGTERM)
    until = time.monotonic() + _GRACE_S
    for held in found:
        wait_s = max(0.0, until - time.monotonic())
        if not _has_ended(held.fd, wait_s):
            held.signal(signal.SIGKILL)
        held.close()
    return tuple(held.identity.pid for held in found)


def command_line(pid: int) -> str:
    """The argument vector joined by blanks; empty when the process is gone."""
    return " ".join(arguments(pid))


def arguments(pid: int) -> list[str]:
    """The argument vector; empty when the process is gone."""
    try:
        line = read_at(None, f"/proc/{pid}/cmdline")
    except OSError:
        return []
    return line.decode(errors="replace").removesuffix("\0").split("\0")


def environment(pid: int) -> dict[str, str]:
    """What the process was started with; empty when it is gone or not ours to read."""
    try:
        parts = read_at(None, f"/proc/{pid}/environ").decode(errors="replace").split("\0")
    except OSError:
        return {}
    return dict(part.split("=", 1) for part in parts if "=" in part)


def _is_in_group(pid: int, group: int) -> bool:
    with suppress(ProcessLookupError):
        return os.getpgid(pid) == group
    return False


def _has_ended(fd: int, within_s: float) -> bool:
    """Whether the process of that pidfd ends within that time.

    `select` would refuse a descriptor above 1023, of which a host with many services has some.
    """
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(within_s * 1000))


def _leads_session(pid: int) -> bool:
    with suppress(OSError):
        return os.getsid(pid) == pid
    return False


def _pids() -> Iterator[int]:
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            yield int(entry.name)

"""Pid files of services that a script starts: read with suspicion, removed where they are stale."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from insvc.adapters.launcher import ROOT_VARIABLE, SERVICE_VARIABLE
from insvc.adapters.pidfd import Held, read_identity
from insvc.model.observation import ProcessIdentity
from insvc.supervise.pid_file import Marks, is_main

_LONGEST_BYTES = 64
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True, slots=True)
class PidFile:
    """The pid file of one service.

    Attributes:
        path: the file.
        root: of the host's files.
        service: its name.
        program: what its main process executes, absolute; empty where that is not known.
        unit: the unit of systemd it runs as; empty where it is none.
        called_at: when its start was begun, on the monotonic clock; absent where it was not.
    """

    path: Path
    root: Path
    service: str
    program: str = ""
    unit: str = ""
    called_at: float | None = None

    def hold_main(self) -> Held | None:
        """The service's main process; nothing where the file names none, or another's."""
        identity = self._named()
        held = None if identity is None else Held.by_identity(identity)
        if held is None or self._is_main(held.identity):
            return held
        held.close()
        return None

    def remove_stale(self) -> None:
        """Remove the file where it does not name a live process of the service."""
        identity = self._named()
        if identity is None or not self._is_main(identity):
            with suppress(OSError):
                self.path.unlink()

    def _named(self) -> ProcessIdentity | None:
        pid = read_pid(self.path)
        return None if pid is None else read_identity(pid)

    def _is_main(self, identity: ProcessIdentity) -> bool:
        root, service, program = str(self.root), self.service, self.program
        return is_main(self._marks(identity), root=root, service=service, program=program)

    def _marks(self, identity: ProcessIdentity) -> Marks:
        told = _environment(identity.pid)
        return Marks(
            root=told.get(ROOT_VARIABLE),
            service=told.get(SERVICE_VARIABLE),
            programs=_programs(identity.pid),
            is_younger=self._is_younger(identity),
            is_in_unit=bool(self.unit) and self.unit in _groups(identity.pid),
            is_vouched_for=self._is_vouched_for(identity.pid),
        )

    def _is_younger(self, identity: ProcessIdentity) -> bool:
        if self.called_at is None:
            return False
        asleep_s = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
        return identity.start_ticks * _TICK_S >= self.called_at + asleep_s - 2 * _TICK_S

    def _is_vouched_for(self, pid: int) -> bool:
        try:
            owners = {0, os.geteuid(), Path(f"/proc/{pid}").stat().st_uid}
            return self.path.stat().st_uid in owners
        except OSError:
            return False


def read_pid(path: Path) -> int | None:
    """The pid in that file; nothing where it is missing, unreadable, empty or half written."""
    try:
        with path.open("rb") as file:
            words = file.read(_LONGEST_BYTES).split()
    except OSError:
        return None
    first = words[0] if words else b""
    pid = int(first) if first.isdigit() else 0
    return pid if 1 < pid < 2**22 else None


def _environment(pid: int) -> dict[str, str]:
    parts = _parts(pid, "environ")
    return dict(part.split("=", 1) for part in parts if "=" in part)


def _programs(pid: int) -> frozenset[str]:
    """The file it executes and, of an interpreter, the script: the first that is a path."""
    found = {one for one in _parts(pid, "cmdline")[:3] if one.startswith("/")}
    with suppress(OSError):
        found.add(str(Path(f"/proc/{pid}/exe").readlink()))
    return frozenset(found)


def _groups(pid: int) -> frozenset[str]:
    """The names of the control groups it is in, from the outermost on."""
    try:
        text = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(part for line in text.splitlines() for part in line.split("/")[1:])


def _parts(pid: int, name: str) -> list[str]:
    try:
        content = Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return []
    return content.decode(errors="replace").split("\0")

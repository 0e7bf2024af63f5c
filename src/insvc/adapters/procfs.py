"""The process table of this machine, read from /proc with nothing but files.

A process may vanish between any two reads: then it is simply gone. A process that lives and may
not be read is an error: what it runs is unknown.
"""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from insvc.adapters.proc_file import read_at
from insvc.errors import WorldError
from insvc.inspect.maps import FileIdentity, ReplacedMapping, executable_mappings, replaced_mapping
from insvc.inspect.stat import ProcessStat, parse_stat
from insvc.model.observation import ProcessIdentity

_CLOCK_READINGS = 3
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class ProcfsTable:
    """The port `ProcessTable` on Linux.

    Args:
        proc: where procfs is mounted.

    Raises:
        WorldError: nothing is mounted there, or this user may read nothing of it.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        self._boot_id = read_boot_id(proc)

    def boot_id(self) -> str:
        """The boot this machine is in."""
        return self._boot_id

    def identity(self, pid: int) -> ProcessIdentity | None:
        """Its identity, or nothing if no such process (or only a zombie) exists."""
        stat = self._stat(pid)
        if stat is None:
            return None
        return ProcessIdentity(boot_id=self._boot_id, pid=pid, start_ticks=stat.start_ticks)

    def children(self, pid: int) -> tuple[int, ...]:
        """Pids of its live children."""
        try:
            tasks = list((self._proc / str(pid) / "task").iterdir())
        except OSError:
            return ()
        found = (child for task in tasks for child in self._children_of_task(pid, task))
        return tuple(child for child in found if self._stat(child) is not None)

    def command_line(self, pid: int) -> tuple[str, ...]:
        """Its argument vector; empty when it is gone or not readable."""
        return tuple(_text(part) for part in _strings(self._read(pid, "cmdline")))

    def environment(self, pid: int) -> Mapping[str, str]:
        """The environment it was started with; empty when it is gone or not readable."""
        pairs = (_text(part).partition("=") for part in _strings(self._read(pid, "environ")))
        return {name: value for name, _, value in pairs if name}

    def working_directory(self, pid: int) -> str | None:
        """Its working directory; nothing when it is gone or not readable."""
        try:
            return str((self._proc / str(pid) / "cwd").readlink())
        except OSError:
            return None

    def started_at(self, pid: int) -> float | None:
        """When it was started, seconds since the epoch by the clock of now; nothing when gone."""
        stat = self._stat(pid)
        if stat is None:
            return None
        return booted_at() + stat.start_ticks / _TICKS_PER_S

    def replaced_mappings(self, pid: int) -> tuple[ReplacedMapping, ...]:
        """Executable mappings of files that are deleted or no longer the file at their path.

        Raises:
            WorldError: it runs and may not be looked at.
        """
        maps = self._maps(pid)

        def find(path: str) -> Iterator[FileIdentity]:
            return self._identities_at(pid, path)

        found = (replaced_mapping(mapped, find) for mapped in executable_mappings(maps))
        return tuple(mapping for mapping in found if mapping is not None)

    def pids(self) -> tuple[int, ...]:
        """Every pid that can be seen, threads left out."""
        return tuple(int(name) for name in os.listdir(self._proc) if name.isdigit())  # noqa: PTH208

    def _maps(self, pid: int) -> bytes:
        try:
            maps = read_at(None, f"{self._proc}/{pid}/maps")
        except (FileNotFoundError, ProcessLookupError):
            return b""
        except OSError as fault:
            if self._stat(pid) is None:
                return b""
            raise WorldError(
                f"pid {pid}",
                f"its mappings cannot be read: {fault.strerror}",
                next_act="run the agent as the user who owns the process, or as root",
            ) from fault
        return maps or self._maps_of_threads(pid)

    def _maps_of_threads(self, pid: int) -> bytes:
        """The mappings of a process whose first thread has ended and others run on."""
        try:
            tasks = sorted((self._proc / str(pid) / "task").iterdir())
        except OSError:
            return b""
        for task in tasks:
            try:
                maps = (task / "maps").read_bytes()
            except OSError:
                continue
            if maps:
                return maps
        return b""

    def _identities_at(self, pid: int, path: str) -> Iterator[FileIdentity]:
        """What is at that path in the process's own root, and as this process sees it.

        Maps shows paths from the reader's root where they can be reached from there (a process in
        a chroot), and from the process's own where it has another mount namespace (a container).
        """
        for where in (f"{self._proc}/{pid}/root{path}", path):
            try:
                seen = os.stat(where)  # noqa: PTH116 - proc_file.py says why
            except (OSError, ValueError):
                continue
            device = f"{os.major(seen.st_dev):02x}:{os.minor(seen.st_dev):02x}"
            yield FileIdentity(device, seen.st_ino)

    def _children_of_task(self, pid: int, task: Path) -> tuple[int, ...]:
        try:
            return tuple(int(child) for child in (task / "children").read_bytes().split())
        except FileNotFoundError:
            return self._children_by_scan(pid) if task.name == str(pid) else ()
        except OSError:
            return ()

    def _children_by_scan(self, pid: int) -> tuple[int, ...]:
        """Children told from every process's parent, where the kernel keeps no list of them."""
        stats = (self._stat(other) for other in self.pids())
        return tuple(stat.pid for stat in stats if stat is not None and stat.parent == pid)

    def _stat(self, pid: int) -> ProcessStat | None:
        text = self._read(pid, "stat")
        if not text:
            return None
        stat = parse_stat(text)
        return None if stat.has_ended else stat

    def _read(self, pid: int, name: str) -> bytes:
        try:
            return read_at(None, f"{self._proc}/{pid}/{name}")
        except OSError:
            return b""


def read_boot_id(proc: Path) -> str:
    """The boot that the machine is in.

    Raises:
        WorldError: nothing is mounted there, or this user may read nothing of it.
    """
    try:
        return (proc / "sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError as fault:
        raise WorldError(
            str(proc),
            f"no process can be looked at: {fault.strerror}",
            next_act=f"mount it with `mount -t proc proc {proc}`",
        ) from fault


def booted_at() -> float:
    """When this machine was booted, seconds since the epoch by the clock of now.

    Both clocks are read a few times: the closest pair is the one least disturbed by other work.
    """
    pairs = []
    for _ in range(_CLOCK_READINGS):
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        now = time.time()
        after = time.clock_gettime(time.CLOCK_BOOTTIME)
        pairs.append((after - before, now - (before + after) / 2))
    return min(pairs)[1]


def _strings(block: bytes) -> list[bytes]:
    """The strings of a block in which each ends with a zero byte."""
    return block.removesuffix(b"\0").split(b"\0") if block else []


def _text(string: bytes) -> str:
    return string.decode("utf-8", "surrogateescape")

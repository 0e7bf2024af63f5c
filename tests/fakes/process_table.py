"""Processes and files in memory: a process maps files, a file can be replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from insvc.errors import WorldError
from insvc.model.observation import ProcessIdentity
from insvc.ports import ReplacedMapping

BOOT_ID = "0f0e0d0c-0000-4000-8000-000000000001"
TICKS_PER_S = 100


@dataclass(kw_only=True)
class FakeProcess:
    """One process.

    Attributes:
        argv: its argument vector.
        parent: pid of its parent.
        environment: what it was started with.
        folder: its working directory.
        started_at: seconds since the epoch.
        mapped: inode by path of every executable mapping.
        is_readable: whether its mappings may be looked at.
        is_zombie: whether it has ended and waits to be reaped.
    """

    argv: tuple[str, ...] = ("program",)
    parent: int = 1
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    started_at: float = 1000.0
    mapped: dict[str, int] = field(default_factory=dict)
    is_readable: bool = True
    is_zombie: bool = False


class FakeProcessTable:
    """The port `ProcessTable` without a kernel.

    Attributes:
        processes: by pid.
        files: inode by path of what is on disk.
    """

    def __init__(self) -> None:
        self.processes: dict[int, FakeProcess] = {}
        self.files: dict[str, int] = {}
        self._last_inode = 100

    def put_file(self, path: str) -> int:
        """Create or replace a file; the inode it has now."""
        self._last_inode += 1
        self.files[path] = self._last_inode
        return self._last_inode

    def boot_id(self) -> str:
        """The boot."""
        return BOOT_ID

    def identity(self, pid: int) -> ProcessIdentity | None:
        """Its identity, or nothing for none and for zombies."""
        process = self._live(pid)
        if process is None:
            return None
        ticks = round(process.started_at * TICKS_PER_S)
        return ProcessIdentity(boot_id=BOOT_ID, pid=pid, start_ticks=ticks)

    def children(self, pid: int) -> tuple[int, ...]:
        """Pids of its live children."""
        if self._live(pid) is None:
            return ()
        return tuple(one for one in self.pids() if self._is_child(one, pid))

    def command_line(self, pid: int) -> tuple[str, ...]:
        """Its argument vector."""
        process = self._live(pid)
        return () if process is None else process.argv

    def environment(self, pid: int) -> Mapping[str, str]:
        """What it was started with."""
        process = self._live(pid)
        return {} if process is None else process.environment

    def working_directory(self, pid: int) -> str | None:
        """Its working directory."""
        process = self._live(pid)
        return None if process is None else process.folder

    def started_at(self, pid: int) -> float | None:
        """When it was started."""
        process = self._live(pid)
        return None if process is None else process.started_at

    def replaced_mappings(self, pid: int) -> tuple[ReplacedMapping, ...]:
        """Mappings whose inode is not the one on disk."""
        process = self._live(pid)
        if process is None:
            return ()
        if not process.is_readable:
            raise WorldError(
                f"pid {pid}", "its mappings cannot be read: Permission denied", next_act="use root"
            )
        return tuple(
            ReplacedMapping(
                path=path,
                mapped=f"fe:00:{inode}",
                on_disk=f"fe:00:{self.files[path]}" if path in self.files else None,
            )
            for path, inode in process.mapped.items()
            if self.files.get(path) != inode
        )

    def pids(self) -> tuple[int, ...]:
        """Every pid, zombies too."""
        return tuple(self.processes)

    def _live(self, pid: int) -> FakeProcess | None:
        process = self.processes.get(pid)
        return None if process is None or process.is_zombie else process

    def _is_child(self, pid: int, parent: int) -> bool:
        process = self._live(pid)
        return process is not None and process.parent == parent

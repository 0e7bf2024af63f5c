"""One fast pass over every process of this machine, with raw reads of /proc.

A process is held by its folder's descriptor while it is read, so that no later process of the
same pid can be mistaken for it.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from insvc.adapters.aside import Aside, can_work_aside
from insvc.adapters.code_mappings import CodeMappings
from insvc.adapters.mapped_files import MappedFiles
from insvc.adapters.proc_file import read_at, read_short_at
from insvc.errors import WorldError
from insvc.inspect.cgroup import group_of
from insvc.inspect.guests import is_emulator
from insvc.inspect.maps import mapped_file
from insvc.inspect.programs import language_of
from insvc.inspect.stat import ProcessStat, parse_stat
from insvc.inspect.sweep import Hit, Seen, packed, unpacked

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_UNREADABLE = -1
_MANY = 200
_FAR = 1 << 30
"""A child numbers the places it finds from here, so that they are not taken for others."""


class Sweep:
    """Looks at processes, and remembers what it learnt of files until it is dropped.

    Args:
        proc: where procfs is mounted.
        booted_at: when the machine was booted, seconds since the epoch by the clock of now.
        is_alone: whether this process has one thread, so that a child may look at half of many.
    """

    def __init__(self, proc: Path, booted_at: float, *, is_alone: bool = False) -> None:
        self._proc = str(proc)
        self._is_alone = is_alone
        self._booted_at = booted_at
        self._files = MappedFiles(f"{proc}/self", booted_at)
        self._mappings = CodeMappings()
        self._groups: dict[bytes, str] = {}
        self._programs: dict[bytes, str] = {}
        self._told: dict[str, bool] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    @property
    def is_hidden(self) -> bool:
        """Whether processes of others are hidden: the first process always exists."""
        return not os.access(f"{self._proc}/1/stat", os.R_OK)

    def pids(self) -> list[int]:
        """Every pid that can be seen."""
        return [int(name) for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208 - fast

    def look(self, pids: Iterable[int] | None = None) -> list[Seen]:
        """These processes, or all; those that ended and threads of the kernel are left out."""
        wanted = self.pids() if pids is None else list(pids)
        if not self._is_alone or len(wanted) < _MANY or not can_work_aside():
            return self._look(wanted)
        half = len(wanted) // 2
        aside = Aside(lambda: [packed(one) for one in self._look(wanted[half:], _FAR)])
        found = self._look(wanted[:half])
        told = aside.answer()
        rest = self._look(wanted[half:]) if told is None else [unpacked(one) for one in told]
        return found + rest

    def _look(self, pids: Iterable[int], first_place: int = 0) -> list[Seen]:
        self._files.count_from(first_place)
        found = (self._process(pid) for pid in pids)
        return [seen for seen in found if seen is not None]

    def stats(self, pids: Iterable[int]) -> list[ProcessStat]:
        """Of these processes; those that ended and threads of the kernel are left out."""
        found = []
        for pid in pids:
            try:
                stat = parse_stat(self.text(pid, "stat"))
            except WorldError:
                continue
            if not stat.has_ended and not stat.is_kernel:
                found.append(stat)
        return found

    def group(self, pid: int) -> str:
        """The control group of a process; `/` when it is in none or gone."""
        return self._group(None, f"{self._proc}/{pid}/cgroup")

    def _group(self, folder: int | None, name: str) -> str:
        try:
            text = read_short_at(folder, name)
        except OSError:
            return "/"
        known = self._groups.get(text)
        if known is None:
            known = self._groups[text] = group_of(text)
        return known

    def mapped(self, pid: int) -> frozenset[str]:
        """The files a process may execute; none when it is gone or may not be looked at."""
        own = self.folder(pid)
        try:
            tasks = sorted(os.listdir(f"{own}/task"))  # noqa: PTH208 - of hundreds of processes
            found = (self._mapped(one) for one in (own, *(f"{own}/task/{name}" for name in tasks)))
            return next((paths for paths in found if paths), frozenset())
        except OSError:
            return frozenset()

    def _mapped(self, path: str) -> frozenset[str]:
        folder = os.open(path, _FOLDER)
        try:
            return frozenset(mapped_file(tail).path for tail in set(self._mappings.tails(folder)))
        finally:
            os.close(folder)

    def folder(self, pid: int) -> str:
        """The folder of a process in procfs."""
        return f"{self._proc}/{pid}"

    def working_folder(self, pid: int) -> str:
        """The working directory of a process; `/` when it is gone or may not be read."""
        try:
            return os.readlink(f"{self._proc}/{pid}/cwd")  # noqa: PTH115 - hundreds of them
        except OSError:
            return "/"

    def variable(self, pid: int, name: str) -> str:
        """A variable of the environment it was started with; empty where it has none."""
        if not name:
            return ""
        wanted = os.fsencode(name) + b"="
        for entry in self.text(pid, "environ").split(b"\0"):
            if entry.startswith(wanted):
                return os.fsdecode(entry[len(wanted) :])
        return ""

    def is_there(self, seen: Seen) -> bool:
        """Whether that very process still runs."""
        return any(one.start_ticks == seen.start_ticks for one in self.stats([seen.pid]))

    def text(self, pid: int, name: str) -> bytes:
        """A file of a process; empty when it is gone or may not be read."""
        try:
            return read_at(None, f"{self._proc}/{pid}/{name}")
        except OSError:
            return b""

    def started_at(self, start_ticks: int) -> float:
        """The moment of a start, seconds since the epoch by the clock of now."""
        return self._booted_at + start_ticks / TICKS_PER_S

    def _process(self, pid: int) -> Seen | None:
        try:
            folder = os.open(f"{self._proc}/{pid}", _FOLDER)
        except OSError:
            return None
        try:
            stat = parse_stat(read_short_at(folder, "stat"))
            return None if stat.has_ended or stat.is_kernel else self._living(folder, stat)
        except (OSError, WorldError):
            return None
        finally:
            os.close(folder)

    def _living(self, folder: int, stat: ProcessStat) -> Seen:
        try:
            tails = self._mappings.tails(folder)
            if tails or stat.threads == 1:
                return self._read(folder, stat, tails)
            return self._by_thread(folder, stat)
        except PermissionError:
            return self._seen(folder, stat, place=_UNREADABLE)

    def _by_thread(self, folder: int, stat: ProcessStat) -> Seen:
        """A process whose first thread has ended while others run on: only they have its files."""
        tasks = os.open("task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        try:
            for name in sorted(os.listdir(tasks)):  # noqa: PTH208 - by descriptor
                task = os.open(name, _FOLDER, dir_fd=tasks)
                try:
                    tails = self._mappings.tails(task)
                    if tails:
                        return self._read(task, stat, tails)
                finally:
                    os.close(task)
        finally:
            os.close(tasks)
        return self._seen(folder, stat, place=0)

    def _read(self, folder: int, stat: ProcessStat, tails: list[bytes]) -> Seen:
        place = self._files.place(folder)
        started_at = self.started_at(stat.start_ticks)
        hits = self._files.hits(folder, place, set(tails), started_at)
        program = self._program(tails)
        command = read_short_at(folder, "cmdline") if self._is_told(program) else b""
        return self._seen(
            folder,
            stat,
            place=place.number,
            is_host=place.is_host,
            program=program,
            command=command,
            hits=hits,
        )

    def _seen(
        self,
        folder: int,
        stat: ProcessStat,
        *,
        place: int,
        is_host: bool = False,
        program: str = "",
        command: bytes = b"",
        hits: tuple[Hit, ...] = (),
    ) -> Seen:
        return Seen(
            pid=stat.pid,
            start_ticks=stat.start_ticks,
            parent=stat.parent,
            name=stat.name,
            place=place,
            is_host=is_host,
            program=program,
            command=command,
            hits=hits,
            group=self._group(folder, "cgroup"),
        )

    def _is_told(self, program: str) -> bool:
        known = self._told.get(program)
        if known is None:
            known = self._told[program] = language_of(program) is not None or is_emulator(program)
        return known

    def _program(self, tails: list[bytes]) -> str:
        if not tails:
            return ""
        known = self._programs.get(tails[0])
        if known is None:
            known = self._programs[tails[0]] = mapped_file(tails[0]).path
        return known

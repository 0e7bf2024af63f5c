"""Which processes of this system run which program: by what the kernel executes, not by a name."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from insvc.adapters.procfs import ProcfsTable
from insvc.adapters.sweep import Sweep
from insvc.inspect.programs import language_of
from insvc.inspect.scripts import script_of
from insvc.model.observation import ProcessIdentity

_DELETED = " (deleted)"


class RunningPrograms:
    """The processes as they are while this is asked; make another one for a later look.

    Args:
        proc: where procfs is mounted.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        self._table = ProcfsTable(proc)

    @cached_property
    def _parents(self) -> dict[int, int]:
        with Sweep(self._proc, 0.0) as sweep:
            return {one.pid: one.parent for one in sweep.stats(sweep.pids())}

    @cached_property
    def _by_program(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for pid in self._parents:
            for path in set(self._programs(pid)):
                found.setdefault(path, []).append(pid)
        return found

    def runs(self, pid: int, program: str) -> bool:
        """Whether that process runs the program, or may: what nobody lets us see is not denied.

        Args:
            pid: of a process that is there.
            program: as its service names it; links are followed.
        """
        told = set(self._programs(pid))
        return not told or os.path.realpath(program) in told

    def is_there(self, pid: int) -> bool:
        """Whether there is such a process of this system."""
        return self._table.identity(pid) is not None and self._is_of_this_system(pid)

    def roots(self, program: str) -> tuple[int, ...]:
        """Processes that run the program, without those that one of them has started."""
        pids = self._by_program.get(os.path.realpath(program), ())
        return tuple(
            pid for pid in pids if self._parents[pid] not in pids and self._is_of_this_system(pid)
        )

    def tree(self, pid: int) -> tuple[ProcessIdentity, ...]:
        """It and what it has started, without what has become a session of its own."""
        children: dict[int, list[int]] = {}
        for one, parent in self._parents.items():
            children.setdefault(parent, []).append(one)
        found, todo, own = [], [pid], self._session(pid)
        while todo:
            one = todo.pop()
            identity = self._table.identity(one)
            is_of_it = one == pid or self._session(one) == own
            if identity is not None and is_of_it:
                found.append(identity)
                todo += children.get(one, ())
        return tuple(found)

    def _programs(self, pid: int) -> Iterator[str]:
        """What it executes, and the script that an interpreter runs; nothing where unseen."""
        try:
            path = os.readlink(f"{self._proc}/{pid}/exe").removesuffix(_DELETED)  # noqa: PTH115 - fast
        except OSError:
            return
        yield path
        if language_of(path) is not None:
            script = script_of((path, *self._table.command_line(pid)[1:]))
            if script is not None and script.startswith("/"):
                yield os.path.realpath(script)

    def _is_of_this_system(self, pid: int) -> bool:
        """Whether it is in no container: it has our own table of processes."""
        try:
            own = Path(f"{self._proc}/self/ns/pid").readlink()
            return Path(f"{self._proc}/{pid}/ns/pid").readlink() == own
        except OSError:
            return True

    @staticmethod
    def _session(pid: int) -> int:
        try:
            return os.getsid(pid)
        except OSError:
            return 0

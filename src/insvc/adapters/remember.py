"""Remembers what the interpreters of this machine have read, before packages replace it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from insvc.adapters.examiner import Examiner
from insvc.adapters.procfs import booted_at
from insvc.adapters.remembered import SourceMemory, is_settled, look
from insvc.adapters.sweep import Sweep
from insvc.inspect.programs import language_of
from insvc.inspect.remembered import State, by_path, kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from insvc.inspect.sweep import Seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What came of it.

    Attributes:
        files: how many states of files are remembered now.
        programs: of how many processes.
        left_out: how many processes were not looked at, since the time was over.
    """

    files: int
    programs: int
    left_out: int


def remember(path: Path, *, limit_s: float, proc: Path = Path("/proc")) -> Remembered:
    """Look at every script and module that processes run, and remember their digests.

    Args:
        path: of the memory's file.
        limit_s: no further process is looked at after so long.
        proc: where procfs is mounted.

    Raises:
        WorldError: the memory cannot be written.
    """
    memory = SourceMemory(path)
    until = time.monotonic() + limit_s
    with Sweep(proc, booted_at()) as sweep:
        seen = [one for one in sweep.look() if one.is_host and language_of(one.program) is not None]
        gathering = _Gathering(sweep, seen, memory)
        found: list[State] = []
        done = 0
        for one in sorted(seen, key=lambda one: one.start_ticks):
            if time.monotonic() > until:
                break
            found += gathering.states(one)
            done += 1
        starts = [sweep.started_at(one.start_ticks) for one in seen]
    states = kept([*memory.states, *found], starts)
    memory.replace(states)
    return Remembered(files=len(states), programs=done, left_out=len(seen) - done)


class _Gathering:
    """What was looked at already is not looked at again for the next process."""

    def __init__(self, sweep: Sweep, seen: list[Seen], memory: SourceMemory) -> None:
        self._examiner = Examiner(sweep, seen, None)
        self._known: Mapping[str, list[State]] = by_path(memory.states)
        self._looked: set[tuple[int, str]] = set()

    def states(self, seen: Seen) -> Iterator[State]:
        """What the sources of one process are now."""
        prefix, paths = self._examiner.sources(seen)
        for path in paths:
            if (seen.place, path) in self._looked:
                continue
            self._looked.add((seen.place, path))
            now = time.time()
            state = look(path, seen_at=now, prefix=prefix, known=self._known.get(path, ()))
            if state is not None and is_settled(state, now):
                yield state

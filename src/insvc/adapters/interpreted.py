"""Scripts, modules and archives that processes run by an interpreter, and which were replaced.

Cheap questions come first: whether the script itself changed, and whether anything changed in the
folders it loads from. Imports are followed only where something did.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from insvc.adapters.source_files import SourceFiles
from insvc.inspect.changes import Reader, change_finding, missing_finding, settled
from insvc.inspect.evidence import is_later
from insvc.inspect.maps import is_temporary
from insvc.inspect.programs import Language, Program, language_of, program_of
from insvc.inspect.search_path import SUFFIXES, VARIABLES, is_packaged, is_standard, patterns
from insvc.inspect.sweep import SYSTEM_FOLDERS
from insvc.model.words import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from insvc.adapters.closure import Closure
    from insvc.adapters.remembered import SourceMemory
    from insvc.adapters.sweep import Sweep
    from insvc.adapters.upgrades import Upgrades
    from insvc.inspect.changes import FileTimes
    from insvc.inspect.evidence import Finding
    from insvc.inspect.sweep import Seen

_CROWDED = frozenset(
    {"/", "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/home"}
    | {"/etc", "/opt", "/root", "/srv", "/tmp", "/usr", "/usr/lib", "/usr/share", "/var"}  # noqa: S108
)
"""Folders that hold much else than the modules of one program."""


@dataclass(slots=True)
class _Run:
    """What one command line runs, for all processes that have it.

    Attributes:
        program: what the interpreter was told.
        files: the root it lives in.
        script: path of its script; of a name in its folder where it runs none.
        has_script: whether it runs one.
        own: the folders in which it looks first; `shared`: those in which all programs do.
        reached: what it loads, once that was followed.
        changed: the files in the folders it loads from that are newer than the oldest process.
    """

    program: Program
    files: SourceFiles
    script: str
    has_script: bool
    own: tuple[str, ...]
    shared: tuple[str, ...]
    reached: dict[str, bool] | None = None
    changed: Mapping[str, FileTimes] | None = None


class Interpreted:
    """Finds replaced scripts and modules.

    Args:
        sweep: the processes.
        upgrades: packages that are newer than the oldest of them.
        oldest: start of the oldest process, seconds since the epoch.
        memory: what source files held earlier, read only where it decides; nothing is remembered
            where absent.
    """

    def __init__(
        self,
        sweep: Sweep,
        upgrades: Upgrades,
        oldest: float,
        memory: Callable[[], SourceMemory] | None = None,
    ) -> None:
        self._recall = memory
        self._memory: SourceMemory | None = None
        self._sweep = sweep
        self._upgrades = upgrades
        self._oldest = oldest
        self._now = time.time()
        self._roots: dict[int, SourceFiles] = {}
        self._runs: dict[tuple[int, bytes, str | None], _Run] = {}
        self._patterns: dict[tuple[int, str], list[str]] = {}
        self._closures: dict[tuple[int, Language, tuple[str, ...]], Closure] = {}

    @property
    def faults(self) -> list[str]:
        """What could not be looked at, one line each."""
        of_files = [line for files in self._roots.values() for line in files.faults]
        return of_files if self._memory is None else [*of_files, *self._memory.faults]

    def findings(self, seen: Seen) -> tuple[Finding, ...]:
        """The signs in what an interpreter was told to run; none where none runs."""
        language = language_of(seen.program)
        if language is None or not seen.command:
            return ()
        if language is Language.JAVA:
            from insvc.adapters.archives import archive_findings

            return archive_findings(self._sweep.folder(seen.pid), seen.pid)
        run = self._run(seen, language)
        reader = Reader(
            pid=seen.pid, started_at=self._sweep.started_at(seen.start_ticks), now=self._now
        )
        return (*self._of_script(seen, run, reader), *self._of_modules(seen, run, reader))

    def sources(self, seen: Seen) -> tuple[str, tuple[str, ...]]:
        """What leads to the root of a process, and the scripts and modules that it runs there.

        Archives are none: a process holds them open, so that their identity decides.
        """
        language = language_of(seen.program)
        if language in {None, Language.JAVA} or not seen.command:
            return "", ()
        run = self._run(seen, language)
        own = (run.script,) if run.has_script and not is_temporary(run.script) else ()
        return run.files.prefix, (*own, *self._reached(run))

    def _run(self, seen: Seen, language: Language) -> _Run:
        anywhere = (seen.place, seen.command, None)
        if anywhere in self._runs:
            return self._runs[anywhere]
        folder = self._sweep.working_folder(seen.pid)
        key = (seen.place, seen.command, folder)
        known = self._runs.get(key)
        if known is None:
            argv = [os.fsdecode(word) for word in seen.command.removesuffix(b"\0").split(b"\0")]
            program = program_of(language, argv)
            files = self._roots.get(seen.place)
            if files is None:
                prefix = "" if seen.place == 0 else f"{self._sweep.folder(seen.pid)}/root"
                files = self._roots[seen.place] = SourceFiles(prefix)
            script = normpath(join(folder, program.script or "-"))
            has_script = program.script is not None
            own, shared = self._folders(seen, program, script, files, argv[0])
            known = _Run(program, files, script, has_script, own, shared)
            self._runs[anywhere if (program.script or "").startswith("/") else key] = known
        return known

    def _folders(
        self, seen: Seen, program: Program, script: str, files: SourceFiles, first: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Where it looks for modules: beside the script and where it was told; where all do."""
        home = dirname(dirname(first)) if first.startswith("/") else ""
        is_home = bool(home) and files.times(f"{home}/pyvenv.cfg") is not None
        known = patterns(program.language, seen.program, home if is_home else None)
        told = [join(dirname(script), one) for one in program.folders]
        named = self._sweep.variable(seen.pid, VARIABLES.get(program.language, ""))
        told += [one for one in named.split(":") if one.startswith("/")]
        if program.language is not Language.PERL:
            told.insert(0, dirname(script))
        shared = [one for pattern in known for one in self._fitting(files, pattern)]
        return tuple(dict.fromkeys(map(normpath, told))), tuple(dict.fromkeys(shared))

    def _fitting(self, files: SourceFiles, pattern: str) -> list[str]:
        key = (id(files), pattern)
        found = self._patterns.get(key)
        if found is None:
            found = self._patterns[key] = files.folders(pattern)
        return found

    def _of_script(self, seen: Seen, run: _Run, reader: Reader) -> Iterator[Finding]:
        if not run.has_script or is_temporary(run.script):
            return
        times = run.files.times(run.script)
        if times is not None:
            found = self._change(EvidenceKind.SCRIPT_REPLACED, run.script, times, seen, reader)
            yield from () if found is None else (found,)
        elif run.script.startswith(SYSTEM_FOLDERS) and self._sweep.is_there(seen):
            yield missing_finding(EvidenceKind.SCRIPT_REPLACED, run.script, seen.pid)

    def _of_modules(self, seen: Seen, run: _Run, reader: Reader) -> Iterator[Finding]:
        if run.changed is None:
            run.changed = self._changed(seen, run)
        changed = {
            path: times
            for path, times in run.changed.items()
            if times.changed_at > reader.started_at and path != run.script
        }
        if not changed:
            return
        reached = self._reached(run)
        for path, times in changed.items():
            if path in reached:
                found = self._change(
                    EvidenceKind.MODULE_REPLACED, path, times, seen, reader, is_sure=reached[path]
                )
                yield from () if found is None else (found,)

    def _change(
        self,
        kind: EvidenceKind,
        path: str,
        times: FileTimes,
        seen: Seen,
        reader: Reader,
        *,
        is_sure: bool = True,
    ) -> Finding | None:
        if not is_later(times.changed_at, reader.started_at):
            return None
        owner = self._upgrades.owner(path) if seen.is_host else None
        came = owner is not None and self._upgrades.changed[owner] > reader.started_at
        found = change_finding(kind, path, times, reader, came_with_package=came, is_sure=is_sure)
        if found is None or self._recall is None or not seen.is_host:
            return found
        if self._memory is None:
            self._memory = self._recall()
        prefix = self._roots[seen.place].prefix
        is_same = self._memory.is_same(path, reader.started_at, prefix)
        return settled(found, is_same=is_same, is_sure=is_sure)

    def _changed(self, seen: Seen, run: _Run) -> Mapping[str, FileTimes]:
        """Files in the folders it loads from that are newer than the oldest process."""
        suffixes = SUFFIXES.get(run.program.language, ())
        found: dict[str, FileTimes] = {}
        for folder in (*run.own, *run.shared):
            if folder in _CROWDED or not suffixes:
                continue
            if seen.is_host and self._upgrades.is_known and is_packaged(folder):
                found |= self._packaged(run.files, folder, suffixes)
            elif not is_standard(folder):
                found |= run.files.changed_below(folder, suffixes, self._oldest)
        return found

    def _packaged(
        self, files: SourceFiles, folder: str, suffixes: tuple[str, ...]
    ) -> Mapping[str, FileTimes]:
        """The same from the records of packages alone."""
        found = {}
        for path in self._upgrades.owners:
            if path.startswith(f"{folder}/") and path.endswith(suffixes):
                times = files.times(path)
                if times is not None:
                    found[path] = times
        return found

    def _reached(self, run: _Run) -> Mapping[str, bool]:
        if run.reached is None:
            from insvc.adapters.closure import Closure
            from insvc.inspect.imports import starts_of

            language = run.program.language
            key = (id(run.files), language, run.shared)
            closure = self._closures.get(key)
            if closure is None:
                closure = self._closures[key] = Closure(run.files, language, run.shared)
            run.reached, is_cut = closure.reach(run.script, starts_of(run.program), run.own)
            if is_cut:
                run.files.faults.append(f"{run.script}: it loads more files than were looked at")
        return run.reached

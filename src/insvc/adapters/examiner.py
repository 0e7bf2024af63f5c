"""All signs of replaced code in the processes of one sweep, mappings first."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from insvc.adapters.upgrades import Upgrades
from insvc.inspect.programs import language_of
from insvc.inspect.signs import mapping_findings, upgrade_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from insvc.adapters.interpreted import Interpreted
    from insvc.adapters.remembered import SourceMemory
    from insvc.adapters.sweep import Sweep
    from insvc.inspect.evidence import Finding
    from insvc.inspect.sweep import Seen
    from insvc.ports import Packages


class Examiner:
    """Tells what each process runs that was replaced.

    Args:
        sweep: the processes.
        seen: those that are examined.
        packages: the package database; versions are not told where absent.
        memory: what source files held earlier, read only where it decides; nothing is remembered
            where absent.
    """

    def __init__(
        self,
        sweep: Sweep,
        seen: Sequence[Seen],
        packages: Packages | None,
        memory: Callable[[], SourceMemory] | None = None,
    ) -> None:
        self._sweep = sweep
        self._memory = memory
        self._oldest = sweep.started_at(min((one.start_ticks for one in seen), default=0))
        self.upgrades = Upgrades(packages, self._oldest)
        self._has_interpreters = False

    @property
    def faults(self) -> tuple[str, ...]:
        """What could not be looked at, one line each."""
        of_code = self._interpreted.faults if self._has_interpreters else ()
        return (*self.upgrades.faults, *of_code)

    def findings(self, seen: Seen) -> tuple[Finding, ...]:
        """The signs in one process, and the upgrades that brought what it does not run yet."""
        found = mapping_findings(seen)
        if language_of(seen.program) is not None:
            self._has_interpreters = True
            found = (*found, *self._interpreted.findings(seen))
        if not found or not seen.is_host:
            return found
        paths = [finding.evidence.subject for finding in found]
        known = self.upgrades.of(paths, self._sweep.started_at(seen.start_ticks))
        return (*found, *upgrade_findings(known, found, seen.pid))

    def sources(self, seen: Seen) -> tuple[str, tuple[str, ...]]:
        """What leads to the root of a process, and the scripts and modules that it runs there."""
        if language_of(seen.program) is None:
            return "", ()
        self._has_interpreters = True
        return self._interpreted.sources(seen)

    @cached_property
    def _interpreted(self) -> Interpreted:
        from insvc.adapters.interpreted import Interpreted

        return Interpreted(self._sweep, self.upgrades, self._oldest, self._memory)

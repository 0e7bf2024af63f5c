"""Which processes of this machine have loaded files that a patch would replace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from insvc.adapters.archives import open_archives
from insvc.adapters.interpreted import Interpreted
from insvc.adapters.upgrades import Upgrades, names_of
from insvc.inspect.evidence import Finding
from insvc.inspect.programs import Language, language_of
from insvc.model.observation import Evidence
from insvc.model.words import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from insvc.adapters.sweep import Sweep
    from insvc.inspect.sweep import Seen
    from insvc.model.act import PackageChange
    from insvc.ports import Packages


class Ahead:
    """Stands where an examiner does, and tells of the future.

    Args:
        sweep: the processes.
        packages: the package database.
        changes: what the patch would install.
        kept: files whose content the patch leaves as it is.
    """

    def __init__(
        self,
        sweep: Sweep,
        packages: Packages,
        changes: Sequence[PackageChange],
        kept: Collection[str],
    ) -> None:
        self._sweep = sweep
        self._kept = kept
        self._owners: Mapping[str, PackageChange] = {
            path: change for change in changes for path in packages.paths(change.package)
        }
        self._interpreted = Interpreted(sweep, Upgrades(None, 0.0), 0.0)

    @property
    def faults(self) -> tuple[str, ...]:
        """What could not be looked at, one line each."""
        return tuple(self._interpreted.faults)

    def findings(self, seen: Seen) -> tuple[Finding, ...]:
        """The packages of the patch that brought what the process has loaded, once each.

        A script, module or archive counts by its name: whether a process runs the content that
        its successor has can be told of mapped files alone.
        """
        if not seen.is_host or seen.pid == os.getpid():
            return ()
        mapped = self._of(self._sweep.mapped(seen.pid))
        read = self._of(self._read(seen))
        touched = [change for path, change in mapped if path not in self._kept]
        touched += [change for _, change in read]
        told = {change.package: change for change in touched}
        return tuple(_finding(change, seen.pid) for change in told.values())

    def _read(self, seen: Seen) -> Collection[str]:
        """What an interpreter reads: scripts and what they may load, or the archives it holds."""
        if language_of(seen.program) is Language.JAVA:
            return open_archives(self._sweep.folder(seen.pid))
        _, sources = self._interpreted.sources(seen)
        return sources

    def _of(self, loaded: Collection[str]) -> Iterator[tuple[str, PackageChange]]:
        """The files that the patch replaces, by the names that their packages give them."""
        for path in loaded:
            for name in names_of(path):
                if name in self._owners:
                    yield name, self._owners[name]
                    break


def _finding(change: PackageChange, pid: int) -> Finding:
    evidence = Evidence(
        kind=EvidenceKind.PACKAGE_NEWER,
        subject=change.package,
        found=change.from_version or "none",
        expected=change.to_version,
        pid=pid,
    )
    return Finding(evidence, is_proof=False)

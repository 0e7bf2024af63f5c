"""What one host looks like: its managers' words, checked against its processes and packages.

Several hosts may share one kernel, each with its files below its own root. Only processes that
belong to this host's root are looked at.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join, normpath

from insvc.errors import WorldError
from insvc.inspect.evidence import (
    Finding,
    PackageFacts,
    ProcessFacts,
    is_later,
    outside_mappings,
    package_finding,
    process_findings,
)
from insvc.inspect.maps import path_below
from insvc.inspect.scripts import script_of
from insvc.inspect.verdict import checked_state, judge
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Evidence, HostObservation, Instance, ProcessIdentity
from insvc.model.words import CODE, EvidenceKind, InstanceState, Manager, Role
from insvc.ports import Packages, ProcessTable

_PROVING = CODE | {EvidenceKind.UNSEEN}


@dataclass(slots=True)
class _Unseen:
    """What an inspection could not see, or saw and cannot judge.

    Attributes:
        faults: what could not be read, one line each.
        outside: how many processes map each file that was replaced outside the host's root.
    """

    faults: list[str] = field(default_factory=list)
    outside: Counter[str] = field(default_factory=Counter)

    def lines(self) -> tuple[str, ...]:
        """All of it, one line each."""
        outside = (
            f"{path}: was replaced outside this host's root; mapped by {count} of its processes"
            for path, count in sorted(self.outside.items())
        )
        return (*self.faults, *outside)


class HostObserver:
    """Looks at one host.

    Args:
        host: its name.
        root: the folder that holds its files, `/` for a whole machine.
        processes: the process table of the machine it shares.
        packages: its package database.
        since: when its managers began, seconds since the epoch; what is installed later is newer
            than a job that has not run yet. The start of this very process where absent.
    """

    def __init__(
        self,
        *,
        host: str,
        root: Path,
        processes: ProcessTable,
        packages: Packages,
        since: float | None = None,
    ) -> None:
        self._host = host
        self._root = str(root)
        self._processes = processes
        self._packages = packages
        self._since = processes.started_at(os.getpid()) if since is None else since

    def observe(
        self, rows: Sequence[ManagerRow], *, taken_at: float, role: Role | None, locked: bool
    ) -> HostObservation:
        """The whole host, from what its managers say of each service.

        Args:
            rows: one account a service, from every manager of the host.
            taken_at: now, seconds since the epoch.
            role: active or standby, where it takes turns.
            locked: whether it is taken out of service.
        """
        seen = _Unseen()
        installed = self._installed(seen)
        mains = frozenset(row.pid for row in rows if row.pid is not None)
        return HostObservation(
            host=self._host,
            taken_at=taken_at,
            boot_id=self._processes.boot_id(),
            role=role,
            locked=locked,
            instances=tuple(self._instance(row, mains, installed, seen) for row in rows),
            packages=dict(installed),
            unseen=seen.lines(),
        )

    def identities(self, row: ManagerRow) -> tuple[ProcessIdentity, ...]:
        """The live processes of one service: its main process first, then what it started."""
        return self._identities(self._pids(row, frozenset()))

    def stale_evidence(self, row: ManagerRow) -> tuple[Evidence, ...]:
        """What shows, or leaves open, that the service runs replaced code; empty when it does not.

        A process that may not be looked at yields evidence of the kind `unseen`.
        """
        findings = self._process_findings(row, self._pids(row, frozenset()), _Unseen())
        return tuple(one.evidence for one in findings if one.evidence.kind in _PROVING)

    def _instance(
        self,
        row: ManagerRow,
        mains: frozenset[int],
        installed: Mapping[str, str],
        unseen: _Unseen,
    ) -> Instance:
        pids = self._pids(row, mains)
        is_main_there = row.pid is not None and row.pid in pids
        state = checked_state(row, is_main_there=is_main_there)
        findings = [
            *self._process_findings(row, pids, unseen),
            *self._package_findings(row, pids),
        ]
        return Instance(
            service=row.name,
            manager=row.manager,
            state=state,
            verdict=judge(findings, state),
            evidence=tuple(one.evidence for one in findings),
            processes=self._identities(pids),
            package=row.package,
            version=installed.get(row.package or ""),
            restarts=row.restarts,
            started_in_s=row.started_in_s,
            endpoint=row.endpoint,
            next_run_at=row.next_run_at,
        )

    def _installed(self, unseen: _Unseen) -> Mapping[str, str]:
        try:
            return self._packages.installed()
        except WorldError as fault:
            unseen.faults.append(str(fault))
            return {}

    def _pids(self, row: ManagerRow, mains: frozenset[int]) -> tuple[int, ...]:
        """The service's processes; those of other services that it started are not its own."""
        found: dict[int, None] = {}
        if row.pid is not None and self._is_of_service(row.pid, row.name):
            self._add_tree(row.pid, row.name, mains - {row.pid}, found)
        if row.helpers:
            for pid in self._of_pattern(row.helpers):
                if pid not in mains:
                    self._add_tree(pid, row.name, mains, found)
        return tuple(found)

    def _add_tree(
        self, pid: int, service: str, mains: frozenset[int], found: dict[int, None]
    ) -> None:
        if pid in found:
            return
        found[pid] = None
        for child in self._processes.children(pid):
            if child not in mains and self._is_of_service(child, service):
                self._add_tree(child, service, mains, found)

    def _is_of_service(self, pid: int, service: str) -> bool:
        """Whether nothing in its environment says that it belongs to another host or service."""
        if self._processes.identity(pid) is None:
            return False
        environment = self._processes.environment(pid)
        is_here = environment.get("INSVC_ROOT", self._root) == self._root
        return is_here and environment.get("INSVC_SERVICE", service) == service

    def _of_pattern(self, pattern: str) -> Iterable[int]:
        """Processes of this host whose command line matches, wherever they hang in the tree."""
        matcher = _matcher(pattern)
        for pid in self._processes.pids():
            argv = self._processes.command_line(pid)
            if argv and matcher.search(" ".join(argv)) and self._is_of_host(pid):
                yield pid

    def _is_of_host(self, pid: int) -> bool:
        root = self._processes.environment(pid).get("INSVC_ROOT")
        if root is not None:
            return root == self._root
        folder = self._processes.working_directory(pid) or ""
        return path_below(self._root, folder + "/") is not None

    def _identities(self, pids: Iterable[int]) -> tuple[ProcessIdentity, ...]:
        found = (self._processes.identity(pid) for pid in pids)
        return tuple(one for one in found if one is not None)

    def _process_findings(
        self, row: ManagerRow, pids: Iterable[int], unseen: _Unseen
    ) -> list[Finding]:
        """Signs in these processes; what ended or changed hands while it was read is left out."""
        findings: list[Finding] = []
        for pid in pids:
            before = self._processes.identity(pid)
            facts = self._facts(pid)
            if before is None or self._processes.identity(pid) != before:
                continue
            if facts.unreadable:
                unseen.faults.append(f"{row.name}: pid {pid}: {facts.unreadable}")
            unseen.outside.update(outside_mappings(facts, self._root))
            findings += process_findings(facts, self._root)
        return findings

    def _facts(self, pid: int) -> ProcessFacts:
        script = self._script(pid)
        changed_at = None if script is None else self._packages.changed_at(script)
        started_at = self._processes.started_at(pid)
        try:
            replaced, unreadable = self._processes.replaced_mappings(pid), ""
        except WorldError as fault:
            replaced, unreadable = (), fault.reason
        is_newer = script is not None and is_later(changed_at, started_at)
        return ProcessFacts(
            pid=pid,
            started_at=started_at,
            replaced=replaced,
            script=script,
            script_changed_at=changed_at,
            script_came_with_package=is_newer and self._is_package_newer(script, started_at),
            unreadable=unreadable,
        )

    def _is_package_newer(self, path: str | None, started_at: float | None) -> bool:
        """Whether a package owns the file and was itself installed later than that."""
        owner = None if path is None else self._packages.owner(path)
        return owner is not None and is_later(self._packages.installed_at(owner), started_at)

    def _script(self, pid: int) -> str | None:
        """The script its interpreter runs, as seen from the host's root."""
        script = script_of(self._processes.command_line(pid))
        if script is None:
            return None
        folder = self._processes.working_directory(pid) or "/"
        return path_below(self._root, normpath(join(folder, script)))

    def _package_findings(self, row: ManagerRow, pids: Sequence[int]) -> tuple[Finding, ...]:
        """That the package is newer than the main process, or than a job's last run."""
        since = self._processes.started_at(pids[0]) if pids else None
        if not pids and row.manager is Manager.CRON and row.state is InstanceState.SCHEDULED:
            since = self._since if row.last_run_at is None else row.last_run_at
        if since is None or row.package is None:
            return ()
        version = self._installed(_Unseen()).get(row.package)
        installed_at = self._packages.installed_at(row.package)
        if version is None or not is_later(installed_at, since):
            return ()
        package = PackageFacts(
            name=row.package,
            version=version,
            installed_at=installed_at,
            earlier_version=self._packages.version_at(row.package, since),
        )
        finding = package_finding(package, since, pids[0] if pids else None)
        return () if finding is None else (finding,)


def _matcher(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; one that is none matches itself."""
    try:
        return re.compile(pattern)
    except re.error:
        return re.compile(re.escape(pattern))

"""This whole machine, looked at from inside: what runs replaced code, whoever manages it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from insvc.adapters.examiner import Examiner
from insvc.adapters.groups import pids_of_group
from insvc.adapters.procfs import booted_at, read_boot_id
from insvc.adapters.sweep import Sweep
from insvc.inspect.asked import names_to_ask
from insvc.inspect.cgroup import is_within
from insvc.inspect.guests import guest_of
from insvc.inspect.instances import (
    instances,
    is_notable,
    nearest,
    packages_of,
    told_once,
    with_version,
)
from insvc.inspect.people import user_units
from insvc.inspect.signs import (
    PROVING,
    Trace,
    unreadable_finding,
    unreadable_line,
)
from insvc.model.observation import HostObservation, ProcessIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from insvc.adapters.ahead import Ahead
    from insvc.adapters.remembered import SourceMemory
    from insvc.adapters.upgrades import Upgrades
    from insvc.catalog.account import Account
    from insvc.inspect.sweep import Seen
    from insvc.model.act import PackageChange
    from insvc.model.manager_row import ManagerRow
    from insvc.model.observation import Evidence, Instance
    from insvc.ports import Packages


_LOOKS = 3
"""How often a machine is looked at, at most, where services are started meanwhile."""


class _Look(NamedTuple):
    """The processes, then the word of their managers."""

    traces: list[Trace]
    examiner: Examiner
    hidden: Sequence[str]
    account: Account


class Machine:
    """Looks at the machine it runs on.

    Args:
        host: its name.
        look: the account of its managers, of these services or of all.
        packages: its package database; versions are not told where absent.
        memory: what source files held earlier, read anew for each look; nothing is remembered
            where absent.
        proc: where procfs is mounted.
        groups: where the control groups are mounted.
        is_alone: whether this process has one thread and looks once.

    Attributes:
        user_units: what users' own managers run that is stale, by the manager's service, as of the
            last look at the whole machine.

    Raises:
        WorldError: there is no procfs.
    """

    def __init__(
        self,
        *,
        host: str,
        look: Callable[[Collection[str] | None], Account],
        packages: Packages | None = None,
        memory: Callable[[], SourceMemory] | None = None,
        proc: Path = Path("/proc"),
        groups: Path = Path("/sys/fs/cgroup"),
        is_alone: bool = False,
    ) -> None:
        self._host = host
        self._look = look
        self._packages = packages
        self._memory = memory
        self._proc = proc
        self._groups = groups
        self._is_alone = is_alone
        self.user_units: Mapping[str, tuple[str, ...]] = {}
        self._boot_id = read_boot_id(proc)

    def observe(self, *, everything: bool, taken_at: float) -> HostObservation:
        """The whole machine.

        Args:
            everything: also what is current and what does not run; otherwise its managers are
                asked only of what has a finding.
            taken_at: now, seconds since the epoch.
        """
        look = self._look_over(everything=everything)
        for _ in range(_LOOKS - 1):
            if not everything or not self._is_outrun(look):
                break
            look = self._look_over(everything=everything)
        self.user_units = user_units(look.traces)
        found = instances(look.traces, look.account.rows)
        if not everything:
            found = tuple(one for one in found if is_notable(one))
        packages = _told_of(found, look.examiner.upgrades, everything=everything)
        return HostObservation(
            host=self._host,
            taken_at=taken_at,
            boot_id=self._boot_id,
            instances=tuple(with_version(one, packages) for one in found),
            packages=packages,
            unseen=(*look.account.unseen, *look.examiner.faults, *look.hidden),
        )

    def ahead(
        self, packages: Packages, changes: Sequence[PackageChange], kept: Collection[str]
    ) -> HostObservation:
        """What would be told of after a patch: instances with the packages that would be newer.

        Args:
            packages: the package database.
            changes: what it would install.
            kept: files whose content it leaves as it is.

        Raises:
            WorldError: the package database cannot be read.
        """
        from insvc.adapters.ahead import Ahead

        with Sweep(self._proc, booted_at()) as sweep:
            seen = sweep.look()
            ahead = Ahead(sweep, packages, changes, kept)
            traces = self._traces(seen, ahead)
            hidden = unreadable_line(seen, is_hidden=sweep.is_hidden)
        self.user_units = user_units(traces)
        account = self._look(None)
        found = instances(traces, account.rows)
        return HostObservation(
            host=self._host,
            boot_id=self._boot_id,
            instances=tuple(one for one in found if one.evidence),
            unseen=(*account.unseen, *ahead.faults, *hidden),
        )

    def identities(self, row: ManagerRow) -> tuple[ProcessIdentity, ...]:
        """The live processes of one service: its main process first, then what it started."""
        with Sweep(self._proc, booted_at()) as sweep:
            found = [
                ProcessIdentity(boot_id=self._boot_id, pid=one.pid, start_ticks=one.start_ticks)
                for one in sweep.stats(self._pids(sweep, row))
            ]
        return tuple(sorted(found, key=lambda one: (one.pid != row.pid, one)))

    def stale_evidence(self, row: ManagerRow) -> tuple[Evidence, ...]:
        """What shows, or leaves open, that the service runs replaced code; empty when it does not.

        A process that may not be looked at yields evidence of the kind `unseen`.
        """
        with Sweep(self._proc, booted_at()) as sweep:
            seen = sweep.look(self._pids(sweep, row))
            examiner = Examiner(sweep, seen, self._packages, self._memory)
            found = [
                finding
                for one in seen
                for finding in (*unreadable_finding(one), *examiner.findings(one))
            ]
        return tuple(one.evidence for one in told_once(found) if one.evidence.kind in PROVING)

    def _pids(self, sweep: Sweep, row: ManagerRow) -> list[int]:
        """The processes of a row: those in its control group, else what its pids started."""
        if row.cgroup is not None:
            of_group = pids_of_group(self._groups, row.cgroup)
            if of_group is not None:
                return list(of_group)
            return [pid for pid in sweep.pids() if is_within(sweep.group(pid), row.cgroup)]
        roots = row.pids if row.pid is None else (row.pid, *row.pids)
        if not roots:
            return []
        parents = {one.pid: one.parent for one in sweep.stats(sweep.pids())}
        return [pid for pid in parents if nearest(pid, roots, parents) is not None]

    def _look_over(self, *, everything: bool) -> _Look:
        with Sweep(self._proc, booted_at(), is_alone=self._is_alone) as sweep:
            seen = sweep.look()
            examiner = Examiner(sweep, seen, self._packages, self._memory)
            traces = self._traces(seen, examiner)
            hidden = unreadable_line(seen, is_hidden=sweep.is_hidden)
        account = self._look(None if everything else names_to_ask(traces))
        return _Look(traces, examiner, hidden, account)

    def _is_outrun(self, look: _Look) -> bool:
        """Whether a manager names a process that was started after the processes were looked at.

        What was seen of that service is of its former life then, and does not go with the row.
        """
        known = {one.process.pid for one in look.traces}
        pids = [row.pid for row in look.account.rows if row.pid is not None]
        with Sweep(self._proc, booted_at()) as sweep:
            return bool(sweep.stats(pid for pid in pids if pid not in known))

    def _traces(self, seen: Sequence[Seen], examiner: Examiner | Ahead) -> list[Trace]:
        return [
            Trace(
                process=ProcessIdentity(
                    boot_id=self._boot_id, pid=one.pid, start_ticks=one.start_ticks
                ),
                parent=one.parent,
                group=one.group,
                name=one.name,
                findings=examiner.findings(one),
                guest=guest_of(one.program, one.command),
            )
            for one in seen
        ]


def _told_of(found: Sequence[Instance], upgrades: Upgrades, *, everything: bool) -> dict[str, str]:
    """Versions of all packages, or of those that something is told of."""
    if everything:
        return dict(upgrades.installed)
    names = {name for one in found for name in packages_of(one)}
    return {name: upgrades.installed[name] for name in names if name in upgrades.installed}

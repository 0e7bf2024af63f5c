"""The port `HostManager` on cron, cronie and anacron: their tables, and what runs of them now.

A job is never restarted and never ended: whatever runs is waited for, and its next run is fresh.
"""

import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from insvc.adapters.cron_tables import has_tables, read_tables
from insvc.adapters.procfs import ProcfsTable
from insvc.adapters.small_file import read_small
from insvc.adapters.wait_end import wait_for_ends
from insvc.catalog.account import Account
from insvc.errors import UnknownName, WorldError
from insvc.inspect.cron_account import entry_of, row_of
from insvc.inspect.cron_runs import Runs, Started, find_runs
from insvc.inspect.cron_time import next_start
from insvc.inspect.crontab import Job
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, Manager
from insvc.ports import ProcessTable

_CRONS = frozenset({"cron", "crond"})
_ANACRON = frozenset({"anacron"})
_PIDFILE_BYTES = 64
_PIDFILES = ("run/crond.pid", "run/cron.pid", "var/run/crond.pid", "var/run/cron.pid")
_UNSEEN_STRAYS = 5


def find(root: Path = Path("/")) -> "Cron | None":
    """The cron of this host, or nothing where it has none."""
    return Cron(root) if has_tables(root) else None


class Cron:
    """The jobs of one host.

    Args:
        root: the folder that holds the host's files.
        table: its processes.
        now: seconds since the epoch.
    """

    kind = Manager.CRON

    def __init__(
        self,
        root: Path = Path("/"),
        table: ProcessTable | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._root = root
        self._table = table or ProcfsTable()
        self._now = now

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these jobs, or of all; faults of tables where all were asked for."""
        tables = read_tables(self._root)
        daemons = self._daemons()
        runs = find_runs(tables.jobs, self._started(daemons))
        jobs = [job for job in tables.jobs if names is None or job.name in names]
        faults: list[str] = []
        zone = self._zone(faults)
        rows = tuple(self._row(job, runs, zone, faults, has_daemon=bool(daemons)) for job in jobs)
        if names is not None:
            return Account(rows=rows, entries=tuple(map(entry_of, jobs)))
        faults += tables.faults
        faults += _words_of(runs)
        if jobs and not daemons:
            faults.append(f"no cron runs: nothing starts the {len(jobs)} jobs of its tables")
        return Account(
            rows=rows, entries=tuple(map(entry_of, jobs)), unseen=tuple(dict.fromkeys(faults))
        )

    def restart(self, order: Order) -> Restarted:
        """Wait for the end of the job's present run; to restart it is refused.

        Raises:
            UnknownName: no table has that job.
            WorldError: something else than its next run was ordered.
        """
        self._require(order.service)
        if order.action is not Action.NEXT_RUN:
            raise WorldError(
                order.service,
                f"is a job: every run of it starts afresh; found {order.action} as order",
                next_act="use next-run: it waits for a run under way and ends nothing",
            )
        has_ended = self.wait_for_end(order.service, order.timeout_s)
        said = "its next run starts afresh" if has_ended else "its run had not ended in time"
        return Restarted(done=has_ended, said=said)

    def running(self) -> frozenset[str]:
        """None: all of its services are jobs."""
        return frozenset()

    def wait_for_end(self, service: str, timeout_s: float) -> bool:
        """Wait until what runs of the job now has ended; false where it had not in time.

        Raises:
            UnknownName: no table has that job.
        """
        row = self._require(service)
        pids = (row.pid, *row.pids) if row.pid is not None else ()
        found = (self._table.identity(pid) for pid in pids)
        return wait_for_ends([one for one in found if one is not None], timeout_s)

    def _require(self, service: str) -> ManagerRow:
        rows = self.look([service]).rows
        if not rows:
            raise UnknownName(
                service,
                "no crontab has that job",
                next_act="list what is there with `insvc scan --local --all`",
            )
        return rows[0]

    def _row(
        self, job: Job, runs: Runs, zone: tzinfo, faults: list[str], *, has_daemon: bool
    ) -> ManagerRow:
        pids = runs.pids.get(job.name, ())
        return row_of(
            job,
            pids=pids,
            began_at=self._table.started_at(pids[0]) if pids else None,
            next_run_at=self._next_run(job, zone, faults),
            has_daemon=has_daemon,
        )

    def _next_run(self, job: Job, zone: tzinfo, faults: list[str]) -> float | None:
        if job.schedule is None:
            return None
        where = f"{job.source}:{job.line}"
        try:
            own = ZoneInfo(job.zone) if job.zone else zone
            return next_start(job.schedule, self._now(), own)
        except (OSError, LookupError):
            faults.append(f"{where}: found {job.zone!r} as time zone, expected one of this host")
        except ValueError as fault:
            faults.append(f"{where}: {fault}")
        return None

    def _zone(self, faults: list[str]) -> tzinfo:
        """The time zone of the host; UTC where it has set none."""
        path = self._root / "etc/localtime"
        try:
            with path.open("rb") as file:
                return ZoneInfo.from_file(file)
        except FileNotFoundError:
            return UTC
        except (OSError, ValueError) as fault:
            faults.append(f"/etc/localtime: {fault}; next runs are told for UTC")
            return UTC

    def _daemons(self) -> tuple[int, ...]:
        """Pids of the cron daemon and of an anacron at work."""
        named = (self._pid_in(name) for name in _PIDFILES)
        found = [pid for pid in named if pid is not None and self._program(pid) in _CRONS]
        if not found:
            found = self._running(_CRONS)
        if (self._root / "etc/anacrontab").exists():
            found += self._running(_ANACRON)
        return tuple(dict.fromkeys(found))

    def _running(self, programs: frozenset[str]) -> list[int]:
        """Pids of those programs, those in containers left out."""
        pids = (pid for pid in self._table.pids() if self._program(pid) in programs)
        return [pid for pid in pids if _is_of_this_system(pid)]

    def _pid_in(self, pidfile: str) -> int | None:
        try:
            text = read_small(self._root / pidfile, _PIDFILE_BYTES).strip()
        except OSError:
            return None
        return int(text) if text.isascii() and text.isdigit() else None

    def _program(self, pid: int) -> str:
        argv = self._table.command_line(pid)
        return argv[0].split(" ")[0].rpartition("/")[2] if argv else ""

    def _started(self, daemons: tuple[int, ...]) -> Iterator[Started]:
        """Every process below the daemons, those above first, each once."""
        seen = set(daemons)
        todo: list[tuple[int, tuple[int, ...]]] = [(pid, ()) for pid in daemons]
        while todo:
            pid, above = todo.pop()
            for child in self._table.children(pid):
                if child in seen:
                    continue
                seen.add(child)
                yield Started(pid=child, argv=self._table.command_line(child), above=above)
                todo.append((child, (*above, child)))


def _is_of_this_system(pid: int) -> bool:
    """Whether it has our own table of processes; where that may not be asked, it has."""
    try:
        return Path(f"/proc/{pid}/ns/pid").readlink() == Path("/proc/self/ns/pid").readlink()
    except OSError:
        return True


def _words_of(runs: Runs) -> list[str]:
    """What runs below cron though no line says so: its line was changed, or it was left behind."""
    lines = [
        f"cron: pid {one.pid} ({one.argv[0] if one.argv else 'no name'}) runs and is of no line"
        for one in runs.strays[:_UNSEEN_STRAYS]
    ]
    more = len(runs.strays) - _UNSEEN_STRAYS
    return [*lines, f"cron: and {more} more of no line"] if more > 0 else lines

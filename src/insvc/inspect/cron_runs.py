"""Which jobs are under way: processes below the cron daemon, matched to their lines."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from insvc.inspect.crontab import Job

_SHELL_ARGUMENTS = 3
_DAEMONS = frozenset({"cron", "crond", "anacron"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """One process below the daemon.

    Attributes:
        pid: its process id.
        argv: its argument vector.
        above: pids of the processes between the daemon and it, the nearest last.
    """

    pid: int
    argv: tuple[str, ...]
    above: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """What is under way.

    Attributes:
        pids: by name of the job, its processes, the one that was started as its command first;
            what these have started comes with them.
        strays: processes that are of no line there is now, with their command lines.
    """

    pids: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    strays: tuple[Started, ...] = ()


def find_runs(jobs: Sequence[Job], processes: Iterable[Started]) -> Runs:
    """Match the processes to the jobs.

    Several lines of one command cannot be told apart: each of them counts as under way, for to
    wait for one run too many does no harm.

    Args:
        jobs: all the jobs of the host.
        processes: all descendants of the daemon, those above before those below.
    """
    pids: dict[str, tuple[int, ...]] = {}
    strays: dict[int, Started] = {}
    claimed: set[int] = set()
    for process in processes:
        names = [job.name for job in jobs if runs_job(process.argv, job)]
        for name in names:
            if not set(process.above) & set(pids.get(name, ())):
                pids[name] = (*pids.get(name, ()), process.pid)
        if names or claimed & set(process.above):
            claimed.add(process.pid)
            for above in process.above:
                strays.pop(above, None)
        elif not _is_daemon(process.argv):
            strays[process.pid] = process
    return Runs(pids=pids, strays=_uppermost(strays))


def runs_job(argv: Sequence[str], job: Job) -> bool:
    """Whether that is the command of the job: in a shell, in place of it, or as its script."""
    if len(argv) >= _SHELL_ARGUMENTS and argv[-2] == "-c":
        return argv[-1].strip() == job.command
    words = _words(job.command)
    if not words or not argv:
        return False
    return tuple(argv) == words or tuple(argv[-len(words) :]) == words


@cache
def _words(command: str) -> tuple[str, ...]:
    """The command as a shell would split it were it that simple; empty where it cannot be."""
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return ()


def _is_daemon(argv: Sequence[str]) -> bool:
    """Whether it is a copy of the daemon that waits for what it started."""
    return bool(argv) and argv[0].split(" ")[0].rpartition("/")[2].lower() in _DAEMONS


def _uppermost(strays: Mapping[int, Started]) -> tuple[Started, ...]:
    return tuple(one for one in strays.values() if not set(one.above) & set(strays))

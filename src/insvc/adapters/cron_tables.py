"""Finds and reads every crontab of a host; what cannot be read is told, one line each."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from insvc.adapters.small_file import read_small
from insvc.inspect.crontab import (
    Crontab,
    Job,
    Place,
    is_part,
    parse_anacrontab,
    parse_crontab,
    part_jobs,
    parts_folder,
)

_SPOOLS = ("var/spool/cron/crontabs", "var/spool/cron/tabs", "var/spool/cron")
_CRONIE = "usr/sbin/crond"
_ANACRON = "usr/sbin/anacron"
_ANY_EXECUTE = 0o111


def has_tables(root: Path) -> bool:
    """Whether a cron is installed here."""
    return any((root / one).exists() for one in ("etc/crontab", "etc/cron.d", "etc/anacrontab"))


def read_tables(root: Path) -> Crontab:
    """All the jobs of the host.

    Args:
        root: the folder that holds the host's files.
    """
    found = list(_tables(root, knows_zones=(root / _CRONIE).exists()))
    jobs = [job for table in found for job in table.jobs]
    faults = [fault for table in found for fault in table.faults]
    return Crontab(tuple(_with_parts(root, jobs)), tuple(faults))


def _tables(root: Path, *, knows_zones: bool) -> Iterator[Crontab]:
    def place(source: str, label: str, owner: str | None = None) -> Place:
        return Place(source, label, owner, knows_zones)

    if (root / _ANACRON).exists():
        # First: where cron.daily is named in both tables, anacron is who runs it.
        yield _read(root, place("/etc/anacrontab", "anacrontab"), parse_anacrontab)
    yield _read(root, place("/etc/crontab", "crontab"), parse_crontab)
    names, faults = _names(root / "etc/cron.d")
    yield Crontab(faults=faults)
    for name in filter(is_part, names):
        yield _read(root, place(f"/etc/cron.d/{name}", f"cron.d/{name}"), parse_crontab)
    spool = next((one for one in _SPOOLS if (root / one).is_dir()), None)
    if spool is not None:
        users, faults = _names(root / spool)
        yield Crontab(faults=faults)
        for user in users:
            yield _read(root, place(f"/{spool}/{user}", f"crontabs/{user}", user), parse_crontab)


def _read(root: Path, place: Place, parse: Callable[[str, Place], Crontab]) -> Crontab:
    """One table; an absent one has no jobs, and one that cron leaves alone says so."""
    path = root / place.source.lstrip("/")
    try:
        text = read_small(path)
        refused = _why_refused(root, path)
    except FileNotFoundError:
        return Crontab()
    except OSError as fault:
        return Crontab(faults=(f"{place.source}: cannot be read: {fault.strerror}",))
    if refused:
        return Crontab(faults=(f"{place.source}: {refused}: cron leaves it alone",))
    return parse(text, place)


def _why_refused(root: Path, path: Path) -> str:
    """Why cron would not trust the file; empty where it does."""
    mode = path.stat().st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"found mode {stat.S_IMODE(mode):04o}, expected none but its owner to write it"
    is_system = "etc" in path.relative_to(root).parts
    if is_system and path.stat().st_uid != root.stat().st_uid:
        return f"found owner {path.stat().st_uid}, expected {root.stat().st_uid}"
    return ""


def _names(folder: Path) -> tuple[list[str], tuple[str, ...]]:
    """Names of the files there, in order, and why they cannot be told."""
    try:
        return sorted(one.name for one in folder.iterdir() if one.is_file()), ()
    except FileNotFoundError:
        return [], ()
    except OSError as fault:
        return [], (f"{folder}: cannot be read: {fault.strerror}; run as root to see its jobs",)


def _programs(folder: Path) -> list[str]:
    """Names of the files there that may be executed."""
    names, _ = _names(folder)
    return [name for name in names if (folder / name).stat().st_mode & _ANY_EXECUTE]


def _with_parts(root: Path, jobs: list[Job]) -> Iterator[Job]:
    """The jobs, where those of run-parts are replaced by what they run; each name once."""
    told: set[str] = set()
    for job in jobs:
        folder = parts_folder(job)
        parts = part_jobs(job, folder, _programs(root / folder.lstrip("/"))) if folder else ()
        for one in parts or (job,):
            if one.name not in told:
                told.add(one.name)
                yield one

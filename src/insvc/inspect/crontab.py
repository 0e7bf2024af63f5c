"""The lines of a crontab, of any kind that a Linux host has; nothing of them is ever executed.

Source: crontab(5) of Debian's cron and of cronie, anacrontab(5), run-parts(8).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from insvc.model.cron_schedule import parse

REBOOT = "@reboot"
_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
    "@every_minute": "* * * * *",
}
_ANACRON_WORDS = frozenset({"@daily", "@weekly", "@monthly", "@yearly", "@annually"})
_FIELDS = 5
_ANACRON_FIELDS = 4
_SETTING = re.compile(r"""\s*("[^"]*"|'[^']*'|[^\s="'@][^\s=]*)\s*=\s*(.*?)\s*""", re.DOTALL)
_PERCENT = re.compile(r"(?<!\\)%")
_RANDOM = re.compile(r"(?<!\d)(\d*)~(\d*)")  # the look behind keeps long numbers linear
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PARTS = re.compile(r"\brun-parts\b(?:\s+(?!/)[^\s;&|)]+)*\s+(/[\w./-]+)")
_PART_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One thing that cron starts.

    Attributes:
        name: `cron.d/sysstat:5`, `crontab:17`, `crontabs/alice:3`, `cron.daily/logrotate`.
        source: the file that says so.
        line: its number there, 1 or more.
        user: whom it runs as; empty where the file leaves it to its owner and that is unknown.
        schedule: five fields; absent for `@reboot` and where anacron decides.
        is_at_random: some field names a range within which the daemon picks a value itself.
        command: what the shell is given, up to the first `%` that is not escaped.
        zone: name of the time zone of its schedule; the host's where absent.
    """

    name: str
    source: str
    line: int
    user: str
    schedule: str | None
    is_at_random: bool = False
    command: str
    zone: str | None = None

    @property
    def program(self) -> str:
        """The first word of its command: what may be shown without telling its arguments."""
        words = self.command.split(None, 1)
        return words[0] if words else ""


class Crontab(NamedTuple):
    """What a file says: its jobs, and what of it cannot be read, one line each."""

    jobs: tuple[Job, ...] = ()
    faults: tuple[str, ...] = ()


class Place(NamedTuple):
    """Where a crontab was found.

    Attributes:
        source: path of the file.
        label: how its jobs are named, before their line number.
        owner: the user whose crontab it is; absent where every line names one.
        knows_zones: its daemon (cronie) reads `CRON_TZ`.
    """

    source: str
    label: str
    owner: str | None = None
    knows_zones: bool = False


class _Wrong(Exception):
    """A line that says nothing cron could run; the text tells why."""


def parse_crontab(text: str, place: Place) -> Crontab:
    """The jobs of a crontab, and its faults; a faulty line costs none of the others."""
    return _collect(text, place, _job)


def parse_anacrontab(text: str, place: Place) -> Crontab:
    """The jobs of an anacrontab; when each runs is anacron's own matter."""
    return _collect(text, place, _anacron_job)


def parts_folder(job: Job) -> str | None:
    """The folder whose programs the job runs one after the other (run-parts), if it does."""
    found = _PARTS.search(job.command)
    return found[1].rstrip("/") if found else None


def part_jobs(job: Job, folder: str, names: Iterable[str]) -> tuple[Job, ...]:
    """One job for each program that run-parts starts there, at the time of the line's own."""
    label = folder.rpartition("/")[2]
    return tuple(
        replace(job, name=f"{label}/{name}", command=f"{folder}/{name}")
        for name in sorted(names)
        if is_part(name)
    )


def is_part(name: str) -> bool:
    """Whether run-parts and cron look at a file of that name at all."""
    return _PART_NAME.fullmatch(name) is not None


def _collect(
    text: str, place: Place, read: Callable[[str, Place, int, str | None], Job]
) -> Crontab:
    """Read line by line; settings of the environment hold for the lines below them."""
    jobs: list[Job] = []
    faults: list[str] = []
    zone = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        setting = _SETTING.fullmatch(line)
        if setting is not None:
            zone = _zone_of(setting, zone, place)
            continue
        try:
            jobs.append(read(line, place, number, zone))
        except (_Wrong, ValueError) as fault:
            faults.append(f"{place.source}:{number}: {fault}")
    if text and not text.endswith("\n"):
        last = text.count("\n") + 1
        faults.append(f"{place.source}:{last}: found no newline at its end: cron may not run it")
    return Crontab(tuple(jobs), tuple(faults))


def _zone_of(setting: re.Match[str], before: str | None, place: Place) -> str | None:
    name, value = (_unquoted(setting[1]), _unquoted(setting[2]))
    return (value or None) if name == "CRON_TZ" and place.knows_zones else before


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def _job(line: str, place: Place, number: int, zone: str | None) -> Job:
    """The job of one line.

    Raises:
        _Wrong, ValueError: it is none.
    """
    when, rest = _split_time(line)
    user, words = (place.owner, rest) if place.owner is not None else _split_user(rest)
    command = _PERCENT.split(words, maxsplit=1)[0].replace("\\%", "%").strip()
    if not command:
        raise _Wrong(f"found no command, expected one after {when!r}")
    schedule = None if when == REBOOT else _WORDS.get(when, when.removeprefix("-"))
    is_at_random = schedule is not None and "~" in schedule
    if schedule is not None:
        schedule = _without_chance(schedule)
        parse(schedule)
    return Job(
        name=f"{place.label}:{number}",
        source=place.source,
        line=number,
        user=user,
        schedule=schedule,
        is_at_random=is_at_random,
        command=command,
        zone=zone,
    )


def _split_time(line: str) -> tuple[str, str]:
    """The time of a line (one word with `@`, or five fields), and what follows it."""
    if line.lstrip().startswith("@"):
        word, *rest = line.split(None, 1)
        if word != REBOOT and word not in _WORDS:
            known = ", ".join((REBOOT, *sorted(_WORDS)))
            raise _Wrong(f"found {word!r} as time, expected one of {known}")
        return word, "".join(rest)
    fields = line.split(None, _FIELDS)
    if len(fields) <= _FIELDS:
        raise _Wrong(f"found {len(fields)} fields, expected {_FIELDS} of time and a command")
    return " ".join(fields[:_FIELDS]), fields[_FIELDS]


def _split_user(rest: str) -> tuple[str, str]:
    user, *command = rest.split(None, 1)[:2] or ("",)
    return user, "".join(command)


def _without_chance(schedule: str) -> str:
    """The schedule with every moment at which a range of chance (`0~30`) may come true."""
    fields = zip(schedule.split(), _LIMITS, strict=True)
    return " ".join(_widest(field, low, high) for field, (low, high) in fields)


def _widest(field: str, low: int, high: int) -> str:
    """The field with `5~` as `5-59`: everything that may be picked."""
    return _RANDOM.sub(lambda found: f"{found[1] or low}-{found[2] or high}", field)


def _anacron_job(line: str, place: Place, number: int, zone: str | None) -> Job:
    """The job of one line: period in days, delay in minutes, its own name, command.

    Raises:
        _Wrong: it is none.
    """
    fields = line.split(None, _ANACRON_FIELDS - 1)
    if len(fields) < _ANACRON_FIELDS:
        raise _Wrong(f"found {len(fields)} fields, expected period, delay, name and command")
    period, delay, name, command = fields
    if not (period in _ANACRON_WORDS or _is_number(period)) or not _is_number(delay):
        raise _Wrong(f"found {period!r} and {delay!r}, expected a period in days and minutes")
    return Job(
        name=f"{place.label}:{name}",
        source=place.source,
        line=number,
        user=place.owner or "root",
        schedule=None,
        command=command.strip(),
        zone=zone,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()

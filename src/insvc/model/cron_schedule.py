"""When a five-field cron expression comes true next."""

from datetime import datetime, timedelta
from typing import NamedTuple

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = 5
_YEARS_AHEAD = 9
"""February 29 may be eight years away."""


class _Range(NamedTuple):
    """The values a field may have, and words for some of them."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_RANGES = (
    _Range("minute", 0, 59),
    _Range("hour", 0, 23),
    _Range("day of month", 1, 31),
    _Range("month", 1, 12, MONTHS),
    _Range("day of week", 0, 7, DAYS),
)


class Schedule(NamedTuple):
    """The values that each field allows; `either_day`: one of the two day fields is enough."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def has_day(self, day: datetime) -> bool:
        """Whether it comes true at some time of that day."""
        if day.month not in self.months:
            return False
        of_month = day.day in self.days
        of_week = day.isoweekday() % 7 in self.weekdays
        return (of_month or of_week) if self.either_day else (of_month and of_week)


def parse(expression: str) -> Schedule:
    """The schedule that the expression stands for.

    Lists, ranges, steps, and three-letter names of months and days are known. Where both day
    fields are restricted (neither begins with `*`), a day that fits either of them counts.

    Raises:
        ValueError: it is no such expression; the message names the field.
    """
    fields = expression.split()
    if len(fields) != _FIELDS:
        raise ValueError(f"found {len(fields)} fields, expected {_FIELDS} in {expression!r}")
    minutes, hours, days, months, weekdays = (
        frozenset(value for part in text.split(",") for value in _values(part, of))
        for text, of in zip(fields, _RANGES, strict=True)
    )
    return Schedule(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=not (fields[2].startswith("*") or fields[4].startswith("*")),
    )


def next_run(expression: str, after: datetime) -> datetime:
    """The first whole minute after that moment at which the expression is true.

    Raises:
        ValueError: it is no cron expression, or it never comes true.
    """
    schedule = parse(expression)
    moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    limit = after.year + _YEARS_AHEAD
    while moment.year < limit:
        if not schedule.has_day(moment):
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        elif moment.hour not in schedule.hours:
            moment = moment.replace(minute=0) + timedelta(hours=1)
        elif moment.minute not in schedule.minutes:
            moment += timedelta(minutes=1)
        else:
            return moment
    raise ValueError(f"{expression!r} never comes true")


def _values(part: str, of: _Range) -> range:
    """The values of one list member: `*`, `5`, `1-5`, `mon-fri`, each with an optional `/step`."""
    span, slash, step_text = part.partition("/")
    step = _number(step_text, of) if slash else 1
    if step < 1:
        raise _wrong(part, of)
    if span == "*":
        return range(of.low, of.high + 1, step)
    first, dash, last = span.partition("-")
    low = _value(first, of)
    high = _value(last, of) if dash else (of.high if slash else low)
    if low > high:
        raise _wrong(part, of)
    return range(low, high + 1, step)


def _value(text: str, of: _Range) -> int:
    word = text.lower()
    value = of.words.index(word) + of.low if word in of.words else _number(text, of)
    if not of.low <= value <= of.high:
        raise _wrong(text, of)
    return value


def _number(text: str, of: _Range) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _wrong(text, of)
    return int(text)


def _wrong(text: str, of: _Range) -> ValueError:
    return ValueError(f"found {text!r} as {of.name}, expected {of.low} to {of.high}")

"""When a job runs next by the clock on the wall, with summer time as cron itself handles it.

Where the clock is put forward, a job of a fixed time that was skipped runs at that moment; where
it is put back, it does not run a second time. A job with `*` as minute or hour goes by the wall.
"""

from datetime import UTC, datetime, timedelta, tzinfo

from insvc.model.cron_schedule import next_run

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_CORRECTION = timedelta(hours=3)
"""A jump as long as this is a correction of the clock, not summer time."""


def next_start(schedule: str, now: float, zone: tzinfo) -> float:
    """When the job of that schedule is started next, in seconds since the epoch.

    Args:
        schedule: five fields.
        now: seconds since the epoch.
        zone: whose wall clock the schedule goes by.

    Raises:
        ValueError: it never comes true, or is no schedule.
    """
    moment = datetime.fromtimestamp(now, tz=UTC)
    offset = _offset(moment, zone)
    wall = (moment + offset).replace(tzinfo=None)
    while True:
        due = next_run(schedule, wall)
        start = (due - offset).replace(tzinfo=UTC)
        jump = _next_jump(moment, start, zone)
        if jump is None:
            return start.timestamp()
        moment, before, offset = jump, offset, _offset(jump, zone)
        skipped = offset - before
        wall = (jump + offset).replace(tzinfo=None) - _MINUTE
        if _is_fixed(schedule) and abs(skipped) < _CORRECTION:
            if _is_due_between(schedule, wall - skipped, skipped):
                return jump.timestamp()
            wall += max(-skipped, timedelta(0))


def _is_fixed(schedule: str) -> bool:
    """Whether neither its minute nor its hour begins with `*`."""
    minute, hour = schedule.split()[:2]
    return not (minute.startswith("*") or hour.startswith("*"))


def _is_due_between(schedule: str, wall: datetime, length: timedelta) -> bool:
    return next_run(schedule, wall) <= wall + length


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _next_jump(after: datetime, until: datetime, zone: tzinfo) -> datetime | None:
    """The first minute after `after`, at `until` the latest, from which another offset holds."""
    offset = _offset(after, zone)
    low = after
    while low < until:
        high = min(low + _DAY, until)
        if _offset(high, zone) != offset:
            return _first_minute(low, high, zone)
        low = high
    return None


def _first_minute(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """Halve the time between two moments of different offsets down to a minute."""
    offset = _offset(low, zone)
    low = low.replace(second=0, microsecond=0)
    while high - low > _MINUTE:
        middle = low + (high - low) // _MINUTE // 2 * _MINUTE
        if _offset(middle, zone) == offset:
            low = middle
        else:
            high = middle
    return high.replace(second=0, microsecond=0)

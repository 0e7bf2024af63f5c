"""Maintenance windows: from when on something of that length may be under way."""

import re
from collections.abc import Iterable

from insvc.plan.policy import Window

_DAY_S = 86_400.0
_HOUR_S = 3600.0
_MINUTE_S = 60.0
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def next_start(windows: Iterable[Window], at: float, duration_s: float) -> float | None:
    """The first moment from `at` on with that long to go before its window closes.

    Args:
        windows: when steps may be under way; none means always.
        at: seconds since the epoch.
        duration_s: how long it takes.

    Returns:
        Seconds since the epoch; nothing where no window is left that is long enough.

    Raises:
        ValueError: a window is written in a way that nobody understands.
    """
    chosen = tuple(windows)
    if not chosen:
        return at
    fits = [_fit(window, at, duration_s) for window in chosen]
    return min((one for one in fits if one is not None), default=None)


def window_fault(window: Window) -> str | None:
    """What is wrong with a window, in words."""
    if _is_dated(window):
        if float(window.closes) > float(window.opens):
            return None
        return f"closes at {window.closes}, which is not after {window.opens}, when it opens"
    try:
        _times_of_day_s(window)
    except ValueError as fault:
        return str(fault)
    return None


def _fit(window: Window, at: float, duration_s: float) -> float | None:
    if _is_dated(window):
        begins = max(at, float(window.opens))
        return begins if begins + duration_s <= float(window.closes) else None
    opens_s, closes_s = _times_of_day_s(window)
    length_s = (closes_s - opens_s) % _DAY_S or _DAY_S
    if duration_s > length_s:
        return None
    opened = at - (at - opens_s) % _DAY_S
    if at + duration_s <= opened + length_s:
        return at
    return opened + _DAY_S


def _is_dated(window: Window) -> bool:
    return not isinstance(window.opens, str) and not isinstance(window.closes, str)


def _times_of_day_s(window: Window) -> tuple[float, float]:
    return _time_of_day_s(window.opens), _time_of_day_s(window.closes)


def _time_of_day_s(written: float | str) -> float:
    found = _TIME_OF_DAY.fullmatch(str(written))
    if found is None:
        raise ValueError(
            f"is {written!r}, expected two times of day as HH:MM, or two times in seconds"
        )
    return int(found[1]) * _HOUR_S + int(found[2]) * _MINUTE_S

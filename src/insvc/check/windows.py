"""Maintenance windows: whether all of a time lies in them."""

from collections.abc import Iterable

from insvc.plan.policy import Window

_DAY_S = 86_400.0
_ROUNDED_S = 0.002


def covers(windows: Iterable[Window], begins: float, ends: float) -> bool:
    """Whether windows are open from one moment to the other, one after the other where they meet.

    Args:
        windows: those of a policy.
        begins: seconds since the epoch.
        ends: the same, no earlier.
    """
    chosen = tuple(windows)
    at = begins
    while True:
        open_then = (_closing(window, at) for window in chosen)
        latest = max((one for one in open_then if one is not None), default=at)
        if latest + _ROUNDED_S >= ends:
            return latest > at or any(_closing(window, at) is not None for window in chosen)
        if latest <= at:
            return False
        at = latest


def _closing(window: Window, at: float) -> float | None:
    """When a window closes that is open then, or opens or closes at that moment."""
    opens, closes = _bounds(window, at)
    return closes if opens - _ROUNDED_S <= at <= closes + _ROUNDED_S else None


def _bounds(window: Window, at: float) -> tuple[float, float]:
    """When it opened last and closes then; a window with dates opens once."""
    if not isinstance(window.opens, str) and not isinstance(window.closes, str):
        return window.opens, window.closes
    opens_s, closes_s = _seconds(str(window.opens)), _seconds(str(window.closes))
    length_s = closes_s - opens_s if closes_s > opens_s else closes_s - opens_s + _DAY_S
    day = at // _DAY_S * _DAY_S
    opened = day + opens_s if day + opens_s <= at + _ROUNDED_S else day + opens_s - _DAY_S
    return opened, opened + length_s


def _seconds(time_of_day: str) -> float:
    hours, _, minutes = time_of_day.partition(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0

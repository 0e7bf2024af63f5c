"""Numbers, times and catalog words as people read them."""

from datetime import UTC, datetime

from insvc.model.words import Outcome
from insvc.plan.plan import Impairment

_MINUTE_S = 60.0
_WHOLE_ABOVE_S = 10.0
_YEAR_10000_S = 253_402_300_800.0
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != ord("\n")}
_SMALLEST_PERCENT = 0.1

_OUTSTANDING = {
    "complete": "requests under way complete",
    "fail": "requests under way fail",
    "delayed": "requests under way are delayed",
}
_NEW = {
    "served": "new requests are served",
    "queued": "new requests wait in a queue",
    "refused": "new requests are refused",
    "delayed": "new requests are delayed",
}


def seconds(amount: float | None) -> str:
    """A duration: two decimals below ten seconds, one below a minute, a dash where unknown."""
    if amount is None:
        return "-"
    if round(amount, 2) < _WHOLE_ABOVE_S:
        return f"{amount:.2f} s"
    if round(amount, 1) < _MINUTE_S:
        return f"{amount:.1f} s"
    minutes, rest = divmod(round(amount), int(_MINUTE_S))
    return f"{minutes} min {rest:02d} s"


def difference(amount: float | None) -> str:
    """How far a duration is from what was expected, with its sign; a dash where unknown."""
    return "-" if amount is None else f"{amount:+.2f} s"


def offset(amount: float | None) -> str:
    """A moment as seconds after the run began."""
    return "-" if amount is None else f"+{amount:.1f} s"


def day_time(at: float | None) -> str:
    """A moment in UTC, to the second."""
    if at is None:
        return "-"
    if not 0 <= at < _YEAR_10000_S:
        return f"{at:.6g} s after 1970"
    return f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock_time(at: float) -> str:
    """A moment of a known day in UTC, to the millisecond."""
    if not 0 <= at < _YEAR_10000_S:
        return f"{at:.6g} s after 1970"
    return datetime.fromtimestamp(at, tz=UTC).strftime("%H:%M:%S.%f")[:-3]


def number(amount: int) -> str:
    """An integer with its thousands set apart."""
    return f"{amount:,}".replace(",", " ")


def count(amount: int, noun: str) -> str:
    """An amount with its noun, in the plural unless it is one."""
    return f"{number(amount)} {noun}{'' if amount == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """A part of a whole as a percentage; `0 %` means exactly none."""
    if part == 0:
        return "0 %"
    percent = 100.0 * part / whole
    if percent < _SMALLEST_PERCENT:
        return f"under {_SMALLEST_PERCENT} %"
    return f"{percent:.1f} %"


def users_notice(impairment: Impairment) -> str:
    """What the forecast says users notice, as one line."""
    parts = [
        _OUTSTANDING.get(impairment.outstanding_requests, ""),
        _NEW.get(impairment.new_requests, ""),
        "users are logged out" if impairment.sessions == "lost" else "",
        *(f"may lose {thing}" for thing in impairment.may_lose),
    ]
    found = "; ".join(part for part in parts if part)
    if found:
        return found
    words = {impairment.outstanding_requests, impairment.new_requests}
    return "nothing" if words <= {"none", "served"} else "not known"


def outcome_word(outcome: Outcome | None) -> str:
    """How a step ended; one without an outcome was never begun."""
    return "not begun" if outcome is None else outcome.value


def printable(text: str) -> str:
    """The text with every control character but the line's end made visible."""
    return text.translate(_CONTROLS)


def shortened(text: str, width: int) -> str:
    """The text on one line, cut with an ellipsis where it is wider than that."""
    text = printable(" ".join(text.split()))
    return text if len(text) <= width else text[: width - 1] + "…"

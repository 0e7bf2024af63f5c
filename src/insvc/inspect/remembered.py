"""What source files held earlier, so that a file put there again is known for the same code.

A state of a file began when it was put there and was still so when it was looked at. A process that
was started in between has read that state and no other.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Final

from insvc.inspect.evidence import CLOCK_TOLERANCE_S

FORMAT: Final = "insvc-sources/1"
MOST: Final = 50_000
"""So many states are remembered at most."""
_DIGEST_LENGTH = 64
_BEYOND = 1 << 64


@dataclass(frozen=True, slots=True)
class State:
    """What one file was.

    Attributes:
        path: of the file.
        inode, size, changed_ns, written_ns: which file it was, as the file system tells; the times
            in nanoseconds since the epoch.
        digest: SHA-256 of its content, in hexadecimal digits.
        seen_at: when it was last found so, seconds since the epoch.
    """

    path: str
    inode: int
    size: int
    changed_ns: int
    written_ns: int
    digest: str
    seen_at: float

    @property
    def began_at(self) -> float:
        """When it was put there, seconds since the epoch."""
        return self.changed_ns / 1e9

    def is_of(self, start: float) -> bool:
        """Whether it is what a process read that was started then."""
        return self.began_at <= start + CLOCK_TOLERANCE_S and start <= self.seen_at


def is_same_code(states: Sequence[State], started_at: float, digest: str) -> bool | None:
    """Whether a process has read the content that its file has now.

    Args:
        states: what is remembered of that path.
        started_at: when the process started, seconds since the epoch.
        digest: of the content now.

    Returns:
        nothing where the memory does not tell, or where the file held something else in between,
        which the process may have read too.
    """
    read = {one.digest for one in states if one.is_of(started_at)}
    if len(read) != 1:
        return None
    if digest not in read:
        return False
    is_other_between = any(
        one.digest != digest and one.began_at > started_at and not one.is_of(started_at)
        for one in states
    )
    return None if is_other_between else True


def kept(states: Iterable[State], starts: Iterable[float], most: int = MOST) -> tuple[State, ...]:
    """The states worth remembering: what some process has read first, then what came since.

    Args:
        states: all there are; of one and the same state the one that was seen last counts.
        starts: when the processes that may have read them were started.
        most: how many are kept.
    """
    moments = sorted(starts)

    def was_read(one: State) -> bool:
        place = bisect_left(moments, one.began_at - CLOCK_TOLERANCE_S)
        return place < len(moments) and moments[place] <= one.seen_at

    latest: dict[tuple[str, int, int, int, int, str], State] = {}
    for one in states:
        key = (one.path, one.inode, one.size, one.changed_ns, one.written_ns, one.digest)
        known = latest.get(key)
        if known is None or known.seen_at < one.seen_at:
            latest[key] = one
    wanted = [one for one in latest.values() if moments and moments[0] <= one.seen_at]
    wanted.sort(key=lambda one: (not was_read(one), -one.seen_at, one.path, one.changed_ns))
    return tuple(wanted[:most])


def by_path(states: Iterable[State]) -> Mapping[str, list[State]]:
    """The states of each path."""
    found: dict[str, list[State]] = {}
    for one in states:
        found.setdefault(one.path, []).append(one)
    return found


def text_of(states: Iterable[State]) -> str:
    """The states as they are kept in a file."""
    return json.dumps({"format": FORMAT, "states": [astuple(one) for one in states]}) + "\n"


def states_in(text: str) -> tuple[State, ...]:
    """The states in the text of such a file.

    Raises:
        ValueError: it is of another form, or of another version of it.
    """
    try:
        told = json.loads(text)
    except RecursionError as fault:
        raise ValueError("is nested too deeply") from fault
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValueError(f"is not in the format {FORMAT}")
    rows = told.get("states")
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ValueError("holds no list of states that is within bounds")
    return tuple(_state(row) for row in rows)


def _state(row: object) -> State:
    if not isinstance(row, list) or [type(part) for part in row] != _TYPES:
        raise ValueError("holds a state of another form")
    state = State(*row)
    numbers = (state.inode, state.size, state.changed_ns, state.seen_at)
    if not all(0 <= number < _BEYOND for number in numbers):
        raise ValueError("holds a state with a number out of bounds")
    if not state.path.startswith("/") or len(state.digest) != _DIGEST_LENGTH:
        raise ValueError("holds a state without a path or digest")
    return state


_TYPES: list[type] = [str, int, int, int, int, str, float]

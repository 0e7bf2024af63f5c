"""What the schedule moves about: one step before it has a place, and after."""

from dataclasses import dataclass, field

from insvc.plan.durations import Estimate
from insvc.plan.needs import Need


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One need with what it takes and what it occupies.

    Attributes:
        need: what is to be done.
        estimate: how long it is expected to take.
        occupies: services that are down meanwhile, itself and what stops with it; where a limit
            for each failure domain holds, also as `SERVICE in DOMAIN`.
        segment: tasks of one service run segment after segment, in the order of these tuples.
        segment_why: why it comes after the segment before it.
        soak_s: how long after what it waits for, or after the run's start, it may start first.
    """

    need: Need
    estimate: Estimate
    occupies: tuple[str, ...] = ()
    segment: tuple[int, int, int] = (0, 0, 0)
    segment_why: str = ""
    soak_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """How many members of a service may be worked on at once, and by which law.

    Attributes:
        room: how many.
        why: the law.
        soak_s: the pause between two of them of which one waits for the other.
    """

    room: int
    why: str
    soak_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A task in the schedule.

    Attributes:
        task: what it is.
        start_s: scheduled start; `end_s`: scheduled end, in seconds after the run began.
        least_start_s: before this it could not start in any order that the laws allow;
            `least_end_s`: nor end.
        after: why each step it waits for comes first, by step id.
        soak_s: how long after the last of those has ended it may start first.
    """

    task: Task
    start_s: float
    end_s: float
    least_start_s: float
    least_end_s: float
    after: dict[str, str] = field(default_factory=dict)
    soak_s: float = 0.0

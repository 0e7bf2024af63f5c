"""Why no maintenance window has room for a step, in words."""

from collections.abc import Sequence

from insvc.errors import PlanRefused
from insvc.plan.conflict import Premise, explain, smallest
from insvc.plan.policy import Window
from insvc.plan.windows import next_start


def no_window(
    subject: str, windows: Sequence[Window], origin: float, at_s: float, duration_s: float
) -> PlanRefused:
    """The refusal of a step that fits into no window that is left.

    Args:
        subject: the step.
        windows: the policy's; none of them has room.
        origin: when the run is to begin, in seconds since the epoch.
        at_s: how long after that the step may start first.
        duration_s: how long it takes.
    """
    shown = ", ".join(f"{one.opens} to {one.closes}" for one in windows)
    early = Premise(
        words=f"it cannot begin before {at_s:.1f} s after the run's start at {origin:.0f}",
        change="begin earlier (starts_at), or plan what it waits for in a run of its own",
    )
    length = Premise(words=f"{subject} takes about {duration_s:.1f} s", change="let it take less")
    law = Premise(
        words=f"no maintenance window ({shown}) is left that is long enough",
        change="add or lengthen a window",
    )
    wish = Premise(words=f"{subject} must be done", change="leave it out of the plan")

    def is_infeasible(kept: Sequence[Premise]) -> bool:
        begin = origin + at_s if early in kept else min([origin, *_openings(windows)])
        took_s = duration_s if length in kept else 0.0
        return law in kept and wish in kept and next_start(windows, begin, took_s) is None

    return PlanRefused(
        subject,
        explain(
            f"takes about {duration_s:.1f} s and cannot begin before {at_s:.1f} s after the run's "
            f"start at {origin:.0f}; no maintenance window ({shown}) is left that is long enough",
            smallest((early, length, law, wish), is_infeasible),
        ),
        next_act="add or lengthen a window in the policy, or plan fewer services",
    )


def _openings(windows: Sequence[Window]) -> list[float]:
    """When dated windows open; the others open every day."""
    return [float(one.opens) for one in windows if not isinstance(one.opens, str)]

"""What sm says of its groups: from the services of each to its state, status and condition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from insvc.supervise.budget import Condition
from insvc.supervise.sm_tables import Impact


class GroupState(StrEnum):
    """What sm does with a group."""

    INITIAL = "initial"
    STANDBY = "standby"
    GO_STANDBY = "go-standby"
    GO_ACTIVE = "go-active"
    ACTIVE = "active"
    DISABLING = "disabling"
    DISABLED = "disabled"
    SHUTDOWN = "shutdown"


class Status(StrEnum):
    """How well it is: of a service, and by its members of a group."""

    NONE = "none"
    UNKNOWN = "unknown"
    WARN = "warn"
    DEGRADED = "degraded"
    FAILED = "failed"


class Course(StrEnum):
    """Where a service is on its way, seen from its group."""

    UP = "up"
    RISING = "rising"
    SINKING = "sinking"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A service, seen from its group.

    Attributes:
        service: its name.
        impact: what its failure means to the group.
        course: where it is on its way.
        status, condition: how well it is.
        is_wanted: whether it is to be up.
        is_proven: it is up and has run unbroken for long enough since its last failure.
    """

    service: str
    impact: Impact
    course: Course
    status: Status = Status.NONE
    condition: Condition = Condition.NONE
    is_wanted: bool = True
    is_proven: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupView:
    """A group as sm sees it.

    Attributes:
        name: of the group.
        desired: `active`, `standby` or `disabled`.
        state, status, condition: what it is.
        blamed: the members that make it less than well, the worst first.
        held_status: the worst status since it was last proven well; `failed_at`: when a member
            was last seen less than well, seconds of the manager's clock.
    """

    name: str
    desired: GroupState = GroupState.INITIAL
    state: GroupState = GroupState.INITIAL
    status: Status = Status.NONE
    condition: Condition = Condition.NONE
    blamed: tuple[str, ...] = ()
    held_status: Status = Status.NONE
    failed_at: float | None = None


_RANK = {one: number for number, one in enumerate(Status)}
_CONDITION_RANK = {one: number for number, one in enumerate(Condition)}
_WORST: Mapping[Impact, Status] = {
    "critical": Status.FAILED,
    "major": Status.DEGRADED,
    "minor": Status.WARN,
}
"""What a failed member makes of its group; nothing it has can make more of it."""


def status_by_impact(status: Status, impact: Impact) -> Status:
    """What a member of that status makes of its group."""
    return min(status, _WORST[impact], key=_RANK.__getitem__)


def desired_of(members: Iterable[Member], *, stands_by: bool) -> GroupState:
    """What the group is to be.

    Args:
        members: its services here.
        stands_by: the node stands by for it, where none of them is to be up.
    """
    if any(one.is_wanted for one in members):
        return GroupState.ACTIVE
    return GroupState.STANDBY if stands_by else GroupState.DISABLED


def view(
    before: GroupView,
    members: Iterable[Member],
    now: float,
    *,
    debounce_s: float,
    stands_by: bool,
    is_closing: bool = False,
) -> GroupView:
    """The group as it is now.

    A failure is told for as long as its debounce says after it was last seen, so that nobody takes
    a pause between two failures for health. It is told no longer once health is proven: every
    member that is to be up is, and has run unbroken for long enough.

    Args:
        before: the group as it was seen last.
        members: its services here; what has none is nothing that could be active.
        now: seconds of the manager's clock.
        debounce_s: how long a failure is told.
        stands_by: the node stands by for it, where none of them is to be up.
        is_closing: everything is to end.
    """
    there = tuple(members)
    desired = desired_of(there, stands_by=stands_by)
    state = _state(before, there, desired, is_closing=is_closing)
    worst = max(
        (status_by_impact(one.status, one.impact) for one in there),
        key=_RANK.__getitem__,
        default=Status.NONE,
    )
    seen = replace(before, desired=desired, state=state)
    if worst is not Status.NONE:
        held = max(worst, before.held_status, key=_RANK.__getitem__)
        return replace(
            seen,
            status=worst,
            condition=_condition(there),
            blamed=_blamed(there),
            held_status=held,
            failed_at=now,
        )
    return _after_failure(seen, there, now, debounce_s)


def _after_failure(
    seen: GroupView, members: tuple[Member, ...], now: float, debounce_s: float
) -> GroupView:
    """The group none of whose members says that it is not well."""
    is_proven = all(one.is_proven for one in members if one.is_wanted)
    is_over = seen.failed_at is None or now - seen.failed_at >= debounce_s
    if is_proven or is_over:
        return replace(
            seen,
            status=Status.NONE,
            condition=Condition.NONE,
            blamed=(),
            held_status=Status.NONE,
            failed_at=None,
        )
    return replace(seen, status=seen.held_status, blamed=())


def forget_at(one: GroupView, debounce_s: float) -> float | None:
    """When its failure is told no longer, if nothing happens; nothing where none is told."""
    return None if one.failed_at is None else one.failed_at + debounce_s


def _state(
    before: GroupView, members: tuple[Member, ...], desired: GroupState, *, is_closing: bool
) -> GroupState:
    if not members:
        return GroupState.INITIAL
    is_down = all(one.course is Course.DOWN for one in members)
    if desired is GroupState.ACTIVE:
        return _towards_active(before, members)
    if is_closing:
        return GroupState.SHUTDOWN if is_down else GroupState.DISABLING
    if desired is GroupState.STANDBY:
        return GroupState.STANDBY if is_down else GroupState.GO_STANDBY
    return GroupState.DISABLED if is_down else GroupState.DISABLING


def _towards_active(before: GroupView, members: tuple[Member, ...]) -> GroupState:
    """Active once every service has come up, or is given up for now; from then on its status tells.

    A service that is recovered or restarted leaves the group active.
    """
    has_arrived = all(
        one.course is Course.UP or one.status is Status.FAILED or not one.is_wanted
        for one in members
    )
    if has_arrived or before.state is GroupState.ACTIVE:
        return GroupState.ACTIVE
    return GroupState.GO_ACTIVE


def _condition(members: Iterable[Member]) -> Condition:
    return max((one.condition for one in members), key=_CONDITION_RANK.__getitem__)


def _blamed(members: Iterable[Member]) -> tuple[str, ...]:
    unwell = [one for one in members if one.status is not Status.NONE]
    return tuple(
        one.service
        for one in sorted(
            unwell,
            key=lambda one: (-_RANK[status_by_impact(one.status, one.impact)], one.service),
        )
    )

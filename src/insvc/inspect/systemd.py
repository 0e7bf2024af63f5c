"""What systemd's word on a unit means for the service it is."""

import re
from collections.abc import Iterable

from insvc.inspect.systemd_unit import ENDLESS, UnitFacts
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Evidence
from insvc.model.words import EvidenceKind, InstanceState, Manager

INIT = "init.scope"
"""systemd itself."""
_USER_MANAGER = re.compile(r"user@\d+\.service")
_STATES = {
    "active": InstanceState.RUNNING,
    "reloading": InstanceState.RUNNING,
    "refreshing": InstanceState.RUNNING,
    "activating": InstanceState.STARTING,
    "deactivating": InstanceState.STOPPING,
    "failed": InstanceState.FAILED,
    "inactive": InstanceState.STOPPED,
}
_MASKED = {"masked", "masked-runtime"}
_DISABLED = {"disabled", *_MASKED}


def is_service(name: str) -> bool:
    """Whether a unit of that name is a service of the host; a user's manager is the user's."""
    return name.endswith(".service") and not _USER_MANAGER.fullmatch(name)


def state_of(facts: UnitFacts) -> InstanceState:
    """What a unit does, in the words of the project.

    A unit that systemd will start again in a moment because it crashed (`auto-restart`) has
    failed: systemd itself calls it activating for ever. One that counts as active without any
    process (`exited`) does not run. A job that runs to an end is scheduled between its runs.
    """
    if is_looping(facts):
        return InstanceState.FAILED
    if facts.active == "active" and facts.sub == "exited":
        return InstanceState.STOPPED
    if facts.active == "activating" and facts.kind == "oneshot":
        return InstanceState.RUNNING
    if facts.active == "inactive" and facts.timers and facts.file not in _MASKED:
        return InstanceState.SCHEDULED
    if facts.active == "inactive" and (facts.file in _DISABLED or facts.load == "masked"):
        return InstanceState.DISABLED
    return _STATES.get(facts.active, InstanceState.UNKNOWN)


def is_looping(facts: UnitFacts) -> bool:
    """Whether it is down just now, between a crash and the start that systemd has set for it."""
    return facts.active == "activating" and facts.sub.startswith("auto-restart")


def row_of(facts: UnitFacts) -> ManagerRow:
    """The manager's account of the unit."""
    state = state_of(facts)
    resting = {InstanceState.STOPPED, InstanceState.DISABLED, InstanceState.SCHEDULED}
    desired = state if state in resting else InstanceState.RUNNING
    if facts.is_job:
        desired = InstanceState.SCHEDULED if facts.timers else InstanceState.STOPPED
    took_s = facts.ready_at - facts.began_at
    return ManagerRow(
        name=facts.name,
        manager=Manager.SYSTEMD,
        state=state,
        desired=desired,
        pid=facts.pid,
        restarts=facts.restarts,
        started_in_s=round(took_s, 6) if facts.began_at and took_s >= 0 else None,
        cgroup=facts.cgroup or None,
        hints=tuple(_hints(facts)),
    )


def _hints(facts: UnitFacts) -> Iterable[Evidence]:
    for marker in facts.markers:
        said = f"systemd holds the marker {marker}"
        yield Evidence(kind=EvidenceKind.REQUESTED, subject=facts.name, found=said)
    if facts.needs_daemon_reload:
        yield Evidence(
            kind=EvidenceKind.CONFIGURATION_NEWER,
            subject=f"unit file of {facts.name}",
            found="as systemd read it",
            expected="as changed since",
        )


def stopped_with(facts: UnitFacts) -> tuple[str, ...]:
    """Services that systemd stops, and should start again, when it restarts the unit."""
    several = {*facts.required_by, *facts.consists_of, *facts.bound_by}
    return tuple(sorted(one for one in several if one.endswith(".service")))


def init_row() -> ManagerRow:
    """What is said of systemd itself: it is the first process, and it runs."""
    return ManagerRow(
        name=INIT,
        manager=Manager.SYSTEMD,
        state=InstanceState.RUNNING,
        pid=1,
        cgroup=f"/{INIT}",
    )


def next_run_s(
    timers: Iterable[tuple[int, int, int]], offset_s: float
) -> tuple[float | None, float | None]:
    """When a job of timers last ran and runs next, in seconds since the epoch.

    Args:
        timers: of each timer the last and next time by the wall clock and the next by the
            monotonic one, in microseconds; 0 or the highest number where there is none.
        offset_s: seconds since the epoch when the monotonic clock was 0.
    """
    last, due = [], []
    for last_us, wall_us, monotonic_us in timers:
        last += [last_us / 1e6] if 0 < last_us < ENDLESS else []
        due += [wall_us / 1e6] if 0 < wall_us < ENDLESS else []
        due += [monotonic_us / 1e6 + offset_s] if 0 < monotonic_us < ENDLESS else []
    return max(last, default=None), min(due, default=None)

"""What one manager says of one of its services; an inspection checks it in the process table."""

from dataclasses import dataclass
from typing import ClassVar

from insvc.model.observation import Evidence
from insvc.model.words import InstanceState, Manager


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagerRow:
    """A manager's own account of one service on its host.

    Source: the manager's state, asked at the moment of the inspection; claims that the process
    table can check (`pid`) are checked there, not here.

    Attributes:
        name: what the manager calls the service.
        manager: who speaks.
        state: what the manager believes the service does.
        desired: what the manager works towards; `running` and `stopped` in most cases.
        package: what delivers the service; absent where its definition names none.
        pid: the main process; absent when none runs.
        restarts: how often the manager has started it again since the manager itself began.
        started_in_s: seconds from the last start to the first readiness.
        endpoint: `address:port` where it can be asked whether it serves.
        helpers: command-line pattern of helper processes that it starts.
        last_run_at: for a cron job, when its last run began (seconds since the epoch).
        next_run_at: for a cron job, when its next run is due (seconds since the epoch).
        cgroup: every process in this control group, or below it, is of the service; absent where
            its manager keeps none for it.
        pids: further processes that are of the service, each with what it started.
        has_process: whether it is up only while a main process lives; of one without, its manager's
            word is all there is (addresses, mounts, what a script judges).
        hints: what the manager itself says of newer code or configuration; never a proof.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    manager: Manager
    state: InstanceState
    desired: InstanceState = InstanceState.RUNNING
    package: str | None = None
    pid: int | None = None
    restarts: int = 0
    started_in_s: float | None = None
    endpoint: str | None = None
    helpers: str | None = None
    last_run_at: float | None = None
    next_run_at: float | None = None
    cgroup: str | None = None
    pids: tuple[int, ...] = ()
    has_process: bool = True
    hints: tuple[Evidence, ...] = ()

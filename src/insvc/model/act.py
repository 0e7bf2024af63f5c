"""What an agent is asked to do, and the facts it answers with."""

from dataclasses import dataclass, field

from insvc.model.drain import DrainRule as DrainRule
from insvc.model.observation import Evidence, ProcessIdentity
from insvc.model.words import Action, InstanceState


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """One act on one host, under a run, a lease epoch and a step; never a command line.

    Attributes:
        run: id of the run; `step`: id of the step; `attempt`: 1 for the first try of the step.
        epoch: the lease epoch of the controller that asks; agents refuse a lower one.
        action: what to do to the service, or to the host for swact, lock and unlock.
        service: the manager's name of it; empty for host actions.
        with_dependants: stop and start what depends on it too (sm restart, not restart-safe).
        drain: how to stop it; the service's own definition decides where absent.
        timeout_s: after this the agent answers with what it has.
        dwell_s: how long it must run unbroken before it counts as restarted.
        reap: command-line pattern of helpers that the restart orphans and that must end.
        clear_sessions: whether stored user sessions are deleted while it is down.
        role: for a swact, the role the host takes.
    """

    run: str
    step: str
    attempt: int = 1
    epoch: int = 0
    action: Action
    service: str = ""
    with_dependants: bool = False
    drain: DrainRule | None = None
    timeout_s: float = 60.0
    dwell_s: float = 1.0
    reap: str | None = None
    clear_sessions: bool = False
    role: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ActFacts:
    """What an agent saw while it carried out an intent. Facts only; `execute` judges them.

    Attributes:
        step: the step it answers for; `attempt`: which try.
        accepted: false when the agent refused; `said` then holds why.
        manager_done: the service's manager reported the act complete.
        said: the manager's own words, or the reason of the refusal.
        state: the instance's state when the act ended.
        before: identities of its processes before the act; `after`: when it ended.
        stale_evidence: what a re-scan after the act still found.
        is_ready: it answered its readiness check; absent where it has none.
        restarts_in_dwell: how often its manager had to start it again while it dwelled.
        dwelled_s: how long it was watched after it was ready.
        lost: services that ran before and, after the act, do not.
        reaped: pids of orphaned helpers that were ended.
        drained: whether it ended by itself within its drain time; absent where nothing ran.
        times: seconds since the epoch by name: asked, stopped, started, ready, ended.
    """

    step: str
    attempt: int = 1
    accepted: bool = True
    manager_done: bool = False
    said: str = ""
    state: InstanceState = InstanceState.UNKNOWN
    before: tuple[ProcessIdentity, ...] = ()
    after: tuple[ProcessIdentity, ...] = ()
    stale_evidence: tuple[Evidence, ...] = ()
    is_ready: bool | None = None
    restarts_in_dwell: int = 0
    dwelled_s: float = 0.0
    lost: tuple[str, ...] = ()
    reaped: tuple[int, ...] = ()
    drained: bool | None = None
    times: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageChange:
    """One package of a patch on one host.

    Attributes:
        package: its name.
        from_version: what was installed before; absent when it was not installed.
        to_version: what is to be installed.
        path: the .deb file, absolute.
    """

    package: str
    from_version: str | None
    to_version: str
    path: str

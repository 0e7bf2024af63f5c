"""What a host's managers are told of a service: delivered by its package, read by the agent."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from insvc.model.act import DrainRule
from insvc.model.words import Manager


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionRule:
    """How often and how long one action of a script is tried.

    Attributes:
        timeout_s: how long one try may take; then it is ended and has failed.
        retries: tries after the first one.
        pause_s: between two tries.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    timeout_s: float = 20.0
    retries: int = 0
    pause_s: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptControl:
    """A service that is started, stopped and asked by a script, and is no child of its manager.

    Attributes:
        style: `lsb` an init script, `ocf` a resource agent, `systemd` a unit of systemd.
        name: the script below the host's root, `PROVIDER:TYPE` of the agent, or the unit.
        parameters: what an agent is told of its resource, by name.
        has_process: whether a pid file names its main process; one without is known by looks alone.
        program: what its main process executes, below the host's root or absolute; by it one that
            runs already is known that nobody of this host's managers has started.
        start_word, stop_word, status_word: what the script is called with. Without a status word
            it is not asked: its process is looked at alone.
        start, stop, status: how each of the actions is tried.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    style: Literal["lsb", "ocf", "systemd"]
    name: str
    parameters: dict[str, str] = field(default_factory=dict)
    has_process: bool = True
    program: str = ""
    start_word: str = "start"
    stop_word: str = "stop"
    status_word: str = "status"
    start: ActionRule = field(default_factory=lambda: ActionRule(retries=2))
    stop: ActionRule = field(default_factory=lambda: ActionRule(retries=1))
    status: ActionRule = field(default_factory=lambda: ActionRule(timeout_s=30.0, retries=2))


@dataclass(frozen=True, kw_only=True, slots=True)
class ActiveCheck:
    """A process that proves by datagrams that it works (pmon's active mode).

    Attributes:
        port: of UDP, where it hears the question.
        period_s: between two questions.
        timeout_s: how long an answer may take.
        threshold: questions in a row without an answer by which it counts as hung.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    port: int
    period_s: float
    timeout_s: float
    threshold: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """A service of sm that answers the same datagrams, and what its silence means.

    Attributes:
        port: of UDP, where it hears the question.
        interval_s: between two questions; an answer may take as long.
        warn, degrade, fail: questions in a row without an answer by which it calls for a look,
            counts as degraded, and as failed: then it is started again.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    port: int
    interval_s: float = 1.0
    warn: int = 1
    degrade: int = 3
    fail: int = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusCheck:
    """A service that only its script can judge (pmon's status mode).

    Attributes:
        period_s: between two looks.
        timeout_s: how long one look may take.
        failure_text: file below the host's root whose text is told with the alarm.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    period_s: float
    timeout_s: float
    failure_text: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureBudget:
    """How many failures sm takes before it gives a service up. Only time forgives them.

    Attributes:
        deaths: deaths by which it has failed; `forgiven`: how many of them each `forgiven_each_s`
            forgives.
        failed_actions: failed starts in a row, each with all its tries, by which it has failed.
        failed_transitions: failed changes of state by which nothing is tried any more.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    deaths: int = 2
    forgiven: int = 1
    forgiven_each_s: float = 90.0
    failed_actions: int = 4
    failed_transitions: int = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceDefinition:
    """One service of one host.

    Source: `etc/insvc/services.d/NAME.json` below the host's root, owned by the package; for pmon
    also `etc/pmon.d/NAME.conf`.

    Attributes:
        name: what its manager calls it.
        manager: pmon, sm or cron.
        package: the package that delivers it.
        command: argument vector; `{root}`, `{run}`, `{address}`, `{oam}`, `{host}` are filled in.
            Empty where a script starts it.
        is_native: the program is executed as it is; otherwise by the host's Python.
        script: what starts, stops and asks it, where its manager does not launch it itself.
        pidfile: below the host's root; the service writes it, its manager deletes it. Empty where a
            script controls what has no process.
        port: where it listens on the host's address; absent where it listens nowhere.
        health_path: the HTTP path that answers 200 when it serves; absent means a TCP connect.
        on_oam: it listens on the floating address instead of the host's own.
        runs_when: `active` hosts only (active-standby), or `always`.
        depends_on: services of the same manager that must be up before it (sm).
        drain: how it is stopped.
        startup_s: how long after its start the manager first looks.
        ready_timeout_s: how long it may take to become ready.
        debounce_s: how long it must run before its failures are forgotten (pmon).
        interval_s: pause between failed starts (pmon).
        restarts: failures in a row before it is called failed (0: at once).
        audit_s: how often a service that is up is asked whether it still answers at all; 0: never.
            Any answer counts, so that one which serves nobody for a good reason is left alone.
        audit_misses: audits in a row without an answer by which it counts as hung.
        schedule: five-field cron expression (cron).
        helpers: command-line pattern of helper processes that it starts.
        severity: what its failure means to the host, or to its group.
        active_check: how it proves that it works; `status_check`: how its script judges it (pmon).
        heartbeat: how it is asked for signs of life (sm); its audits are those.
        subfunction: it waits until that part of the host is configured (pmon).
        is_essential: without it the host is unfit to serve (pmon: `quorum`).
        announces_init: it is asked only after it has said that it is fully up (pmon).
        hands_over: its listening socket is kept by its manager, so that an old process serves until
            the new one is ready.
        group: the service group it belongs to (sm).
        budget: its failure budget, where it has one of its own (sm).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    manager: Manager
    package: str
    command: tuple[str, ...] = ()
    is_native: bool = False
    script: ScriptControl | None = None
    pidfile: str = ""
    port: int | None = None
    health_path: str | None = "/healthz"
    on_oam: bool = False
    runs_when: Literal["active", "always"] = "always"
    depends_on: tuple[str, ...] = ()
    drain: DrainRule = field(default_factory=DrainRule)
    startup_s: float = 0.05
    ready_timeout_s: float = 20.0
    debounce_s: float = 5.0
    interval_s: float = 0.5
    restarts: int = 3
    audit_s: float = 0.0
    audit_misses: int = 3
    schedule: str | None = None
    helpers: str | None = None
    severity: Literal["critical", "major", "minor"] = "major"
    active_check: ActiveCheck | None = None
    status_check: StatusCheck | None = None
    heartbeat: Heartbeat | None = None
    subfunction: Literal["worker", "storage", "last-config"] | None = None
    is_essential: bool = False
    announces_init: bool = False
    hands_over: bool = False
    group: str | None = None
    budget: FailureBudget | None = None

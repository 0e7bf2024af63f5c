"""What a host's managers are told of a service: delivered by its package, read by the agent."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from insvc.model.act import DrainRule
from insvc.model.words import Manager


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceDefinition:
    """One service of one host.

    Source: `etc/insvc/services.d/NAME.json` below the host's root, owned by the package.

    Attributes:
        name: what its manager calls it.
        manager: pmon, sm or cron.
        package: the package that delivers it.
        command: argument vector; `{root}`, `{run}`, `{address}`, `{oam}`, `{host}` are filled in.
        pidfile: below the host's root; the service writes it, its manager deletes it.
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
        severity: what its failure means to the host.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    manager: Manager
    package: str
    command: tuple[str, ...]
    pidfile: str
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

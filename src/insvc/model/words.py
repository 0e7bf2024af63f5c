"""The closed vocabularies; `docs/glossary.md` explains each word."""

from enum import StrEnum


class Manager(StrEnum):
    """Who starts, stops and watches a service (the operators' page: "Managed by")."""

    PMON = "pmon"
    SM = "sm"
    CRON = "cron"
    SYSTEMD = "systemd"
    PACEMAKER = "pacemaker"
    SUPERVISORD = "supervisord"
    LSB = "lsb"
    NONE = "none"


class Personality(StrEnum):
    """What a host is for. The page's "compute" is the same as worker.

    `host` is a plain Linux host that is no part of such a cloud.
    """

    CONTROLLER = "controller"
    WORKER = "worker"
    STORAGE = "storage"
    HOST = "host"


class Role(StrEnum):
    """Which of a redundant pair serves now."""

    ACTIVE = "active"
    STANDBY = "standby"


class Redundancy(StrEnum):
    """How the instances of an entry stand in for one another."""

    ACTIVE_STANDBY = "active-standby"
    ACTIVE_ACTIVE = "active-active"
    PER_HOST = "per-host"
    QUORUM = "quorum"


class InstanceState(StrEnum):
    """What the manager and the process table together say of an instance.

    `stopped` is not running and not meant to (a standby); `failed` is meant to run and does not;
    `scheduled` is a cron job between two runs; `unknown` could not be found out.
    """

    RUNNING = "running"
    STARTING = "starting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DISABLED = "disabled"
    FAILED = "failed"
    SCHEDULED = "scheduled"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Whether a running instance executes code that was replaced on disk."""

    STALE = "stale"
    CURRENT = "current"
    SUSPECT = "suspect"


class EvidenceKind(StrEnum):
    """The independent signals of staleness, a wish, and what could not be looked at (`unseen`)."""

    MAPPING_REPLACED = "mapping-replaced"
    PACKAGE_NEWER = "package-newer"
    SCRIPT_REPLACED = "script-replaced"
    MODULE_REPLACED = "module-replaced"
    CONFIGURATION_NEWER = "configuration-newer"
    KERNEL_NEWER = "kernel-newer"
    MICROCODE_NEWER = "microcode-newer"
    REQUESTED = "requested"
    UNSEEN = "unseen"


CODE = frozenset(
    {
        EvidenceKind.MAPPING_REPLACED,
        EvidenceKind.SCRIPT_REPLACED,
        EvidenceKind.MODULE_REPLACED,
    }
)
"""Signs of code that a process itself runs and that a restart of it cures."""


class Action(StrEnum):
    """What cures an entry's staleness, least disruptive first where several would do."""

    NONE = "none"
    NEXT_RUN = "next-run"
    RELOAD = "reload"
    HANDOFF = "handoff"
    RESTART = "restart"
    HANDLER = "handler"
    SWACT = "swact"
    LOCK = "lock"
    UNLOCK = "unlock"


class RestartClass(StrEnum):
    """How freely a service may be restarted."""

    AUTO = "auto"
    DEFERRED = "deferred"
    ORDERED = "ordered"
    SESSION_KILLING = "session-killing"
    REBOOT_ONLY = "reboot-only"
    CONDITIONAL = "conditional"
    HANDLER = "handler"


class Condition(StrEnum):
    """What may go on at a host that forbids some restarts for as long as it lasts.

    `package-transaction`: packages are being changed. `user-session`: somebody is logged in.
    `graphical-session`: somebody is logged in at its screen.
    """

    PACKAGE_TRANSACTION = "package-transaction"
    USER_SESSION = "user-session"
    GRAPHICAL_SESSION = "graphical-session"


class Outcome(StrEnum):
    """How a step ended. Only `restarted`, `already-current`, `next-run` and `done` are success."""

    RESTARTED = "restarted"
    ALREADY_CURRENT = "already-current"
    NEXT_RUN = "next-run"
    DONE = "done"
    NOT_RUNNING = "not-running"
    DISABLED = "disabled"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"

    @property
    def is_success(self) -> bool:
        """Whether the goal of the step is reached; unknown never is."""
        return self in {
            Outcome.RESTARTED,
            Outcome.ALREADY_CURRENT,
            Outcome.NEXT_RUN,
            Outcome.DONE,
        }

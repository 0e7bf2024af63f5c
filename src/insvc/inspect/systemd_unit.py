"""What systemd says of a unit, taken from its properties.

Source: properties of `org.freedesktop.systemd1.Unit` and `.Service`. A property that an older
systemd does not have takes its default; nothing else is assumed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

UNIT_PROPERTIES = frozenset(
    {
        "ActiveEnterTimestampMonotonic",
        "ActiveExitTimestampMonotonic",
        "ActiveState",
        "After",
        "BindsTo",
        "BoundBy",
        "CanReload",
        "ConsistsOf",
        "Description",
        "Id",
        "InactiveExitTimestampMonotonic",
        "InvocationID",
        "Job",
        "LoadState",
        "Markers",
        "NeedDaemonReload",
        "RefuseManualStart",
        "RefuseManualStop",
        "RequiredBy",
        "Requires",
        "StartLimitBurst",
        "StartLimitIntervalUSec",
        "SubState",
        "Transient",
        "TriggeredBy",
        "UnitFileState",
    }
)
SERVICE_PROPERTIES = frozenset(
    {
        "ControlGroup",
        "ExecMainCode",
        "ExecMainStartTimestampMonotonic",
        "ExecMainStatus",
        "ExecReload",
        "ExecStart",
        "MainPID",
        "NRestarts",
        "RemainAfterExit",
        "Restart",
        "Result",
        "TimeoutStartUSec",
        "TimeoutStopUSec",
        "Type",
    }
)
_ABSENT = {"not-found", "error", "bad-setting"}
ENDLESS = 2**64 - 1
"""What systemd says where it means "never", in microseconds."""
T = TypeVar("T")
_EXITED, _KILLED, _DUMPED = 1, 2, 3


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitFacts:
    """What systemd says of one service unit.

    Times are seconds of the host's monotonic clock; 0 where it never happened. A limit of nothing
    means that there is none.

    Attributes:
        name: its own name; aliases lead to it.
        title: its description.
        load, active, sub, file: states in systemd's words (`loaded`, `active`, `running`,
            `enabled`).
        kind: how it starts: `simple`, `notify`, `oneshot` …
        pid: its main process, where it has one.
        restarts: how often systemd started it again by itself.
        invocation: which of its runs this is; empty where it never ran.
        cgroup: where its processes are.
        result: how its last run ended; `success` while nothing went wrong.
        exit_code: status or signal of the last main process, in words; empty where none ended.
        restart_policy: when systemd starts it again by itself.
        requires, bound_to, after: units it needs, and units it starts after.
        required_by, consists_of, bound_by: units that systemd stops with it.
        triggered_by: sockets, timers and paths that start it.
        start: the program and arguments of each start command; reload: of each reload command.
        can_reload: it can be reloaded.
        stays: it counts as active after its processes have ended.
        is_transient: it was made at run time, of no file.
        refuses_stop, refuses_start: systemd does not let a person do that.
        needs_daemon_reload: its files changed after systemd read them.
        markers: what was asked for it (`needs-restart`, `needs-reload`).
        job: a job of systemd's is under way for it.
        burst, interval_s: how many starts are allowed in how many seconds.
        stop_limit_s, start_limit_s: after which systemd gives up a stop or start.
        began_at, ready_at: when it last began to start, and became active.
        left_at: when it last began to stop.
        main_at: when its main process was last started.
    """

    name: str
    title: str = ""
    load: str = ""
    active: str = ""
    sub: str = ""
    file: str = ""
    kind: str = ""
    pid: int | None = None
    restarts: int = 0
    invocation: str = ""
    cgroup: str = ""
    result: str = ""
    exit_code: str = ""
    restart_policy: str = "no"
    requires: tuple[str, ...] = ()
    bound_to: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    required_by: tuple[str, ...] = ()
    consists_of: tuple[str, ...] = ()
    bound_by: tuple[str, ...] = ()
    triggered_by: tuple[str, ...] = ()
    start: tuple[tuple[str, ...], ...] = ()
    reload: tuple[tuple[str, ...], ...] = ()
    can_reload: bool = False
    stays: bool = False
    is_transient: bool = False
    refuses_stop: bool = False
    refuses_start: bool = False
    needs_daemon_reload: bool = False
    markers: tuple[str, ...] = ()
    job: bool = False
    burst: int = 0
    interval_s: float = 0.0
    stop_limit_s: float | None = None
    start_limit_s: float | None = None
    began_at: float = 0.0
    ready_at: float = 0.0
    left_at: float = 0.0
    main_at: float = 0.0

    @property
    def is_there(self) -> bool:
        """Whether systemd has such a unit at all, with a file or still running without one."""
        is_active = self.active not in {"", "inactive"}
        return bool(self.load) and (self.load not in _ABSENT or is_active)

    @property
    def timers(self) -> tuple[str, ...]:
        """The timers that start it."""
        return tuple(one for one in self.triggered_by if one.endswith(".timer"))

    @property
    def sockets(self) -> tuple[str, ...]:
        """The sockets that systemd keeps open for it."""
        return tuple(one for one in self.triggered_by if one.endswith(".socket"))

    @property
    def is_job(self) -> bool:
        """Whether it runs to an end and is started afresh each time, so that none is restarted."""
        return bool(self.timers) or (self.kind == "oneshot" and not self.stays)


def unit_facts(properties: Mapping[str, Any]) -> UnitFacts:
    """What these properties say; one that is absent or of another type takes its default."""
    of = _Properties(properties)
    return UnitFacts(
        name=of.text("Id"),
        title=of.text("Description"),
        load=of.text("LoadState"),
        active=of.text("ActiveState"),
        sub=of.text("SubState"),
        file=of.text("UnitFileState"),
        kind=of.text("Type"),
        pid=of.number("MainPID") or None,
        restarts=of.number("NRestarts"),
        invocation=bytes(of.listed("InvocationID", int)).hex(),
        cgroup=of.text("ControlGroup"),
        result=of.text("Result"),
        exit_code=_ended(of.number("ExecMainCode"), of.number("ExecMainStatus")),
        restart_policy=of.text("Restart") or "no",
        requires=of.listed("Requires", str),
        bound_to=of.listed("BindsTo", str),
        after=of.listed("After", str),
        required_by=of.listed("RequiredBy", str),
        consists_of=of.listed("ConsistsOf", str),
        bound_by=of.listed("BoundBy", str),
        triggered_by=of.listed("TriggeredBy", str),
        start=_commands(of.listed("ExecStart", tuple)),
        reload=_commands(of.listed("ExecReload", tuple)),
        can_reload=of.flag("CanReload"),
        stays=of.flag("RemainAfterExit"),
        is_transient=of.flag("Transient"),
        refuses_stop=of.flag("RefuseManualStop"),
        refuses_start=of.flag("RefuseManualStart"),
        needs_daemon_reload=of.flag("NeedDaemonReload"),
        markers=of.listed("Markers", str),
        job=_has_job(properties.get("Job")),
        burst=of.number("StartLimitBurst"),
        interval_s=of.seconds("StartLimitIntervalUSec") or 0.0,
        stop_limit_s=of.seconds("TimeoutStopUSec") or None,
        start_limit_s=of.seconds("TimeoutStartUSec") or None,
        began_at=of.seconds("InactiveExitTimestampMonotonic") or 0.0,
        ready_at=of.seconds("ActiveEnterTimestampMonotonic") or 0.0,
        left_at=of.seconds("ActiveExitTimestampMonotonic") or 0.0,
        main_at=of.seconds("ExecMainStartTimestampMonotonic") or 0.0,
    )


class _Properties:
    """Properties by type: what is not of the type asked for is as if it were not there."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    def text(self, name: str) -> str:
        found = self._raw.get(name)
        return found if isinstance(found, str) else ""

    def number(self, name: str) -> int:
        found = self._raw.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else 0

    def flag(self, name: str) -> bool:
        return self._raw.get(name) is True

    def seconds(self, name: str) -> float | None:
        """Microseconds as seconds; nothing where systemd means "for ever"."""
        found = self.number(name)
        return None if found == ENDLESS else found / 1e6

    def listed(self, name: str, kind: type[T]) -> tuple[T, ...]:
        found = self._raw.get(name)
        several = found if isinstance(found, list | bytes) else ()
        return tuple(one for one in several if isinstance(one, kind))


def _commands(raw: Iterable[tuple[Any, ...]]) -> tuple[tuple[str, ...], ...]:
    """Program and arguments of each command; systemd tells the program apart from its name."""
    return tuple((str(one[0]), *map(str, one[1][1:])) for one in raw if len(one) > 1 and one[0])


def _ended(code: int, status: int) -> str:
    how = {_EXITED: "exit status", _KILLED: "signal", _DUMPED: "signal"}.get(code)
    return f"{how} {status}" if how else ""


def _has_job(raw: object) -> bool:
    """Whether the property (number, path) of a unit's job names one."""
    return isinstance(raw, tuple) and bool(raw) and bool(raw[0])

"""What a manager remembers of one service, and the words of its table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise.budget import Condition, Spent, after_death, after_failed_change
from insvc.supervise.definition import FailureBudget, ServiceDefinition
from insvc.supervise.exit_codes import Grade

_MAX_DOUBLINGS = 6


class Event(StrEnum):
    """What can happen to a service, whoever manages it."""

    START = "start"
    ADMIT = "admit"
    STOP = "stop"
    LOOK_DUE = "look-due"
    READY = "ready"
    NOT_READY = "not-ready"
    OVERDUE = "overdue"
    LEFT = "left"
    EXITED = "exited"
    EXHAUSTED = "exhausted"
    ENDED = "ended"
    RETRY_DUE = "retry-due"
    SETTLED = "settled"
    RUN_DUE = "run-due"
    AUDIT_DUE = "audit-due"
    ALIVE = "alive"
    SILENT = "silent"
    HUNG = "hung"
    ACT_DONE = "act-done"
    ACT_FAILED = "act-failed"
    ACT_GIVEN_UP = "act-given-up"
    ACT_OVERDUE = "act-overdue"
    ACT_DUE = "act-due"
    PARTED = "parted"
    STRAY = "stray"
    OUT_OF_TIME = "out-of-time"
    HAND_OVER = "hand-over"
    NEXT_READY = "next-ready"
    NEXT_EXITED = "next-exited"
    OLD_EXITED = "old-exited"


class Do(StrEnum):
    """What a table asks for: of the world, or (see `OF_THE_UNIT`) of the unit itself."""

    UNREGISTER = "unregister"
    REGISTER = "register"
    DELETE_PIDFILE = "delete-pidfile"
    SIGNAL = "signal"
    KILL = "kill"
    SWEEP = "sweep"
    LAUNCH = "launch"
    LOOK = "look"
    COUNT = "count"
    FORGIVE = "forgive"
    REFUSE = "refuse"
    AUDIT = "audit"
    HEAR = "hear"
    MISS = "miss"
    END_ACT = "end-act"
    LET_GO = "let-go"
    LAUNCH_NEXT = "launch-next"
    TAKE_NEXT = "take-next"
    KILL_NEXT = "kill-next"
    LET_NEXT_GO = "let-next-go"
    SIGNAL_OLD = "signal-old"
    KILL_OLD = "kill-old"
    LET_OLD_GO = "let-old-go"


OF_THE_UNIT = frozenset({Do.COUNT, Do.FORGIVE, Do.REFUSE, Do.HEAR, Do.MISS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One service as its manager remembers it, from one agent's life to the next.

    Times are seconds of the manager's clock: since boot for pmon and sm, since the epoch for cron.

    Attributes:
        definition: what the service is.
        state: a word of its manager's table.
        main: the main process; absent where none was started or it has ended.
        registered: whether the death of `main` counts as a failure.
        failures: deaths and failed starts not yet forgiven; only time forgives.
        misses: audits in a row that it has not answered.
        starts: programs launched so far.
        restarts: deaths and failed starts so far; the manager starts it again after each.
        due: when which event falls due; all are cancelled on leaving the state.
        drain: how it is being stopped, where an intent overrides its definition.
        drained: whether it ended by itself within its drain time, the last time it was stopped.
        refused: it outlived its drain time and was left running.
        clears_sessions: stored user sessions are to be deleted while it is down.
        managed: its manager acts on it; otherwise it is left as it is, dead or alive (sm).
        acting: the script that is starting or stopping it just now, and `act` which of the two.
        tries: how often that script was called since the service came into this state.
        told: how its script ended last, for people.
        next: the successor that is to take over from `main`, launched at `next_at`.
        old: the former main process, which finishes what it has begun.
        grade: how well its agent has found it to serve, the last time it was looked at.
        exit_code: how its last main process ended (below zero: by that signal); absent where that
            is not known.
        stopped_at: when `main` last ended; `started_at`: was last launched; `ready_at`: was last
            seen ready.
        spent: what of its failure budget is used up (sm).
    """

    definition: ServiceDefinition
    state: str
    main: ProcessIdentity | None = None
    registered: bool = True
    failures: int = 0
    misses: int = 0
    starts: int = 0
    restarts: int = 0
    due: tuple[tuple[Event, float], ...] = ()
    drain: DrainRule | None = None
    drained: bool | None = None
    refused: bool = False
    clears_sessions: bool = False
    managed: bool = True
    acting: ProcessIdentity | None = None
    act: str = ""
    tries: int = 0
    told: str = ""
    next: ProcessIdentity | None = None
    next_at: float | None = None
    old: ProcessIdentity | None = None
    grade: Grade = Grade.FULL
    exit_code: int | None = None
    stopped_at: float | None = None
    started_at: float | None = None
    ready_at: float | None = None
    spent: Spent = field(default_factory=Spent)

    @property
    def drain_rule(self) -> DrainRule:
        """How it is stopped now."""
        return self.drain or self.definition.drain

    @property
    def budget(self) -> FailureBudget:
        """How many failures it may have (sm)."""
        return self.definition.budget or FailureBudget()

    @property
    def is_called_failed(self) -> bool:
        """Whether it has failed as often as it may: in a row (pmon), or by its budget (sm)."""
        if self.definition.manager is Manager.SM:
            return self.spent.condition is not Condition.NONE
        return self.failures > 0 and self.failures >= self.definition.restarts

    def is_due(self, event: Event) -> bool:
        """Whether that event is on its calendar."""
        return any(one is event for one, _ in self.due)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """What a host's managers are to keep up, as operators have set it.

    Attributes:
        role: active or standby on hosts that take turns.
        locked: the host is out of service; only the service manager itself stays up.
        closing: everything is to end.
        held: services being taken down together; released once all of them are down.
        stopped: services that an operator has stopped, and when each is started again by itself,
            in seconds of the manager's clock.
        unprovisioned: services that are not in use on this host, whatever was delivered (sm).
    """

    role: Role | None = None
    locked: bool = False
    closing: bool = False
    held: frozenset[str] = frozenset()
    stopped: Mapping[str, float] = field(default_factory=dict)
    unprovisioned: frozenset[str] = frozenset()

    def wants(self, definition: ServiceDefinition, *, always_up: Iterable[str] = ()) -> bool:
        """Whether the service is to be up; those named stay up on a locked host."""
        name = definition.name
        if self.closing or name in self.held or name in self.stopped:
            return False
        if name in self.unprovisioned:
            return False
        if self.locked and name not in always_up:
            return False
        return definition.runs_when == "always" or self.role is Role.ACTIVE


def stop_until(duty: Duty, name: str, until: float) -> Duty:
    """The duty without that service, until then or until it is started again."""
    return replace(duty, stopped={**duty.stopped, name: until})


def start_again(duty: Duty, name: str) -> Duty:
    """The duty in which nobody has stopped that service."""
    return replace(duty, stopped={one: at for one, at in duty.stopped.items() if one != name})


def overdue(duty: Duty, now: float) -> Duty:
    """The duty once those are wanted again that have been stopped for long enough."""
    return replace(duty, stopped={one: at for one, at in duty.stopped.items() if at > now})


def apply_to_unit(unit: Unit, actions: Iterable[Do]) -> Unit:
    """The unit after those actions that concern only its own memory."""
    for action in actions:
        if action is Do.COUNT:
            unit = replace(unit, failures=unit.failures + 1, restarts=unit.restarts + 1)
        elif action is Do.FORGIVE:
            unit = replace(unit, failures=0)
        elif action is Do.HEAR:
            unit = replace(unit, misses=0)
        elif action is Do.MISS:
            unit = replace(unit, misses=unit.misses + 1)
        elif action is Do.REFUSE:
            unit = replace(unit, refused=True)
        elif action in {Do.REGISTER, Do.UNREGISTER}:
            unit = replace(unit, registered=action is Do.REGISTER)
    return unit


def is_last_failure(unit: Unit, now: float) -> bool:
    """Whether one failure more uses up the budget."""
    if unit.definition.manager is Manager.SM:
        return spent_by_failure(unit, now).condition is not Condition.NONE
    return unit.failures + 1 >= unit.definition.restarts


def spent_by_failure(unit: Unit, now: float) -> Spent:
    """What of its budget is used up by one failure more: a death once it was up, or a start."""
    count = after_failed_change if unit.ready_at is None else after_death
    return count(unit.spent, unit.budget, now)


def is_last_miss(unit: Unit) -> bool:
    """Whether one audit more without an answer means that it hangs."""
    return unit.misses + 1 >= unit.definition.audit_misses


def retry_pause_s(unit: Unit) -> float | None:
    """How long to wait before the next try; never again (absent) where the budget is 0.

    Beyond the budget the pause doubles with every failure up to 64 times the interval: a service
    that cannot start is still tried for ever, but does not keep its host busy.
    """
    is_of_sm = unit.definition.manager is Manager.SM
    of_sm = min(unit.budget.deaths, unit.budget.failed_actions)
    allowed = of_sm if is_of_sm else unit.definition.restarts
    if allowed == 0:
        return None
    beyond = max(0, unit.failures - allowed + 1)
    return float(unit.definition.interval_s * 2 ** min(beyond, _MAX_DOUBLINGS))


def launched(unit: Unit, main: ProcessIdentity, now: float) -> Unit:
    """The unit with the process that was just started for it."""
    return replace(
        unit,
        main=main,
        registered=True,
        misses=0,
        starts=unit.starts + 1,
        started_at=now,
        ready_at=None,
    )


def called(unit: Unit, act: str, script: ProcessIdentity | None, now: float) -> Unit:
    """The unit once its script was called to start or to stop it; absent: that could not be."""
    after = replace(unit, act=act, acting=script, tries=unit.tries + 1)
    if act != "start" or after.tries > 1:
        return after
    return replace(
        after, registered=True, misses=0, starts=unit.starts + 1, started_at=now, ready_at=None
    )


def ended(unit: Unit, now: float) -> Unit:
    """The unit whose main process is gone, and with it whatever refused to end."""
    return replace(
        unit, main=None, registered=True, refused=False, grade=Grade.FULL, stopped_at=now
    )

"""A plan: ordered steps with reasons, what was left out and why, and what users will notice."""

from dataclasses import dataclass, field
from typing import ClassVar

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Action
from insvc.plan.policy import Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One act on one host.

    Attributes:
        id: `service@host`, or `swact@host`, `lock@host`, `unlock@host`; unique in its plan.
        host: where it happens. For a swact: the host that gives up activity.
        entry: the catalog entry it belongs to; empty for host actions.
        service: the manager's name; empty for host actions.
        action: what is done.
        reason: why, in words, naming the law or the evidence.
        start_s: scheduled start, seconds after the run began.
        end_s: scheduled end.
        after: ids of the steps that must have succeeded first.
        soak_s: how long after the last of those has ended (or after the run began, where there
            are none) it may start first.
        timeout_s: after this the step is no longer waited for.
        dwell_s: how long it must run unbroken before it counts.
        expected_outage_s: how long it is expected to be unable to serve.
        expects: identities of the processes the plan was made for.
        with_dependants: its manager stops and starts what depends on it too.
        drain: how it is asked to finish, where the catalog says so.
        reap: command-line pattern of orphans that must end with it.
        clear_sessions: stored sessions are deleted while it is down.
        to_host: for a swact, the host that becomes active.
        cures: for a swact chosen by estimate, the stale services that it starts afresh there.
        cost_s: what such a swact is expected to cost, outages added up over all that it moves;
            instead_s: what restarts of the cured ones in place would cost.
        endpoint: `address:port` for the outage probe.
        probe_path: path for an HTTP outage probe; absent means a TCP probe.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    host: str
    entry: str = ""
    service: str = ""
    action: Action = Action.RESTART
    reason: str = ""
    start_s: float = 0.0
    end_s: float = 0.0
    after: tuple[str, ...] = ()
    soak_s: float = 0.0
    timeout_s: float = 60.0
    dwell_s: float = 1.0
    expected_outage_s: float = 0.0
    expects: tuple[ProcessIdentity, ...] = ()
    with_dependants: bool = False
    drain: DrainRule | None = None
    reap: str | None = None
    clear_sessions: bool = False
    to_host: str | None = None
    cures: tuple[str, ...] = ()
    cost_s: float = 0.0
    instead_s: float = 0.0
    endpoint: str | None = None
    probe_path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineHost:
    """One host of a line, and what is its own in each step of the turn.

    Attributes:
        host: its name.
        expects: identities of the processes, for each step of the turn.
        endpoints: `address:port` for the outage probe, for each step of the turn.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    host: str
    expects: tuple[tuple[ProcessIdentity, ...], ...] = ()
    endpoints: tuple[str | None, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Hosts that are alike, taken in turn: so many lanes, the hosts dealt out to them one by one.

    The host at place n comes after the one at place n - `at_once`. Where `by_host`, its turn begins
    when the whole turn of that one has ended; else each of its steps waits for the same step there,
    beside those of its own turn. What a step waits for outside of the line, it waits for on the
    first host of each lane; others come after that one.

    Attributes:
        id: `line@HOST` of the first host, or `line-N@HOST`; the `after` of a step or of another
            line may name it, and means all of its steps.
        hosts: in the order of their turns.
        at_once: how many lanes.
        by_host: how a lane passes from one host to the next.
        turn: what is done on each, as on the first host, with its times and its waits.
        after: ids of the lines that must have succeeded before anything of this one begins.
        pause_s: how long after what it waits for there a lane may be taken over, or begun.
        end_s: when the last turn ends.
        reason: why so many at once, and why after other lines.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    hosts: tuple[LineHost, ...]
    at_once: int
    by_host: bool
    turn: tuple[Step, ...]
    after: tuple[str, ...] = ()
    pause_s: float = 0.0
    end_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Omission:
    """An instance that gets no step, and why."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    host: str
    service: str
    entry: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Impairment:
    """What users will notice of one entry, on the plan's timeline.

    Attributes:
        entry: the catalog entry; `title`: as operators write it.
        services: the services that restart; `hosts`: where.
        from_s: when its first step starts; `until_s`: when its last one ends.
        outage_s: the longest single outage expected of one instance.
        is_interrupted: whether the entry as a whole cannot serve for that long (no other
            instance stands in).
        outstanding_requests: what happens to requests under way (the catalog's word).
        new_requests: what happens to requests that arrive meanwhile (the catalog's word).
        may_lose: what may be lost for good.
        sessions: whether users are logged out.
        note: everything else worth saying.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    entry: str
    title: str = ""
    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    from_s: float = 0.0
    until_s: float = 0.0
    outage_s: float = 0.0
    is_interrupted: bool = False
    outstanding_requests: str = "unknown"
    new_requests: str = "unknown"
    may_lose: tuple[str, ...] = ()
    sessions: str = "none"
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Improvement:
    """What a solver made of a plan's order.

    Attributes:
        by: name and version of the solver.
        before_s: the makespan without it; where it is that of the plan, nothing shorter was found.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    by: str
    before_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything a run will do. Equal inputs give equal plans.

    Attributes:
        format: name and version of the file format.
        catalog: name of the catalog it was made with.
        policy: the policy it was made under.
        steps: ordered by start, then id.
        lines: steps of many hosts that are alike, folded; none in a plan that is written out.
        omitted: every instance that gets no step although something may suggest one, with why.
        forecast: what users will notice, one line an entry, ordered by `from_s`.
        makespan_s: when the last step ends.
        lower_bound_s: no schedule of these steps can end before this.
        improvement: what a solver made of their order, where one was asked.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-plan/1"
    catalog: str = ""
    policy: Policy = field(default_factory=Policy)
    steps: tuple[Step, ...] = ()
    lines: tuple[Line, ...] = ()
    omitted: tuple[Omission, ...] = ()
    forecast: tuple[Impairment, ...] = ()
    makespan_s: float = 0.0
    lower_bound_s: float = 0.0
    improvement: Improvement | None = None

    def count_steps(self) -> int:
        """How many steps it has, with those of its lines."""
        return len(self.steps) + sum(len(line.hosts) * len(line.turn) for line in self.lines)

    def count_hosts(self) -> int:
        """How many hosts have a step."""
        in_lines = {one.host for line in self.lines for one in line.hosts}
        return len(in_lines | {step.host for step in self.steps})

    def step(self, step_id: str) -> Step:
        """The step of that id.

        Raises:
            KeyError: the plan has no such step.
        """
        for one in self.steps:
            if one.id == step_id:
                return one
        raise KeyError(step_id)

"""What is counted and not looked at: hosts like those that are, and the lanes of their lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from insvc.model.observation import HostObservation
from insvc.model.topology import Host
from insvc.model.words import Personality
from insvc.plan.plan import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """Hosts that are alike, with all services up: one of them, and how many are not looked at."""

    host: Host
    seen: HostObservation
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Lanes:
    """The lanes of a line, of which only some are looked at.

    Attributes:
        line: its id; `beside`: ids of the lines that may be under way meanwhile, itself too.
        host: one of its hosts; all others are like it.
        turn: what each of them has done to it.
        shown: ids of the steps that are looked at; `spare`: of more such steps, in lanes that count
            among the rest.
        count: how many lanes there are; `rest`: how many of them are only counted.
        by_host: whether a lane is on one host at a time.
    """

    line: str
    beside: frozenset[str]
    host: Host
    turn: tuple[Step, ...]
    shown: frozenset[str]
    spare: frozenset[str]
    count: int
    rest: int
    by_host: bool

    def most(self, steps: int) -> int:
        """How many hosts, beside those that are looked at, such steps may be under way on.

        Args:
            steps: how many steps of a turn count.
        """
        if self.by_host or steps == 1:
            return self.rest
        # Each of these steps may be on another host; the few that are looked at do not show all.
        return self.count * steps


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What lines that may be under way together add to what is looked at.

    Attributes:
        busy: on how many more hosts at most something is under way.
        apart: ids of steps that are looked at and do not count here: those of lines that are never
            under way together with these, and those that are in `busy` already.
    """

    busy: int = 0
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Absent:
    """Everything that is counted and not looked at; nothing in a plan without lines."""

    crowds: tuple[Alike, ...] = ()
    lanes: tuple[Lanes, ...] = ()

    def members(self, service: str, domain: str | None = None) -> int:
        """How many hosts have the service, in a failure domain or in all."""
        return sum(
            one.count
            for one in self.crowds
            if (domain is None or one.host.failure_domain == domain)
            and one.seen.instance(service) is not None
        )

    def hosts(self, personality: Personality) -> int:
        """How many hosts have the personality."""
        return sum(one.count for one in self.crowds if one.host.serves_as(personality))

    def held(
        self, holds: Callable[[Host, Step], bool], domain: str | None = None
    ) -> tuple[Load, ...]:
        """On how many hosts such steps are under way: once for all that may come together.

        Args:
            holds: whether a step on a host counts.
            domain: count hosts of this failure domain alone.
        """
        most = {}
        for lanes in self.lanes:
            if domain is None or lanes.host.failure_domain == domain:
                steps = sum(holds(lanes.host, step) for step in lanes.turn)
                if steps:
                    most[lanes.line] = lanes.most(steps)
        return self._loads(most)

    def busy(self, personality: Personality) -> tuple[Load, ...]:
        """How many hosts of the personality are worked on: once for all that may come together."""
        alike = (lanes for lanes in self.lanes if lanes.host.serves_as(personality))
        return self._loads({lanes.line: lanes.most(len(lanes.turn)) for lanes in alike})

    def _loads(self, most: Mapping[str, int]) -> tuple[Load, ...]:
        """For each of these lines, it with all that may be under way meanwhile, or more."""
        mine = {lanes.line: lanes for lanes in self.lanes if lanes.line in most}
        looked_at = frozenset[str]().union(*(one.shown | one.spare for one in mine.values()))
        together = dict.fromkeys(lanes.beside.intersection(most) for lanes in mine.values())
        loads = (
            Load(
                busy=sum(most[name] for name in names),
                apart=looked_at.difference(*(mine[name].shown for name in names)),
            )
            for names in together
        )
        return tuple(loads) or (Load(),)


def beside(count: int) -> str:
    """What else is under way, as part of a sentence; empty where nothing is."""
    return f", and {count} more are busy in other lanes meanwhile" if count else ""

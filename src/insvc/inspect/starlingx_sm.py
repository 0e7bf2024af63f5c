"""What StarlingX's service manager says of its services, in its database and in its tools' words.

Source: the tables and state names of sm as its operators know them. States are compared as whole
words: `enabled-active-failed` is not `enabled-active`, though it begins like it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from insvc.catalog.entry import Entry, Impact, Service
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager, Personality, Redundancy

ACTIVE: Final = "enabled-active"
_NOTHING: Final = frozenset({"", "none"})
_STATES: Final[Mapping[str, InstanceState]] = {
    ACTIVE: InstanceState.RUNNING,
    "enabled-standby": InstanceState.STOPPED,
    "enabling": InstanceState.STARTING,
    "enabling-throttle": InstanceState.STARTING,
    "enabled-go-active": InstanceState.STARTING,
    "enabled-go-standby": InstanceState.STOPPING,
    "disabling": InstanceState.STOPPING,
    "disabled": InstanceState.STOPPED,
    "shutdown": InstanceState.STOPPED,
}
_STATUSES: Final = ("failed", "degraded", "warn", "unknown")
_ANSWER = re.compile(r"(\S+) is (\S+)")


class Standing(NamedTuple):
    """How a service stands: state, status and condition, each a word of sm's; empty for none."""

    state: str
    status: str = ""
    condition: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it is enabled-active and nothing is said against it."""
        return self.state == ACTIVE and not self.status

    def __str__(self) -> str:
        told = f"{self.state}-{self.status}" if self.status else self.state
        return f"{told} ({self.condition})" if self.condition else told


@dataclass(frozen=True, kw_only=True, slots=True)
class SmService:
    """One service of sm's database.

    Attributes:
        name: of the service.
        desired: the state that sm works towards.
        standing: how it stands.
        pidfile: where its process keeps its pid; empty where it is no process (an address).
        enable_s, disable_s: how long sm lets its script take; absent where no row says.
    """

    name: str
    desired: str
    standing: Standing
    pidfile: str = ""
    enable_s: float | None = None
    disable_s: float | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether sm is to keep it active on this controller."""
        return self.desired == ACTIVE


@dataclass(frozen=True, kw_only=True, slots=True)
class SmTables:
    """What sm's database holds.

    Attributes:
        services: those that are provisioned, by name.
        needs: what each needs to be enabled before it, by name.
    """

    services: Mapping[str, SmService] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def dependants(self, name: str) -> tuple[str, ...]:
        """Every service that needs that one, directly or through others, in order of name."""
        found: set[str] = set()
        wave = {name}
        while wave:
            wave = {
                one for one, needs in self.needs.items() if one not in found and wave & {*needs}
            }
            found |= wave
        return tuple(sorted((found - {name}) & self.services.keys()))


def standing_of(state: object, status: object, condition: object) -> Standing:
    """From three columns; sm writes both `none` and nothing at all for none."""
    words = (one if isinstance(one, str) else "" for one in (state, status, condition))
    bare = [word.strip() for word in words]
    return Standing(bare[0], *("" if word in _NOTHING else word for word in bare[1:]))


def read_answer(name: str, text: str) -> Standing | None:
    """What `sm-query service NAME` answers; nothing where it does not tell of that service.

    A service that sm does not have is answered as disabled, with a full stop: that is no answer.
    """
    for line in text.splitlines():
        found = _ANSWER.fullmatch(line.strip())
        if found is not None and found[1] == name and not found[2].endswith("."):
            for status in _STATUSES:
                if found[2].endswith(f"-{status}"):
                    return Standing(found[2].removesuffix(f"-{status}"), status)
            return Standing(found[2])
    return None


def state_of(service: SmService, *, is_there: bool) -> InstanceState:
    """What a service does.

    Args:
        service: sm's own words.
        is_there: whether its process lives, or it has none.
    """
    standing = service.standing
    state = _STATES.get(standing.state, InstanceState.UNKNOWN)
    if standing.status == "failed":
        return InstanceState.FAILED
    if state is InstanceState.RUNNING and not is_there:
        return InstanceState.FAILED
    if standing.state == "disabled" and service.is_wanted:
        return InstanceState.FAILED
    return state


def row_of(service: SmService, *, pid: int | None, group: str | None, restarts: int) -> ManagerRow:
    """The row of one service.

    Args:
        service: sm's own words.
        pid: its main process, where one lives.
        group: the control group that is wholly its own.
        restarts: how often it was seen to be started again.
    """
    return ManagerRow(
        name=service.name,
        manager=Manager.SM,
        state=state_of(service, is_there=pid is not None or not service.pidfile),
        desired=InstanceState.RUNNING if service.is_wanted else InstanceState.STOPPED,
        pid=pid,
        cgroup=group,
        restarts=restarts,
    )


def entry_of(service: SmService, tables: SmTables) -> Entry:
    """How a service can be restarted, as discovered."""
    times = [one for one in (service.disable_s, service.enable_s) if one is not None]
    needs = [one for one in tables.needs.get(service.name, ()) if one in tables.services]
    fields = ("managed_by", "services", "action", "depends_on") + (("impact",) if times else ())
    return Entry(
        name=service.name.lower(),
        title=service.name,
        function="a service that StarlingX's service manager keeps in its desired state",
        in_service_patchable=True,
        managed_by=Manager.SM,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=service.name, pidfile=service.pidfile or None),),
        depends_on=tuple(one.lower() for one in needs),
        impact=Impact(
            new_requests="refused", longest_s=sum(times) if times else None, recovers="retry"
        ),
        provenance=dict.fromkeys(fields, "discovered: sm.db"),
    )


def enable_needs(rows: Iterable[tuple[object, object, object]]) -> dict[str, tuple[str, ...]]:
    """What each service needs to be enabled, from rows of (service, action, what it needs)."""
    needs: dict[str, list[str]] = {}
    for service, action, needed in rows:
        if action == "enable" and isinstance(service, str) and isinstance(needed, str) and needed:
            needs.setdefault(service, []).append(needed)
    return {name: tuple(dict.fromkeys(found)) for name, found in needs.items()}

"""What sm is told beside the definitions: domains, groups, who belongs to which, what needs what.

Source: the service manager's own tables as they were in 2018, in our own form. What is not known of
them is absent, never guessed. A later table of the same form may take their place.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from insvc.supervise.definition import FailureBudget

FORMAT = "insvc-sm/1"
Impact = Literal["critical", "major", "minor"]
Redundancy = Literal["none", "N", "N + M", "N to 1", "N to N"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Domain:
    """Nodes that agree with one another on who serves.

    Attributes:
        name: of the domain.
        priority: of a node that joins it; the highest leads.
        hello_s: between two signs of life; `dead_s`: without one, after which a node is dead.
        wait_s: how long a node listens before it decides alone.
        exchange_s: between two exchanges of what each node does.
        provisioned: whether it is in use.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    priority: int = 230
    hello_s: float = 0.2
    dead_s: float = 0.8
    wait_s: float = 5.0
    exchange_s: float = 2.0
    provisioned: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Interface:
    """A network on which the nodes of a domain hear one another."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    domain: str
    interface: str
    authentication: Literal["none", "hmac-sha512"] = "none"
    provisioned: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Services that are assigned to a node together.

    Attributes:
        name: of the group.
        debounce_s: how long its failure is told after the last one, unless health is proven.
        calls_for_reboot: a member that is given up makes the node unfit.
        provisioned: whether it is in use.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    debounce_s: float = 300.0
    calls_for_reboot: bool = False
    provisioned: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainMember:
    """A group in a domain: on how many nodes it is active.

    Attributes:
        domain: the domain; `group`: the group.
        redundancy: its model; `N`: active on `n_active` nodes and nowhere on standby.
        n_active: nodes on which it serves; `m_standby`: nodes that stand by.
        aggregate: groups of one aggregate move together; empty where it moves alone.
        active_only_if_active: the group that must be active on the same node; empty where none.
        provisioned: whether it is in use.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    domain: str
    group: str
    redundancy: Redundancy = "N + M"
    n_active: int = 1
    m_standby: int = 1
    aggregate: str = ""
    active_only_if_active: str = ""
    provisioned: bool = True

    @property
    def is_everywhere(self) -> bool:
        """Whether it serves on every node of a pair, so that no other node is needed for it."""
        return self.redundancy == "N" and self.n_active > 1


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupMember:
    """A service of a group, and what its failure means to the group."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    group: str
    service: str
    impact: Impact = "critical"
    provisioned: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """How long the actions of services of one kind may take, in seconds.

    Attributes:
        name: of the kind.
        enable_s, disable_s: for a start and a stop.
        audit_s: for a look; `audit_every_s`: between two looks. Absent where they are not known.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    enable_s: float
    disable_s: float
    audit_s: float | None = None
    audit_every_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """What sm is told of a service beside its definition.

    Attributes:
        name: of the service.
        times: the kind of its `Times`; absent where they are not known.
        budget: its failure budget, where it has one of its own.
        provisioned: whether it is in use; one that is not is kept down.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    times: str | None = None
    budget: FailureBudget | None = None
    provisioned: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """That a service needs another to be enabled-active.

    Attributes:
        service: who needs; `needs`: whom.
        action: before which of its actions.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    service: str
    needs: str
    action: Literal["enable", "go-active"] = "enable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """All of it. A name that stands twice in one table is a fault; the last one counts."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = FORMAT
    domains: tuple[Domain, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    groups: tuple[Group, ...] = ()
    domain_members: tuple[DomainMember, ...] = ()
    group_members: tuple[GroupMember, ...] = ()
    times: tuple[Times, ...] = ()
    services: tuple[Service, ...] = ()
    dependencies: tuple[Dependency, ...] = field(default=())


def membership(tables: Tables, service: str) -> GroupMember | None:
    """To which group the service belongs; nothing where the tables do not say."""
    found = [one for one in tables.group_members if one.service == service]
    return found[-1] if found else None


def is_provisioned(tables: Tables, service: str) -> bool:
    """Whether the service is in use: itself, its place in its group, the group, and its domain.

    What the tables do not name was delivered by a package alone, and is in use.
    """
    member = membership(tables, service)
    rows: list[Service | GroupMember | Group | DomainMember] = []
    rows += [one for one in tables.services if one.name == service]
    if member is not None:
        rows.append(member)
        rows += [one for one in tables.groups if one.name == member.group]
        rows += [one for one in tables.domain_members if one.group == member.group]
    return all(one.provisioned for one in rows)


def serves_everywhere(tables: Tables, service: str) -> bool:
    """Whether its group serves on every node of a pair, whichever of them is the active one."""
    member = membership(tables, service)
    places = [one for one in tables.domain_members if member and one.group == member.group]
    return bool(places) and places[-1].is_everywhere


def needs_among(tables: Tables, names: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """What each of these services needs among them, also through services that are not there.

    Args:
        tables: who needs whom.
        names: the services of a host.
    """
    direct: dict[str, list[str]] = {}
    for one in tables.dependencies:
        direct.setdefault(one.service, []).append(one.needs)
    return {name: tuple(_nearest(direct, name, set(names))) for name in names}


def _nearest(direct: Mapping[str, Iterable[str]], name: str, names: set[str]) -> Iterable[str]:
    """The first services on every way down from that one that are there, each once."""
    seen = {name}
    wave = list(direct.get(name, ()))
    while wave:
        one = wave.pop(0)
        if one in seen:
            continue
        seen.add(one)
        if one in names:
            yield one
        else:
            wave += direct.get(one, ())

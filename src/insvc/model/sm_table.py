"""What sm says of its groups and services: the rows of `sm-dump`."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRow:
    """One service group on one host.

    Attributes:
        name: of the group.
        desired, state: in sm's words, `active`, `go-standby` …
        status: `none`, `warn`, `degraded` or `failed`, by what its members mean to it.
        condition: why, as far as sm knows; `none` otherwise.
        blamed: the members that make it less than well, the worst first.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    desired: str
    state: str
    status: str = "none"
    condition: str = "none"
    blamed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRow:
    """One service of sm on one host.

    Attributes:
        name: of the service; `group`: the group it belongs to, empty where it has none.
        desired, state: in sm's words, `enabled-active`, `enabling-throttle` …
        status, condition: as for groups.
        impact: what its failure means to its group.
        pid: its main process, where one runs; `process`: that process's name, empty where none.
        pidfile: the file that names it, below the host's root.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    group: str = ""
    desired: str
    state: str
    status: str = "none"
    condition: str = "none"
    impact: str = ""
    pid: int | None = None
    process: str = ""
    pidfile: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SmTable:
    """All that sm has in use on one host, by name.

    Attributes:
        groups, services: in use here.
        faults: what was found wrong with what is written down of that, one line each.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    groups: tuple[GroupRow, ...] = ()
    services: tuple[ServiceRow, ...] = ()
    faults: tuple[str, ...] = ()

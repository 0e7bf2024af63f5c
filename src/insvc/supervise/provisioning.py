"""Which rows of sm's tables are in use, as operators change it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

from insvc.errors import InputError, UnknownName
from insvc.supervise.sm_lint import lint
from insvc.supervise.sm_tables import (
    DomainMember,
    GroupMember,
    Interface,
    Service,
    Tables,
    membership,
)

Kind = Literal[
    "service-domain",
    "service-domain-member",
    "service-domain-interface",
    "service-group",
    "service-group-member",
    "service",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
PAIRS: frozenset[Kind] = frozenset(
    {"service-domain-member", "service-domain-interface", "service-group-member"}
)
"""Kinds of rows that have two names: of the whole, and of what belongs to it."""
_WITHOUT_GROUP = "SM003"
"""What a package delivers may do without a group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """That a row is taken into use, or out of use.

    Attributes:
        kind: of the row.
        name: of the domain, group or service.
        member: of what belongs to it, for kinds in `PAIRS`; empty otherwise.
        provisioned: whether it is in use from now on.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kind: Kind
    name: str
    member: str = ""
    provisioned: bool

    @property
    def subject(self) -> str:
        """The row, in words."""
        return f"{self.kind} {self.name} {self.member}".strip()


def changed(tables: Tables, change: Change, services: Collection[str]) -> Tables:
    """The tables with that row in use, or out of use.

    A row that is to be taken into use and is not there is added, where what it names is known.

    Args:
        tables: as they are.
        change: what is asked for.
        services: that are delivered to this host, beside those of the tables.

    Raises:
        UnknownName: it names something that is nowhere described.
        InputError: the tables would contradict themselves; every contradiction is told.
    """
    _check_form(change)
    table, found = _row(tables, change, services)
    rows = getattr(tables, table)
    fresh = replace(found, provisioned=change.provisioned)
    kept = tuple(fresh if one is found else one for one in rows)
    after: dict[str, Any] = {table: kept if found in rows else (*rows, fresh)}
    done = _described(replace(tables, **after), change)
    known = {*lint(tables)}
    faults = [one for one in lint(done) if one not in known and one.code != _WITHOUT_GROUP]
    if faults:
        told = "; ".join(f"{one.subject}: {one.found}" for one in faults)
        raise InputError(change.subject, told, next_act="look at `sm-dump`, and name what is there")
    return done


def _described(tables: Tables, change: Change) -> Tables:
    """The tables with a row for a service that has just been given a group."""
    name = change.member
    if change.kind != "service-group-member" or any(one.name == name for one in tables.services):
        return tables
    return replace(tables, services=(*tables.services, Service(name=name)))


def replayed(
    tables: Tables, changes: Iterable[Change], services: Collection[str]
) -> tuple[Tables, tuple[str, ...]]:
    """The tables after all those changes, and one line for each that fits them no longer."""
    faults: list[str] = []
    for change in changes:
        try:
            tables = changed(tables, change, services)
        except InputError as fault:
            faults.append(f"{change.subject}: {fault.reason}")
    return tables, tuple(faults)


def _check_form(change: Change) -> None:
    wants_member = change.kind in PAIRS
    if bool(change.name) and bool(change.member) == wants_member:
        return
    expected = "two names" if wants_member else "one name"
    raise InputError(
        change.subject,
        f"a {change.kind} has {expected}",
        next_act=f"name {'the whole and what belongs to it' if wants_member else 'it alone'}",
    )


def _row(tables: Tables, change: Change, services: Collection[str]) -> tuple[str, Any]:
    """In which table the row is or belongs, and the row.

    Raises:
        UnknownName: it names something that is nowhere described.
    """
    name, member = change.name, change.member
    if change.kind == "service-domain":
        return "domains", _named(tables.domains, name, change)
    if change.kind == "service-group":
        return "groups", _named(tables.groups, name, change)
    if change.kind == "service":
        return "services", _service(tables, name, services)
    if change.kind == "service-group-member":
        _named(tables.groups, name, change)
        return "group_members", _group_member(tables, name, member, services)
    _named(tables.domains, name, change)
    if change.kind == "service-domain-member":
        _named(tables.groups, member, change)
        there = [one for one in tables.domain_members if (one.domain, one.group) == (name, member)]
        return "domain_members", there[0] if there else DomainMember(domain=name, group=member)
    found = [one for one in tables.interfaces if (one.domain, one.interface) == (name, member)]
    return "interfaces", found[0] if found else Interface(domain=name, interface=member)


def _named(rows: Iterable[Any], name: str, change: Change) -> Any:  # noqa: ANN401 - any kind of row
    known = {one.name: one for one in rows}
    if name not in known:
        raise UnknownName(
            name,
            f"{change.subject}: nothing in these tables is called so",
            next_act=f"use one of: {', '.join(sorted(known)) or 'none'}",
        )
    return known[name]


def _service(tables: Tables, name: str, services: Collection[str]) -> Service:
    for one in tables.services:
        if one.name == name:
            return one
    _check_delivered(name, services)
    return Service(name=name)


def _group_member(
    tables: Tables, group: str, service: str, services: Collection[str]
) -> GroupMember:
    found = membership(tables, service)
    if found is not None and found.group == group:
        return found
    if all(one.name != service for one in tables.services):
        _check_delivered(service, services)
    return GroupMember(group=group, service=service)


def _check_delivered(name: str, services: Collection[str]) -> None:
    if name not in services:
        raise UnknownName(
            name,
            "neither the tables nor a package of this host know such a service",
            next_act="install its package first, or look at its name with `sm-dump`",
        )

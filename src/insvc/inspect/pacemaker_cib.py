"""What Pacemaker's configuration and its memory of operations say: `cibadmin --query`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insvc.inspect.pacemaker import bare, number, parse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PENDING = -1
OK, PROMOTED = 0, 8
OURS = "insvc-"
"""How the id of everything begins that insvc puts into the configuration for a while."""
_FAILURES = "fail-count-"
_SETS = {"group": "group", "clone": "clone", "master": "clone"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation of a resource on a node, the last of its kind.

    Attributes:
        task: start, stop, monitor, promote, …
        call: its number; those of a node only grow.
        status: 0 when it was done, -1 while it is under way.
        code: what the agent answered: 0 is success, 8 a monitor that finds it promoted.
        interval_ms: of a monitor that is repeated; else 0.
        at: when its answer last changed, whole seconds since the epoch.
        took_s: how long it ran.
        reason: why it failed, in the agent's words.
    """

    task: str
    call: int
    status: int
    code: int
    interval_ms: int = 0
    at: int = 0
    took_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Primitive:
    """One resource as configured.

    Attributes:
        name: its id.
        kind: the last word of its agent: `mysql`, `IPaddr2`, a unit's name.
        parameters: what its agent is given.
        group, clone: the collectives it is part of; empty where it is of none.
        earlier: members of its group that are started before it.
        limits_s: how long its start and its stop may take, added up; absent where not configured.
    """

    name: str
    kind: str
    parameters: Mapping[str, str]
    group: str = ""
    clone: str = ""
    earlier: tuple[str, ...] = ()
    limits_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cib:
    """The cluster's configuration and what it remembers.

    Attributes:
        primitives: every resource by id.
        needs: names of resources that must be up before it, or run with it, by name.
        operations: the last operations by (resource, node).
        failures: how often it failed since somebody last cleaned that up, by (resource, node).
        leases: until when a restart of insvc's holds a resource down, by id of what it put there.
    """

    primitives: Mapping[str, Primitive]
    needs: Mapping[str, tuple[str, ...]]
    operations: Mapping[tuple[str, str], tuple[Operation, ...]]
    failures: Mapping[tuple[str, str], int]
    leases: Mapping[str, str]


def read_cib(text: str) -> Cib:
    """The answer of `cibadmin --query`, or of a query for its status alone.

    Raises:
        ValueError: it is no such answer.
    """
    root = parse(text)
    if root.tag not in {"cib", "status"}:
        raise ValueError(f"found <{root.tag}>, expected the configuration of a cluster")
    primitives = {one.name: one for one in _primitives(root)}
    states = tuple(root.iter("node_state"))
    return Cib(
        primitives=primitives,
        needs=_needs(root, primitives),
        operations={key: ops for state in states for key, ops in _operations(state)},
        failures=_failures(states),
        leases=dict(_leases(root)),
    )


def _primitives(root: "Element") -> Iterator[Primitive]:
    templates = {one.get("id"): one for one in root.iterfind(".//resources/template")}
    resources = root.find(".//resources")
    for above in () if resources is None else resources:
        clone = above.get("id", "") if _SETS.get(above.tag) == "clone" else ""
        below = [above] if above.tag == "primitive" else list(above)
        for one in below:
            members = [one] if one.tag == "primitive" else one.findall("primitive")
            if above.tag == "group":
                members = [one] if one.tag == "primitive" else []
            group = one if one.tag == "group" else above if above.tag == "group" else None
            for member in members:
                yield _primitive(member, templates.get(member.get("template")), group, clone)


def _primitive(
    element: "Element", template: "Element | None", group: "Element | None", clone: str
) -> Primitive:
    sources = [element] if template is None else [template, element]
    kind = next((one.get("type") for one in reversed(sources) if one.get("type")), "")
    name = element.get("id", "")
    members = [one.get("id", "") for one in group.findall("primitive")] if group is not None else []
    return Primitive(
        name=name,
        kind=kind or "",
        parameters={
            pair.get("name", ""): pair.get("value", "")
            for source in sources
            for pair in source.iterfind("instance_attributes/nvpair")
        },
        group="" if group is None else group.get("id", ""),
        clone=clone,
        earlier=tuple(members[: members.index(name)]) if name in members else (),
        limits_s=_limits_s(sources),
    )


def _limits_s(sources: Iterable["Element"]) -> float | None:
    found = {
        op.get("name"): seconds
        for source in sources
        for op in source.iterfind("operations/op")
        if (seconds := _seconds(op.get("timeout"))) is not None
    }
    told = [found[task] for task in ("start", "stop") if task in found]
    return sum(told) if len(told) == 2 else None  # noqa: PLR2004 - both of them


def _seconds(text: str | None) -> float | None:
    """A length of time as operators write it: `20`, `20s`, `500ms`, `2min`."""
    for unit, factor in (("ms", 0.001), ("min", 60.0), ("m", 60.0), ("s", 1.0), ("", 1.0)):
        digits = (text or "").strip().removesuffix(unit) if unit else (text or "").strip()
        if digits.isascii() and digits.isdecimal() and (text or "").strip().endswith(unit):
            return int(digits[:9]) * factor
    return None


def _needs(root: "Element", primitives: Mapping[str, Primitive]) -> Mapping[str, tuple[str, ...]]:
    """What must be up before a resource: earlier members of its group, orders, colocations."""
    found: dict[str, dict[str, None]] = {
        name: dict.fromkeys(one.earlier) for name, one in primitives.items()
    }
    pairs = [(one.get("then"), one.get("first")) for one in root.iter("rsc_order")]
    pairs += [
        (one.get("rsc"), one.get("with-rsc"))
        for one in root.iter("rsc_colocation")
        if (number(one.get("score")) or 0) > 0
    ]
    for later, first in pairs:
        for name in _members(later, primitives):
            found[name] |= dict.fromkeys(_members(first, primitives))
    return {name: tuple(one for one in names if one != name) for name, names in found.items()}


def _members(name: str | None, primitives: Mapping[str, Primitive]) -> list[str]:
    return [one.name for one in primitives.values() if name in {one.name, one.group, one.clone}]


def _operations(
    state: "Element",
) -> Iterator[tuple[tuple[str, str], tuple[Operation, ...]]]:
    for one in state.iter("lrm_resource"):
        key = (bare(one.get("id", "")), state.get("uname", ""))
        yield key, tuple(_operation(op) for op in one.findall("lrm_rsc_op"))


def _operation(element: "Element") -> Operation:
    numbers = {
        name: number(element.get(name)) or 0
        for name in ("op-status", "rc-code", "interval", "last-rc-change", "exec-time")
    }
    return Operation(
        task=element.get("operation", ""),
        call=number(element.get("call-id")) or 0,
        status=numbers["op-status"],
        code=numbers["rc-code"],
        interval_ms=numbers["interval"],
        at=numbers["last-rc-change"],
        took_s=numbers["exec-time"] / 1000,
        reason=element.get("exit-reason", ""),
    )


def _failures(states: Iterable["Element"]) -> Mapping[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for state in states:
        for pair in state.iterfind("transient_attributes/instance_attributes/nvpair"):
            name = pair.get("name", "")
            if name.startswith(_FAILURES):
                resource = bare(name.removeprefix(_FAILURES).partition("#")[0])
                key = (resource, state.get("uname", ""))
                found[key] = found.get(key, 0) + (number(pair.get("value")) or 0)
    return found


def _leases(root: "Element") -> Iterator[tuple[str, str]]:
    for tag in ("meta_attributes", "rsc_location"):
        for one in root.iter(tag):
            name = one.get("id", "")
            if name.startswith(OURS):
                ends = [date.get("end", "") for date in one.iter("date_expression")]
                yield name, ends[0] if ends else ""

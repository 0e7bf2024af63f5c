"""What Pacemaker says of its cluster now: the answer of `crm_mon --output-as=xml --inactive`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

LIMIT_CHARACTERS = 16 << 20
NAME = re.compile(r"[\w.:-]{1,200}")
"""What a resource or a node may be called where its name becomes part of a question."""
_DEEPEST = 8
_DEFINES = ("<!DOCTYPE", "<!ENTITY")
_COLLECTIVES = frozenset({"group", "clone", "bundle"})
_RENAMED = {"master": "promoted", "slave": "unpromoted"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One host of the cluster.

    Attributes:
        name: as the cluster calls it.
        online: it takes part.
        standby: it may run nothing.
        maintenance: what it runs is left alone.
        unclean: what it does is not known; the cluster wants to fence it.
    """

    name: str
    online: bool
    standby: bool = False
    maintenance: bool = False
    unclean: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource, or one of its copies where it is cloned.

    Attributes:
        name: its id, without the number of a copy.
        agent: what starts and stops it: `ocf:heartbeat:IPaddr2`, `systemd:haproxy`.
        role: lower case: started, stopped, promoted, unpromoted, starting, stopping, …
        wanted: the role that somebody wants instead of the usual one; empty where nobody does.
        nodes: where it is active.
        managed: the cluster may start and stop it.
        blocked: the cluster can do nothing for it until a person has.
        failed: its last operation failed.
        orphaned: it runs and is configured no more.
        bundled: it runs in a container of the cluster's.
    """

    name: str
    agent: str
    role: str
    wanted: str = ""
    nodes: tuple[str, ...] = ()
    managed: bool = True
    blocked: bool = False
    failed: bool = False
    orphaned: bool = False
    bundled: bool = False

    @property
    def standard(self) -> str:
        """The kind of its agent: ocf, systemd, lsb, service, stonith."""
        return self.agent.partition(":")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """The cluster as one of its hosts sees it.

    Attributes:
        controller: the node that decides for all; empty where none does.
        has_quorum: this part of the cluster may act.
        maintenance: everything is left alone, everywhere.
        nodes: every host.
        resources: every resource; one for each copy.
        thresholds: failures after which a resource must leave a node, by (resource, node).
    """

    controller: str
    has_quorum: bool
    maintenance: bool
    nodes: tuple[Node, ...]
    resources: tuple[Resource, ...]
    thresholds: dict[tuple[str, str], int]

    def node(self, name: str) -> Node | None:
        """The host of that name, or nothing."""
        return next((one for one in self.nodes if one.name == name), None)

    def copies(self, name: str) -> tuple[Resource, ...]:
        """Every copy of a resource; none where there is no such resource."""
        return tuple(one for one in self.resources if one.name == name)

    def here(self, name: str, node: str) -> Resource | None:
        """The copy that is active on a node, or nothing."""
        return next((one for one in self.copies(name) if node in one.nodes), None)

    def active_on(self, node: str) -> tuple[str, ...]:
        """Names of what is active on a node."""
        return tuple(one.name for one in self.resources if node in one.nodes)


def parse(text: str) -> ElementTree.Element:
    """The root of a document that defines nothing of its own.

    Raises:
        ValueError: it is too long, no XML, or has a document type.
    """
    if len(text) > LIMIT_CHARACTERS:
        raise ValueError(f"found {len(text)} characters, expected {LIMIT_CHARACTERS} at most")
    if any(word in text for word in _DEFINES):
        raise ValueError("found a document type, expected none")
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - defines no entity, see above
    except ElementTree.ParseError as fault:
        raise ValueError(f"found no XML: {fault}") from fault


def bare(name: str) -> str:
    """The name of a resource without the number of a copy: `web` of `web:1`."""
    head, _, number = name.rpartition(":")
    return head if head and number.isdecimal() else name


def number(text: str | None) -> int | None:
    """A whole number as Pacemaker writes it; INFINITY is its own million."""
    if text is None:
        return None
    if text.lstrip("+") == "INFINITY":
        return 1_000_000
    return int(text) if re.fullmatch(r"-?[0-9]{1,12}", text) else None


def read_cluster(text: str) -> Cluster:
    """What crm_mon answers.

    Raises:
        ValueError: it is no such answer.
    """
    root = parse(text)
    summary, nodes, resources = (root.find(one) for one in ("summary", "nodes", "resources"))
    if summary is None or nodes is None:
        raise ValueError("found no summary and nodes, expected the status of a cluster")
    chief = summary.find("current_dc")
    options = summary.find("cluster_options")
    return Cluster(
        controller="" if chief is None else chief.get("name", ""),
        has_quorum=chief is not None and _is(chief, "with_quorum"),
        maintenance=options is not None and _is(options, "maintenance-mode"),
        nodes=tuple(_node(one) for one in nodes.findall("node")),
        resources=() if resources is None else tuple(_resources(resources, bundled=False)),
        thresholds=dict(_thresholds(root)),
    )


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.get(name, "false") in {"true", "1"}


def _node(element: ElementTree.Element) -> Node:
    return Node(
        name=element.get("name", ""),
        online=_is(element, "online"),
        standby=_is(element, "standby") or _is(element, "standby_onfail"),
        maintenance=_is(element, "maintenance"),
        unclean=_is(element, "unclean"),
    )


def _resources(above: ElementTree.Element, *, bundled: bool, depth: int = 0) -> Iterator[Resource]:
    if depth > _DEEPEST:
        raise ValueError(f"found more than {_DEEPEST} collectives in one another, expected few")
    for one in above:
        if one.tag == "resource":
            yield _resource(one, bundled=bundled)
        elif one.tag in _COLLECTIVES or one.tag == "replica":
            is_bundled = bundled or one.tag == "bundle"
            yield from _resources(one, bundled=is_bundled, depth=depth + 1)


def _resource(element: ElementTree.Element, *, bundled: bool) -> Resource:
    role = element.get("role", "unknown").lower()
    return Resource(
        name=bare(element.get("id", "")),
        agent=element.get("resource_agent", "").replace("::", ":"),
        role=_RENAMED.get(role, role),
        wanted=element.get("target_role", "").lower(),
        nodes=tuple(one.get("name", "") for one in element.findall("node")),
        managed=_is(element, "managed"),
        blocked=_is(element, "blocked"),
        failed=_is(element, "failed"),
        orphaned=_is(element, "orphaned"),
        bundled=bundled,
    )


def _thresholds(root: ElementTree.Element) -> Iterator[tuple[tuple[str, str], int]]:
    for node in root.iterfind("node_history/node"):
        for one in node.findall("resource_history"):
            limit = number(one.get("migration-threshold"))
            if limit is not None:
                yield (bare(one.get("id", "")), node.get("name", "")), limit

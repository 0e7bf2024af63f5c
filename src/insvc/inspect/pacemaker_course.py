"""A restart through Pacemaker: whether it may be, how it is asked for, and how far it has come.

The cluster is told for a while that a resource is to be stopped, with the moment at which that
ends by itself. So whatever becomes of who asked, the resource comes back: a lease, not a wish.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import NamedTuple

from insvc.inspect.pacemaker import NAME, Cluster, Resource
from insvc.inspect.pacemaker_cib import OK, OURS, PENDING, PROMOTED, Cib, Operation, Primitive

IDLE = "S_IDLE"
"""The state of a cluster's controller that has nothing left to do."""
_STARTS = frozenset({"start", "promote"})


class Refusal(NamedTuple):
    """Why a restart must not be begun, and what can be done about it."""

    reason: str
    next_act: str


class Stage(Enum):
    """How far a restart has come."""

    WAITING = "waiting"
    STARTED = "started"
    READY = "ready"
    FAILED = "failed"


class Lease(NamedTuple):
    """What is put into the configuration for a while.

    Attributes:
        text: the document for `cibadmin --modify --allow-create`.
        hold: query of the part that keeps the resource down.
        stay: query of the part that keeps it on its node; empty where there is none.
    """

    text: str
    hold: str
    stay: str


def refusal(cluster: Cluster, cib: Cib, name: str, here: str) -> Refusal | None:
    """Why a resource must not be restarted on a node; nothing where it may."""
    return _of_cluster(cluster, here) or _of_resource(cluster, cib, name, here)


def guard_refusal(cluster: Cluster, here: str) -> Refusal | None:
    """Why Pacemaker or Corosync itself must not be restarted on a node; nothing where it may."""
    node = cluster.node(here)
    if cluster.maintenance or (node is not None and node.maintenance):
        return None
    active = cluster.active_on(here)
    if not active and node is not None and node.standby:
        return None
    listed = ", ".join(active[:5]) or "nothing yet"
    return Refusal(
        f"its stop would take away what runs on {here} ({listed})",
        f"move that first with `crm_standby --node {here} --update on --lifetime reboot`, wait "
        "with `crm_resource --wait`, then ask again; that standby ends with the restart",
    )


def _of_cluster(cluster: Cluster, here: str) -> Refusal | None:
    node = cluster.node(here)
    if not cluster.controller:
        return Refusal("the cluster has no controller: nobody decides", "wait for its election")
    if not cluster.has_quorum:
        return Refusal(
            "this part of the cluster has no quorum, and what is stopped may not start again",
            "bring the other nodes back, then ask again",
        )
    if node is None or not node.online:
        return Refusal(f"{here} is not online in its cluster", "look with `crm_mon -1`")
    if cluster.maintenance or node.maintenance:
        which = "the cluster" if cluster.maintenance else here
        return Refusal(
            f"{which} is in maintenance: Pacemaker starts and stops nothing",
            "end the maintenance, then ask again",
        )
    unclean = [one.name for one in cluster.nodes if one.unclean]
    if unclean:
        return Refusal(
            f"{unclean[0]} is unclean: the cluster waits until it is fenced",
            "see to its fencing, then ask again",
        )
    return None


def _of_resource(cluster: Cluster, cib: Cib, name: str, here: str) -> Refusal | None:
    copy = cluster.here(name, here)
    if copy is None:
        where = ", ".join(node for one in cluster.copies(name) for node in one.nodes)
        return Refusal(
            f"it does not run on {here} but {f'on {where}' if where else 'nowhere'}",
            f"ask on {where}" if where else "look with `crm_resource --why`",
        )
    if copy.bundled or copy.orphaned or name not in cib.primitives or not NAME.fullmatch(name):
        what = "runs in a container of the cluster's" if copy.bundled else "is not configured here"
        return Refusal(f"it {what}", "restart it with `crm_resource --restart`")
    if not copy.managed:
        return Refusal(
            "Pacemaker does not manage it now (is-managed or maintenance)",
            "give it back to Pacemaker, then ask again",
        )
    return _of_copy(copy) or _of_failures(cluster, cib, name, here)


def _of_copy(copy: Resource) -> Refusal | None:
    if copy.blocked or copy.failed:
        return Refusal(
            "Pacemaker says that it has failed" + (" and is blocked" if copy.blocked else ""),
            f"find out why, then `crm_resource --cleanup --resource {copy.name}`",
        )
    return None


def _of_failures(cluster: Cluster, cib: Cib, name: str, here: str) -> Refusal | None:
    failures = cib.failures.get((name, here), 0)
    limit = cluster.thresholds.get((name, here), 0)
    if limit <= 0 or failures < limit:
        return None
    return Refusal(
        f"it failed {failures} times on {here} and {limit} are allowed: it would not start here",
        f"find out why, then `crm_resource --cleanup --resource {name}`",
    )


def lease(resource: Primitive, here: str, until: float) -> Lease:
    """What makes the cluster stop a resource on a node, and start it there once it is let go.

    A copy of a clone is banned from the node; any other is stopped, and kept there.

    Args:
        resource: what is to be restarted.
        here: the node.
        until: when it ends by itself, seconds since the epoch, by the controller's clock.
    """
    end = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    name = resource.name
    if resource.clone:
        away = f"{OURS}away-{resource.clone}-{here}"
        text = _location(away, resource.clone, here, "-INFINITY", end)
        query = f"//rsc_location[@id='{away}']"
        return Lease(_document("", text), query, "")
    held, stay = f"{OURS}stop-{name}", f"{OURS}stay-{name}"
    rule = _rule(held, _date(held, end), "INFINITY")
    pair = f'<nvpair id="{held}-role" name="target-role" value="Stopped"/>'
    attributes = f'<meta_attributes id="{held}" score="INFINITY">{rule}{pair}</meta_attributes>'
    stopped = f'<primitive id="{name}">{attributes}</primitive>'
    if resource.group:
        stopped = f'<group id="{resource.group}">{stopped}</group>'
    location = _location(stay, name, here, "INFINITY", end)
    return Lease(
        _document(stopped, location),
        f"//meta_attributes[@id='{held}']",
        f"//rsc_location[@id='{stay}']",
    )


def _document(resources: str, constraints: str) -> str:
    above = f"<resources>{resources}</resources>" if resources else ""
    return f"<configuration>{above}<constraints>{constraints}</constraints></configuration>"


def _location(name: str, resource: str, here: str, score: str, end: str) -> str:
    where = f'<expression id="{name}-node" attribute="#uname" operation="eq" value="{here}"/>'
    rule = _rule(name, where + _date(name, end), score)
    return f'<rsc_location id="{name}" rsc="{resource}">{rule}</rsc_location>'


def _rule(name: str, conditions: str, score: str) -> str:
    return f'<rule id="{name}-rule" score="{score}" boolean-op="and">{conditions}</rule>'


def _date(name: str, end: str) -> str:
    return f'<date_expression id="{name}-until" operation="lt" end="{end}"/>'


def leases_left(cib: Cib) -> tuple[str, ...]:
    """What restarts that were cut off have left in the configuration, one line each."""
    return tuple(
        f"pacemaker: {name} was left by a restart that was cut off; it ends by itself at "
        f"{end or 'no time'}, or now with `cibadmin --delete --xpath \"//*[@id='{name}']\"`"
        for name, end in cib.leases.items()
    )


def last_call(operations: Sequence[Operation]) -> int:
    """The number of the newest operation; 0 where there was none."""
    return max((one.call for one in operations), default=0)


def stop_since(operations: Sequence[Operation], call: int) -> Operation | None:
    """The stop that came after that operation, under way or over; nothing where none did."""
    for one in operations:
        if one.task == "stop" and (one.status == PENDING or one.call > call):
            return one
    return None


def stage_of(operations: Sequence[Operation], call: int, *, is_watched: bool) -> tuple[Stage, str]:
    """How far a restart has come on a node, with why it failed where it did.

    Args:
        operations: the last ones of the resource there.
        call: the newest before the restart.
        is_watched: a monitor is repeated there, so that it has to answer well, too.
    """
    later = [one for one in operations if one.call > call and one.status != PENDING]
    for one in later:
        is_good = one.status == 0 and one.code in {OK, PROMOTED}
        if one.task == "monitor" and one.interval_ms == 0:
            continue
        if not is_good:
            told = one.reason or f"code {one.code}"
            return Stage.FAILED, f"its {one.task} failed: {told}"
    starts = [one.call for one in later if one.task in _STARTS]
    if not starts:
        return Stage.WAITING, ""
    watches = [one for one in later if one.interval_ms > 0 and one.call > min(starts)]
    return (Stage.READY if watches or not is_watched else Stage.STARTED), ""

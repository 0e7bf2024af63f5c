"""Pacemaker's resources as rows and entries, as seen from one of its hosts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from insvc.catalog.entry import Entry, Impact, Note, Rule, Service
from insvc.inspect.pacemaker import Cluster, Resource
from insvc.inspect.pacemaker_cib import OURS, Cib, Primitive
from insvc.model.manager_row import ManagerRow
from insvc.model.words import (
    Action,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    RestartClass,
)

GUARDED = ("pacemaker.service", "corosync.service")
"""Units that are the cluster itself: to stop them is to leave it."""
_UP = frozenset({"started", "promoted", "unpromoted"})
_CHANGING = {
    "starting": InstanceState.STARTING,
    "promoting": InstanceState.STARTING,
    "stopping": InstanceState.STOPPING,
    "demoting": InstanceState.STOPPING,
    "migrating": InstanceState.STOPPING,
}
_BY_SYSTEMD = frozenset({"systemd", "service", "lsb", "upstart"})
_FIELDS = ("managed_by", "services", "action", "restart_class", "depends_on", "impact")


def unit_of(resource: Resource) -> str | None:
    """The unit of systemd's that runs it, or may; nothing for what agents start themselves."""
    standard, _, rest = resource.agent.partition(":")
    if standard not in _BY_SYSTEMD or not rest:
        return None
    return rest if rest.endswith(".service") else f"{rest}.service"


def state_of(copies: Sequence[Resource], cib: Cib, here: str) -> tuple[InstanceState, bool]:
    """What a resource does on a node, and whether it is meant to run there."""
    own = next((one for one in copies if here in one.nodes), None)
    if own is not None:
        if own.failed or own.blocked:
            return InstanceState.FAILED, True
        if own.role in _UP:
            return InstanceState.RUNNING, own.wanted != "stopped"
        return _CHANGING.get(own.role, InstanceState.UNKNOWN), own.wanted != "stopped"
    name = copies[0].name
    if f"{OURS}stop-{name}" in cib.leases:
        return InstanceState.FAILED, True
    if any(one.nodes for one in copies) or any(one.wanted == "stopped" for one in copies):
        return InstanceState.STOPPED, False
    return InstanceState.FAILED, True


def row_of(
    copies: Sequence[Resource],
    cib: Cib,
    here: str,
    *,
    unit: ManagerRow | None = None,
    pids: tuple[int, ...] = (),
) -> ManagerRow:
    """The row of a resource on one node.

    Args:
        copies: the resource, once for each copy.
        cib: the cluster's configuration.
        here: the node.
        unit: what systemd says of the unit that runs it.
        pids: what its agent started there.
    """
    name = copies[0].name
    state, is_meant = state_of(copies, cib, here)
    starts = [
        one for one in cib.operations.get((name, here), ()) if one.task in {"start", "promote"}
    ]
    failures = cib.failures.get((name, here), 0)
    bare = ManagerRow(
        name=name,
        manager=Manager.PACEMAKER,
        state=state,
        desired=InstanceState.RUNNING if is_meant else InstanceState.STOPPED,
        restarts=failures,
        started_in_s=starts[0].took_s if starts and starts[0].status == 0 else None,
    )
    if unit is not None and unit.pid is not None:
        return replace(
            bare,
            pid=unit.pid,
            cgroup=unit.cgroup,
            restarts=failures + unit.restarts,
            hints=unit.hints,
        )
    return replace(bare, pid=pids[0] if pids else None, pids=pids[1:])


def guard_row(unit: ManagerRow) -> ManagerRow:
    """The row of a unit that is the cluster itself: it is Pacemaker who lets it be restarted."""
    return replace(unit, manager=Manager.PACEMAKER)


def entry_of(
    copies: Sequence[Resource], cluster: Cluster, cib: Cib, here: str, *, has_process: bool
) -> Entry:
    """How a resource can be restarted, as discovered.

    Args:
        copies: the resource, once for each copy.
        cluster: who takes part.
        cib: the cluster's configuration.
        here: the node.
        has_process: something of it runs there, so that it may run replaced code.

    Returns:
        An entry that is called like the unit as well, where systemd runs it, so that what a
        catalog knows of the unit is known of the resource.
    """
    name, agent = copies[0].name, copies[0].agent
    primitive = cib.primitives.get(name)
    able = [one.name for one in cluster.nodes if one.online and not one.standby]
    others = [one for one in able if one != here]
    unit = unit_of(copies[0])
    return Entry(
        name=name.lower(),
        title=name,
        aliases=() if unit is None else (unit,),
        function=f"{agent}, kept by Pacemaker; nodes that could run it: {', '.join(able)}",
        in_service_patchable=True,
        managed_by=Manager.PACEMAKER,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=name),),
        action=Action.RESTART if has_process else Action.NONE,
        depends_on=tuple(one.lower() for one in cib.needs.get(name, ())),
        impact=Impact(
            outstanding_requests="fail",
            new_requests="refused",
            longest_s=None if primitive is None else primitive.limits_s,
            recovers="retry",
        ),
        special_handling=tuple(
            _notes(copies, primitive, cib.needs, others, here, has_process=has_process)
        ),
        provenance=dict.fromkeys(_FIELDS, "discovered: pacemaker"),
    )


def _notes(
    copies: Sequence[Resource],
    primitive: Primitive | None,
    needs: Mapping[str, tuple[str, ...]],
    others: Sequence[str],
    here: str,
    *,
    has_process: bool,
) -> Iterable[Rule]:
    name = copies[0].name
    later = [one for one, needed in needs.items() if name in needed]
    if not has_process:
        yield Note(text="no process of it is known here that could run replaced code")
    if later:
        yield Note(text=f"Pacemaker stops and starts with it: {', '.join(later)}")
    if any(one.role == "promoted" and here in one.nodes for one in copies):
        heir = others[0] if others else "nobody"
        yield Note(text=f"it is promoted here: its restart lets another be promoted ({heir})")
    if primitive is not None and not others:
        yield Note(text="no other node could take it over now")


def guard_entry(unit: str) -> Entry:
    """How the cluster's own units can be restarted."""
    title = unit.removesuffix(".service")
    return Entry(
        name=unit,
        title=title.capitalize(),
        function="part of the cluster itself",
        in_service_patchable=True,
        managed_by=Manager.PACEMAKER,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=unit),),
        restart_class=RestartClass.ORDERED,
        impact=Impact(outstanding_requests="fail", new_requests="refused", recovers="retry"),
        special_handling=(
            Note(
                text="only in standby or maintenance: its stop takes away all that Pacemaker runs "
                "here; one node after the other, so that a quorum is left"
            ),
        ),
        provenance=dict.fromkeys(_FIELDS, "discovered: pacemaker"),
    )

"""The port `HostManager` on Pacemaker: a cluster's resources, as one of its hosts sees them."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from insvc.adapters.pacemaker_act import PacemakerAct, Tools, View
from insvc.adapters.pacemaker_left import LeftBehind
from insvc.adapters.pacemaker_tools import CommandTools, has_tools
from insvc.adapters.wait_end import wait_while_running
from insvc.catalog.account import Account
from insvc.catalog.entry import Entry
from insvc.errors import UnknownName, WorldError
from insvc.inspect.pacemaker import Cluster, Resource, read_cluster
from insvc.inspect.pacemaker_cib import Primitive, read_cib
from insvc.inspect.pacemaker_course import leases_left
from insvc.inspect.pacemaker_row import (
    GUARDED,
    entry_of,
    guard_entry,
    guard_row,
    row_of,
    state_of,
    unit_of,
)
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager
from insvc.ports import HostManager

OWN = GUARDED[0]
REMOTE = "pacemaker_remote.service"
_CONTROLLED = "run/systemd/system"
_DROP_IN = "50-pacemaker.conf"
_FENCING = "stonith"


def find(root: Path = Path("/")) -> "Pacemaker | None":
    """The Pacemaker of this host; nothing where it has none."""
    if not has_tools(root):
        return None
    from insvc.adapters import systemd

    return Pacemaker(root, units=systemd.find(root))


class Pacemaker:
    """The cluster's resources on this host. It is asked anew each time.

    It speaks for the units of systemd that it starts and stops, and for its own unit and
    Corosync's: nobody restarts those behind its back.

    Args:
        root: the folder that holds the host's files.
        units: who speaks of systemd's units; absent where there is no systemd.
        tools: what asks the cluster.
        left: what finds the processes of resource agents.
        pause: what lets some seconds pass between two looks.
    """

    kind = Manager.PACEMAKER

    def __init__(
        self,
        root: Path = Path("/"),
        *,
        units: HostManager | None = None,
        tools: Tools | None = None,
        left: LeftBehind | None = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._root = root
        self._units = units
        self._tools = tools or CommandTools(root)
        self._left = left or LeftBehind(root)
        self._pause = pause
        self._turn = threading.Lock()

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these services, or of all; nothing once it has stopped everything.

        A unit of systemd that is asked for by its own name is told of as the resource it is.

        Raises:
            WorldError: it does not answer, and nothing shows which units are the cluster's.
        """
        guards = self._units_of((*GUARDED, REMOTE))
        if _runs(guards, REMOTE):
            return self._silent(names, guards, _is_remote())
        if not self._is_up(guards):
            return self._silent(names, {}, _is_down()) if self._controlled() else Account()
        try:
            view = self.view()
        except WorldError as fault:
            return self._silent(names, guards, fault)
        pids, unknown = self._left.of(_by_agents(view), guards.get(OWN))
        found = tuple(self._resources(view, names, pids))
        own = [one for one in guards.values() if names is None or one.name in names]
        return Account(
            rows=(*(row for row, _ in found), *(guard_row(one) for one in own)),
            entries=(*(entry for _, entry in found), *(guard_entry(one.name) for one in own)),
            unseen=(*leases_left(view.cib), *(_nobodys(unknown) if names is None else ())),
        )

    def running(self) -> frozenset[str]:
        """Names of its resources that are up here now.

        Raises:
            WorldError: it does not answer.
        """
        if not self._is_up(self._units_of(GUARDED)):
            return frozenset()
        view = self.view()
        names = {one.name for one in _told(view.cluster)}
        states = {one: state_of(view.cluster.copies(one), view.cib, view.here)[0] for one in names}
        return frozenset(one for one in names if states[one] is InstanceState.RUNNING)

    def restart(self, order: Order) -> Restarted:
        """Let the cluster stop a resource here and start it again.

        Raises:
            UnknownName: it has no such resource.
            WorldError: it does not answer, or the restart is refused before anything was done.
        """
        if order.action is not Action.RESTART:
            raise WorldError(
                order.service,
                f"Pacemaker can only restart a resource; found {order.action} as order",
                next_act="restart it",
            )
        if not self._turn.acquire(timeout=order.timeout_s):
            raise WorldError(
                order.service,
                "another restart through Pacemaker has not ended in time",
                next_act="ask again when it has",
            )
        try:
            return self._restart_alone(order)
        finally:
            self._turn.release()

    def _restart_alone(self, order: Order) -> Restarted:
        """One at a time: the cluster begins nothing new before what it began has ended."""
        act = PacemakerAct(self._tools, self.view, order, self._pause)
        if order.service in GUARDED and self._units is not None:
            return act.carry_out_of_unit(self._units)
        if not self.view().cluster.copies(order.service):
            raise _unknown(order.service)
        return act.carry_out()

    def wait_for_end(self, service: str, timeout_s: float) -> bool:
        """Wait until nothing of a resource runs here any more; a cluster has no jobs of its own.

        Raises:
            UnknownName: it has no such resource.
            WorldError: it does not answer.
        """
        return wait_while_running(lambda: self._require(service), timeout_s, self._pause)

    def _require(self, service: str) -> ManagerRow:
        rows = self.look([service]).rows
        if not rows:
            raise _unknown(service)
        return rows[0]

    def view(self) -> View:
        """The cluster, asked now.

        Raises:
            WorldError: it does not answer, or in no way that is understood.
        """
        try:
            return View(
                cluster=read_cluster(self._tools.status()),
                cib=read_cib(self._tools.configuration()),
                here=self._tools.node(),
            )
        except ValueError as fault:
            raise WorldError("pacemaker", str(fault), next_act="check its version") from fault

    def _is_up(self, guards: Mapping[str, ManagerRow]) -> bool:
        """Whether Pacemaker runs, as far as systemd can say."""
        return self._units is None or _runs(guards, OWN)

    def _units_of(self, names: Collection[str]) -> dict[str, ManagerRow]:
        """What systemd says of these units; nothing of those it does not have."""
        if self._units is None or not names:
            return {}
        return {row.name: row for row in self._units.look(names).rows}

    def _resources(
        self,
        view: View,
        names: Collection[str] | None,
        pids: Mapping[str, tuple[int, ...]],
    ) -> Iterator[tuple[ManagerRow, Entry]]:
        copies = {one.name: view.cluster.copies(one.name) for one in _told(view.cluster)}
        asked = {
            name: unit_of(some[0])
            for name, some in copies.items()
            if names is None or not {name, unit_of(some[0])}.isdisjoint(names)
        }
        units = self._units_of([unit for unit in asked.values() if unit is not None])
        for name, unit in asked.items():
            is_here = view.cluster.here(name, view.here) is not None
            row = row_of(
                copies[name],
                view.cib,
                view.here,
                unit=units.get(unit or "") if is_here else None,
                pids=pids.get(name, ()),
            )
            has_process = row.pid is not None
            yield (
                row,
                entry_of(copies[name], view.cluster, view.cib, view.here, has_process=has_process),
            )

    def _silent(
        self, names: Collection[str] | None, guards: Mapping[str, ManagerRow], fault: WorldError
    ) -> Account:
        """What is the cluster's although it does not answer, so that nobody else restarts it.

        Raises:
            WorldError: the same, where there is no such thing.
        """
        rows = (*self._units_of(self._controlled()).values(), *guards.values())
        if not rows:
            raise fault
        return Account(
            rows=tuple(
                replace(guard_row(one), state=InstanceState.UNKNOWN)
                for one in rows
                if names is None or one.name in names
            ),
            entries=tuple(guard_entry(one.name) for one in rows),
            unseen=(str(fault),),
        )

    def _controlled(self) -> list[str]:
        """Units that bear the mark of a cluster that started them and has not stopped them."""
        folders = (self._root / _CONTROLLED).glob(f"*.service.d/{_DROP_IN}")
        return [one.parent.name.removesuffix(".d") for one in folders]


def _runs(guards: Mapping[str, ManagerRow], unit: str) -> bool:
    return unit in guards and guards[unit].pid is not None


def _is_remote() -> WorldError:
    return WorldError(
        "pacemaker",
        "this is a remote node of its cluster, and what it runs is the cluster's",
        next_act="restart it from a node of the cluster with `crm_resource --restart`",
    )


def _is_down() -> WorldError:
    return WorldError(
        "pacemaker",
        "does not run, and what it has left running is its own",
        next_act="start Pacemaker, then ask again",
    )


def _by_agents(view: View) -> list[Primitive]:
    """Resources that are active here; what systemd runs for some of them is its own account."""
    active = view.cluster.active_on(view.here)
    return [one for name, one in view.cib.primitives.items() if name in active]


def _nobodys(pids: Collection[int]) -> list[str]:
    """What agents have left running and tells of no resource."""
    return [
        f"pacemaker: pid {pid} was left running by a resource agent and tells of no resource; it "
        f"is counted to {OWN}"
        for pid in pids
    ]


def _unknown(service: str) -> UnknownName:
    return UnknownName(service, "Pacemaker has no such resource", next_act="look with `crm_mon -1`")


def _told(cluster: Cluster) -> list[Resource]:
    """One copy of every resource that is told of: not what fences, nor what runs in bundles."""
    firsts = {one.name: one for one in reversed(cluster.resources)}
    return [
        one for one in firsts.values() if one.standard != _FENCING and not one.bundled and one.name
    ]

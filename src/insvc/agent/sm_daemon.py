"""The service manager daemon: runs the services of a controller by role and dependency.

pmon starts it. SIGTERM disables every service before it ends, which is why it is never restarted
in service; after a kill it comes back and takes over what still runs.
"""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from insvc.adapters.definitions import read_host
from insvc.adapters.descriptors import raise_limit
from insvc.adapters.own_log import outlive_full_log
from insvc.adapters.sm_client import SmStatus
from insvc.adapters.sm_shipped import shipped_tables
from insvc.adapters.wire import from_json, to_json
from insvc.agent.disabled_audits import DisabledAudits
from insvc.agent.health import HealthServer
from insvc.agent.leased_launcher import LeasedLauncher
from insvc.agent.loop import Loop
from insvc.agent.orphans import Orphans
from insvc.agent.provisioning import Provisioning
from insvc.agent.restarting import restart
from insvc.agent.server import Server
from insvc.agent.service_heartbeats import ServiceHeartbeats
from insvc.agent.signals import Signals
from insvc.agent.sm_groups import Groups
from insvc.agent.supervisor import Supervisor
from insvc.agent.swact import SwactAsks, alone
from insvc.agent.turns import Turns
from insvc.agent.unmanaged import Unmanaged
from insvc.agent.way_limits import WayLimits
from insvc.agent.wishes import carry_out
from insvc.errors import InputError, UnknownName
from insvc.model.restart import Order, Restarted
from insvc.model.words import Manager, Role
from insvc.supervise.provisioning import Change
from insvc.supervise.sm_completion import completed
from insvc.supervise.sm_lint import circles
from insvc.supervise.sm_tables import is_provisioned

DISABLE_ALL_S = 60.0


class SmDaemon:
    """One host's service manager.

    Args:
        folder: the host's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = read_host(folder)
        self.loop = Loop()
        launcher = LeasedLauncher(folder, self.host)
        self.supervisor = Supervisor(Manager.SM, folder, self.loop, launcher)
        self.provisioning = Provisioning(folder / "root", shipped_tables())
        self.groups = Groups(self.supervisor, lambda: self.provisioning.tables, self.loop)
        self.supervisor.complete = lambda one: completed(one, self.provisioning.tables)
        self.supervisor.unprovisioned = self._unprovisioned
        self.heartbeats = ServiceHeartbeats(self.supervisor, self.loop)
        self.supervisor.engine.takes_over = self.heartbeats.takes_over
        disabled = DisabledAudits(self.supervisor, self.loop)
        self.groups.strays = lambda: disabled.found
        WayLimits(self.supervisor, self.loop)
        self.supervisor.more_alarms = lambda: (*self.groups.refresh(), *disabled.refresh())
        unmanaged = Unmanaged(self.supervisor, self.loop)
        self.supervisor.on_read = unmanaged.read
        self.supervisor.write_managed = lambda name, managed: unmanaged.write(name, managed=managed)
        self.turns = self._take_turns(launcher)
        swacts = (
            SwactAsks(self.supervisor, alone(self.supervisor, self.host.host), None)
            if self.turns is None
            else SwactAsks(self.supervisor, self.turns.nodes, self.turns.changes)
        )
        self.asks = {
            **swacts.by_name(),
            "table": self._table,
            "provision": self._provision,
            "services": self._services,
            "restart": self._restart,
            "wish": self._wish,
            "role": self._role,
            "lock": lambda ask: self._lock(ask, locked=True),
            "unlock": lambda ask: self._lock(ask, locked=False),
            "read-again": lambda _: to_json(self.supervisor.read_again()),
        }

    def run(self) -> None:
        """Serve until SIGTERM, then disable everything and return."""
        server = Server(self.folder / "run" / "sm.sock", self.asks)
        try:
            if self.turns is None:
                self.supervisor.begin(self.host.initial_role)
            else:
                self.turns.begin()
            server.start()
            self.loop.run()
        finally:
            server.close()
            self.heartbeats.close()
            self.loop.close()

    def end(self) -> None:
        """Disable every service, then let `run` return. Returns at once."""
        threading.Thread(target=self._end, daemon=True).start()

    def _take_turns(self, launcher: LeasedLauncher) -> Turns | None:
        """Its side of the pair, where it belongs to one; the lease decides what is started."""
        if self.host.pair is None:
            return None
        turns = Turns(self.folder, self.host, self.host.pair, self.supervisor)
        launcher.permits = turns.keeper.permits
        launcher.epoch = lambda: turns.keeper.epoch
        return turns

    def _end(self) -> None:
        if self.turns is not None:
            self.turns.prepare_end()
        self.supervisor.end_all(DISABLE_ALL_S)
        if self.turns is not None:
            self.turns.end()
        self.loop.stop()

    def _unprovisioned(self) -> frozenset[str]:
        names = self.supervisor.engine.units
        tables = self.provisioning.tables
        return frozenset(one for one in names if not is_provisioned(tables, one))

    def _table(self, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        found, needs = self.loop.call(lambda: (self.groups.table(), self._needs()))
        waiting = tuple(
            f"{way}: none of them can be the first, so they wait for ever"
            for _, way in circles(needs)
        )
        return to_json(replace(found, faults=(*self.provisioning.faults, *waiting)))

    def _needs(self) -> Mapping[str, tuple[str, ...]]:
        units = self.supervisor.engine.units
        return {name: unit.definition.depends_on for name, unit in units.items()}

    def _provision(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        change = from_json(Change, ask.get("change"))
        at_once = ask.get("at_once") is True
        names = frozenset(self.loop.call(lambda: tuple(self.supervisor.engine.units)))
        try:
            self.provisioning.change(change, names, at_once=at_once)
        except UnknownName:
            raise
        except InputError as fault:
            return to_json(Restarted(done=False, said=fault.reason))
        said = "is in use" if change.provisioned else "is not in use"
        if not at_once:
            said += " from the next start of sm on; with --apply at once"
            return to_json(Restarted(done=True, said=said))
        self.supervisor.read_again()
        return to_json(Restarted(done=True, said=f"{said} from now on"))

    def _services(self, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        duty = self.supervisor.engine.duty
        return to_json(
            SmStatus(
                role=duty.role,
                locked=duty.locked,
                services=self.supervisor.rows(),
                faults=self.supervisor.faults,
            )
        )

    def _restart(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        fields = {name: value for name, value in ask.items() if name != "ask"}
        return to_json(restart(self.supervisor, from_json(Order, fields)))

    def _wish(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        wish, service = str(ask.get("wish")), str(ask.get("service"))
        return to_json(carry_out(self.supervisor, wish, service, _timeout_s(ask)))

    def _role(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        role = from_json(Role, ask.get("role"))
        take = self.supervisor.take_role if self.turns is None else self.turns.changes.take_role
        return to_json(take(role, _timeout_s(ask)))

    def _lock(self, ask: Mapping[str, Any], *, locked: bool) -> Any:  # noqa: ANN401 - JSON
        return to_json(self.supervisor.set_locked(locked=locked, timeout_s=_timeout_s(ask)))


def _timeout_s(ask: Mapping[str, Any]) -> float:
    return from_json(float, ask.get("timeout_s", 60.0))


def main() -> None:
    """Run the service manager of the host that the environment names.

    `/version` answers what INSVC_VERSION holds: the version of the package it was started from.

    Raises:
        InputError: the environment names none.
    """
    run = os.environ.get("INSVC_RUN")
    if not run:
        raise InputError("INSVC_RUN", "is not set", next_act="let pmon start the service manager")
    outlive_full_log()
    raise_limit()
    daemon = SmDaemon(Path(run).parent)
    orphans = Orphans(daemon.supervisor.engine.children)
    daemon.loop.add_timed(orphans)
    acts: dict[int, Callable[[], object]] = {
        signal.SIGTERM: daemon.end,
        signal.SIGINT: daemon.end,
        signal.SIGCHLD: orphans.on_child,
    }
    signals = Signals(daemon.loop, acts)
    pidfile = os.environ.get("INSVC_PIDFILE")
    health = HealthServer.from_environment(os.environ.get("INSVC_VERSION", ""))
    if pidfile:
        Path(pidfile).write_text(f"{os.getpid()}\n", encoding="ascii")
    try:
        daemon.run()
    finally:
        if health is not None:
            health.close()
        signals.close()
        orphans.close()

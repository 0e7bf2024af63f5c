"""The service manager daemon: runs the services of a controller by role and dependency.

pmon starts it. SIGTERM disables every service before it ends, which is why it is never restarted
in service; after a kill it comes back and takes over what still runs.
"""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from insvc.adapters.definitions import read_host
from insvc.adapters.descriptors import raise_limit
from insvc.adapters.launcher import Launcher
from insvc.adapters.sm_client import SmStatus
from insvc.adapters.sm_shipped import shipped_tables
from insvc.adapters.wire import from_json, to_json
from insvc.agent.health import HealthServer
from insvc.agent.loop import Loop
from insvc.agent.orphans import Orphans
from insvc.agent.restarting import restart
from insvc.agent.server import Server
from insvc.agent.signals import Signals
from insvc.agent.sm_groups import Groups
from insvc.agent.supervisor import Supervisor
from insvc.agent.swact import SwactAsks, alone
from insvc.agent.wishes import carry_out
from insvc.errors import InputError
from insvc.model.restart import Order
from insvc.model.words import Manager, Role
from insvc.supervise.sm_tables import completed, is_provisioned

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
        self.supervisor = Supervisor(Manager.SM, folder, self.loop, Launcher(folder, self.host))
        self.tables = shipped_tables()
        self.groups = Groups(self.supervisor, lambda: self.tables, self.loop)
        self.supervisor.complete = lambda one: completed(one, self.tables)
        self.supervisor.unprovisioned = self._unprovisioned
        self.supervisor.more_alarms = self.groups.refresh
        swacts = SwactAsks(self.supervisor, alone(self.supervisor, self.host.host), None)
        self.asks = {
            **swacts.by_name(),
            "table": lambda _: to_json(self.loop.call(self.groups.table)),
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
            self.supervisor.begin(self.host.initial_role)
            server.start()
            self.loop.run()
        finally:
            server.close()
            self.loop.close()

    def end(self) -> None:
        """Disable every service, then let `run` return. Returns at once."""
        threading.Thread(target=self._end, daemon=True).start()

    def _end(self) -> None:
        self.supervisor.end_all(DISABLE_ALL_S)
        self.loop.stop()

    def _unprovisioned(self) -> frozenset[str]:
        names = self.supervisor.engine.units
        return frozenset(one for one in names if not is_provisioned(self.tables, one))

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
        return to_json(self.supervisor.take_role(role, _timeout_s(ask)))

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

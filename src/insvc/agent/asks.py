"""What a host's agent can be asked, and how it remembers what it was asked to do."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from insvc.adapters.definitions import HostFile
from insvc.adapters.dpkg import DpkgPackages
from insvc.adapters.ledger_sqlite import SqliteLedger
from insvc.adapters.observer import HostObserver
from insvc.adapters.patch_flag import installing
from insvc.adapters.procfs import ProcfsTable
from insvc.adapters.wire import from_json, to_json
from insvc.agent.acts import Acts
from insvc.agent.alarms import alarms_of
from insvc.agent.managers import Managers
from insvc.agent.performing import Performer
from insvc.agent.strays import kill_all
from insvc.model.act import ActFacts, Intent, PackageChange
from insvc.model.observation import HostObservation
from insvc.model.words import Role
from insvc.supervise.provisioning import Change

SHUTDOWN_S = 60.0


class Asks:
    """The answers of one host's agent.

    Args:
        folder: the host's folder.
        host: what the host is.
        managers: its managers.
        end: lets the agent end once the answer in hand is sent.
    """

    def __init__(
        self, folder: Path, host: HostFile, managers: Managers, end: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._host = host
        self._managers = managers
        self._end = end
        self._root = folder / "root"
        self._packages = DpkgPackages(self._root)
        self._observer = HostObserver(
            host=host.host,
            root=self._root,
            processes=ProcfsTable(),
            packages=self._packages,
        )
        self._ledger = SqliteLedger(folder / "agent.db")
        self._performer = Performer(Acts(managers, self._observer, self._root), self._ledger)
        self._installing = threading.Lock()
        self._began = time.monotonic()

    def by_name(self) -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
        """What answers each ask."""
        return {
            "ping": lambda _: self.ping(),
            "observe": lambda _: to_json(self.observe()),
            "managers": lambda _: to_json(self._managers.status().rows),
            "perform": lambda ask: to_json(self.perform(from_json(Intent, ask.get("intent")))),
            "sm-provision": self._sm_provision,
            "sm-table": lambda _: to_json(self._managers.sm_table()),
            "wish": self._wish,
            "set-locked": self._set_locked,
            "follow": self._follow,
            "fence": self._fence,
            "alarms": lambda _: to_json(alarms_of(self._folder)),
            "recall": self._recall,
            "install": self._install,
            "shutdown": lambda _: self.shutdown(),
        }

    def ping(self) -> dict[str, Any]:
        """Who answers, since when in seconds since boot, and the highest epoch it has seen."""
        return {
            "host": self._host.host,
            "pid": os.getpid(),
            "epoch": self._ledger.epoch(),
            "began": self._began,
        }

    def observe(self) -> HostObservation:
        """What the host looks like now."""
        status = self._managers.status()
        seen = self._observer.observe(
            status.rows,
            taken_at=time.time(),
            role=self._managers.role,
            locked=self._managers.is_locked,
        )
        return replace(seen, unseen=(*seen.unseen, *status.unseen))

    def perform(self, intent: Intent) -> ActFacts:
        """Carry out an intent once; asked again, answer with what the ledger holds.

        Raises:
            StaleEpoch: the host has seen a newer controller.
        """
        return self._performer.perform(intent)

    def _wish(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        wish, service = str(ask.get("wish")), str(ask.get("service"))
        timeout_s = from_json(float, ask.get("timeout_s", 60.0))
        return to_json(self._managers.carry_out(wish, service, timeout_s))

    def _set_locked(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        locked = from_json(bool, ask.get("locked"))
        timeout_s = from_json(float, ask.get("timeout_s", 60.0))
        return to_json(self._managers.set_locked(locked=locked, timeout_s=timeout_s))

    def _sm_provision(self, ask: Mapping[str, Any]) -> str:
        change = from_json(Change, ask.get("change"))
        return self._managers.sm_provision(change, at_once=ask.get("at_once") is True)

    def _follow(self, ask: Mapping[str, Any]) -> str:
        role = from_json(Role, ask.get("role"))
        self._managers.follow(role)
        return str(role)

    def _fence(self, ask: Mapping[str, Any]) -> int:
        return self._managers.fence(from_json(int, ask.get("epoch")), str(ask.get("by")))

    def _recall(self, ask: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        key = (str(ask.get("run")), str(ask.get("step")), from_json(int, ask.get("attempt", 1)))
        return to_json(self._ledger.recall(*key))

    def _install(self, ask: Mapping[str, Any]) -> str:
        changes = from_json(tuple[PackageChange, ...], ask.get("changes"))
        self._ledger.raise_epoch(from_json(int, ask.get("epoch", 0)))
        with self._installing, installing(self._root):
            said = self._packages.install([change.path for change in changes])
            faults = self._managers.read_again()
        return "\n".join((said, *faults))

    def shutdown(self) -> dict[str, Any]:
        """Stop every service of the host, then the agent."""
        left = self._managers.end_all(SHUTDOWN_S)
        kill_all(self._root)
        self._ledger.close()
        self._end()
        return {"left": list(left)}

"""This very machine as a cloud of one host: what asks and what acts are the same process."""

import asyncio
import time
from collections.abc import Callable, Sequence

from insvc.adapters.host_packages import NO_DATABASE
from insvc.adapters.ledger_sqlite import SqliteLedger
from insvc.agent.performing import Performer
from insvc.errors import AgentUnreachable, WorldError
from insvc.model.act import ActFacts, Intent, PackageChange
from insvc.model.observation import HostObservation
from insvc.ports import Packages


class ThisHost:
    """The port `Agents` for the machine it runs on.

    Args:
        host: its name.
        observe: what looks at the whole machine, given the time in seconds since the epoch.
        performer: what carries out intents.
        ledger: its memory.
        packages: its package database; absent where it has none that can be read.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        *,
        host: str,
        observe: Callable[[float], HostObservation],
        performer: Performer,
        ledger: SqliteLedger,
        packages: Packages | None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._observe = observe
        self._performer = performer
        self._ledger = ledger
        self._packages = packages
        self._now = now

    async def observe(self, host: str) -> HostObservation:
        """What the machine looks like now.

        Raises:
            AgentUnreachable: it is another host.
        """
        self._require(host)
        return await asyncio.to_thread(lambda: self._observe(self._now()))

    async def perform(self, host: str, intent: Intent) -> ActFacts:
        """Carry out one intent and wait for its end.

        Raises:
            AgentUnreachable: it is another host.
            StaleEpoch: the host has seen a newer controller.
        """
        self._require(host)
        return await asyncio.to_thread(self._performer.perform, intent)

    async def recall(self, host: str, run: str, step: str, attempt: int) -> ActFacts | None:
        """What the ledger holds of an act, or nothing if it was never begun.

        Raises:
            AgentUnreachable: it is another host.
        """
        self._require(host)
        return self._ledger.recall(run, step, attempt)

    async def install(self, host: str, epoch: int, changes: Sequence[PackageChange]) -> str:
        """Install packages in one transaction; answer with the package manager's last words.

        Raises:
            AgentUnreachable: it is another host.
            StaleEpoch: the host has seen a newer controller.
            WorldError: the package manager refused, or there is none.
        """
        self._require(host)
        if self._packages is None:
            raise WorldError(host, NO_DATABASE, next_act="install them by hand, then scan again")
        self._ledger.raise_epoch(epoch)
        paths = [change.path for change in changes]
        return await asyncio.to_thread(self._packages.install, paths)

    def _require(self, host: str) -> None:
        if host != self._host:
            raise AgentUnreachable(
                host, f"is not this machine ({self._host})", next_act="run insvc on that host"
            )

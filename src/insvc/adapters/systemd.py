"""The port `HostManager` on systemd: what it says of services, and restarts that it confirms."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from insvc.adapters.systemd_bus import SystemdBus, monotonic_offset_s
from insvc.catalog.account import Account
from insvc.errors import UnknownName, WorldError
from insvc.inspect.systemd import INIT, init_row, is_service, next_run_s, row_of
from insvc.inspect.systemd_entry import entry_of
from insvc.model.words import InstanceState, Manager

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from insvc.inspect.systemd_unit import UnitFacts
    from insvc.model.manager_row import ManagerRow
    from insvc.model.restart import Order, Restarted

_ANSWER_S = 5.0
_BOOTED = "run/systemd/system"
_NO_ENTRY = frozenset({InstanceState.DISABLED, InstanceState.STOPPED})


def find(root: Path = Path("/")) -> Systemd | None:
    """The systemd that runs the host whose files are below `root`; nothing where none does."""
    return Systemd(root) if (root / _BOOTED).is_dir() else None


class Systemd:
    """The systemd of this host.

    Each look and each restart is a connection of its own, so that none is left to a peer that
    went away meanwhile. The superuser asks systemd itself, as systemctl does, so that a bus that
    is down or hangs, or is what is restarted, does not matter; others ask over the bus.

    Args:
        root: the folder that holds the host's files.
        answer_s: how long systemd may take for one answer.
        starts: tells when a unit was started within the last seconds (its journal); nothing where
            that cannot be told. Its journal is asked where absent.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        *,
        answer_s: float = _ANSWER_S,
        starts: Callable[[str, float], tuple[float, ...] | None] | None = None,
    ) -> None:
        self._root = root
        self._answer_s = answer_s
        self._starts = starts

    @property
    def kind(self) -> Manager:
        """Which manager it is."""
        return Manager.SYSTEMD

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these services, or of all that it has loaded.

        Users' own managers and what they run are not its services. `init.scope` is systemd itself
        and is told of only when it is asked for.

        Raises:
            WorldError: it does not answer.
        """
        with self._bus() as bus:
            asked = _loaded(bus) if names is None else [one for one in names if is_service(one)]
            facts = {one.name: one for one in bus.facts(asked).values()}
            rows = _with_runs(bus, facts)
            listening = _listening(bus, facts)
        if names is not None and INIT in names:
            rows.append(init_row())
        states = {row.name: row.state for row in rows}
        entries = tuple(
            entry_of(one, listening) for one in facts.values() if states[one.name] not in _NO_ENTRY
        )
        return Account(rows=tuple(rows), entries=entries)

    def running(self) -> frozenset[str]:
        """Names of the services that are active now: one question, however many they are.

        Those that a timer of the same name starts are jobs.

        Raises:
            WorldError: it does not answer.
        """
        with self._bus() as bus:
            units = bus.units()
        timers = (one.name for one in units if one.name.endswith(".timer"))
        timed = {f"{name.removesuffix('.timer')}.service" for name in timers}
        return frozenset(
            one.name
            for one in units
            if one.active in {"active", "reloading"}
            and one.sub != "exited"
            and is_service(one.name)
            and one.name not in timed
        )

    def restart(self, order: Order) -> Restarted:
        """Restart, reload or hand over one service, or let systemd replace itself (`init.scope`).

        Raises:
            UnknownName: it has no such service.
            WorldError: it does not answer, or the restart is refused before anything was done.
        """
        from insvc.adapters.systemd_act import SystemdAct, check_allowed
        from insvc.adapters.systemd_starts import recent_starts

        starts = self._starts or recent_starts
        act = SystemdAct(self.connect, answer_s=self._answer_s, starts=starts)
        with self._bus() as bus:
            if order.service == INIT:
                return act.re_execute(bus, order)
            facts = bus.facts([order.service]).get(order.service)
            if facts is None:
                raise _unknown(order.service)
            check_allowed(facts, order)
            return act.carry_out(bus, facts, order)

    def wait_for_end(self, service: str, timeout_s: float) -> bool:
        """Wait for the end of a job's present run, if one is under way; false where it goes on.

        Raises:
            UnknownName: it has no such service.
            WorldError: it does not answer.
        """
        from insvc.adapters.wait_end import wait_while_running

        return wait_while_running(lambda: self._require(service), timeout_s)

    def _require(self, service: str) -> ManagerRow:
        rows = self.look([service]).rows
        if not rows:
            raise _unknown(service)
        return rows[0]

    def connect(self) -> SystemdBus:
        """A new connection: systemd's own socket for the superuser, the bus for everybody else.

        Raises:
            WorldError: systemd cannot be reached either way; the error is the bus's.
        """
        with suppress(WorldError):
            return SystemdBus.open(self._root, timeout_s=self._answer_s, directly=True)
        return SystemdBus.open(self._root, timeout_s=self._answer_s, directly=False)

    @contextmanager
    def _bus(self) -> Iterator[SystemdBus]:
        bus = self.connect()
        try:
            yield bus
        finally:
            bus.close()


def _unknown(service: str) -> UnknownName:
    return UnknownName(
        service, "systemd has no such service", next_act="look at systemctl list-units"
    )


def _loaded(bus: SystemdBus) -> list[str]:
    """Services that systemd has read; those that others merely name are left out."""
    return [
        one.name
        for one in bus.units()
        if is_service(one.name) and (one.load != "not-found" or one.active != "inactive")
    ]


def _with_runs(bus: SystemdBus, facts: Mapping[str, UnitFacts]) -> list[ManagerRow]:
    """The rows; those of timers' jobs say when they ran and will run."""
    offset_s = monotonic_offset_s()
    timers = sorted({timer for one in facts.values() for timer in one.timers})
    elapses = bus.elapses(timers) if timers else {}
    rows = []
    for one in facts.values():
        row = row_of(one)
        told = [elapses[timer] for timer in one.timers if timer in elapses]
        if told:
            last_run_at, next_run_at = next_run_s(told, offset_s)
            row = replace(row, last_run_at=last_run_at, next_run_at=next_run_at)
        rows.append(row)
    return rows


def _listening(bus: SystemdBus, facts: Mapping[str, UnitFacts]) -> frozenset[str]:
    """Socket units of these services that listen now."""
    sockets = {socket for one in facts.values() for socket in one.sockets}
    return frozenset(name for name, state in bus.states(sockets).items() if state == "active")

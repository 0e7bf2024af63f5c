"""A manager of a real host, in memory."""

from collections.abc import Collection
from dataclasses import replace

from insvc.errors import UnknownName
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order, Restarted
from insvc.model.words import InstanceState, Manager
from insvc.ports import Account


class FakeHostManager:
    """The port `HostManager`: every restart succeeds with the next pid.

    Args:
        rows: its services.
        kind: which manager it plays.
    """

    def __init__(self, *rows: ManagerRow, kind: Manager = Manager.SYSTEMD) -> None:
        self._kind = kind
        self._rows = {row.name: row for row in rows}
        self.orders: list[Order] = []

    @property
    def kind(self) -> Manager:
        """Which one it is."""
        return self._kind

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these services, or of all."""
        return Account(
            rows=tuple(row for name, row in self._rows.items() if names is None or name in names)
        )

    def restart(self, order: Order) -> Restarted:
        """Give the service a new main process."""
        row = self._rows.get(order.service)
        if row is None:
            raise UnknownName(order.service, "has no such service", next_act="look again")
        self.orders.append(order)
        pid = None if row.pid is None else row.pid + 1
        self._rows[order.service] = replace(row, pid=pid, state=InstanceState.RUNNING)
        return Restarted(done=True, said="restarted")

    def running(self) -> frozenset[str]:
        """Those whose row says so."""
        return frozenset(
            name for name, row in self._rows.items() if row.state is InstanceState.RUNNING
        )

    def wait_for_end(self, service: str, timeout_s: float) -> bool:  # noqa: ARG002 - at once
        """Whether it has no process now; nothing here ends by itself."""
        if service not in self._rows:
            raise UnknownName(service, "has no such service", next_act="look again")
        return self._rows[service].pid is None

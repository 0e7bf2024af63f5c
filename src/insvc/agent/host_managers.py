"""The managers of a real host behind one face."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from insvc.catalog.account import Account
from insvc.errors import UnknownName, WorldError
from insvc.inspect.owners import merge

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from insvc.agent.managing import Status
    from insvc.model.manager_row import ManagerRow
    from insvc.model.restart import Order, Restarted
    from insvc.model.words import Manager, Role
    from insvc.ports import HostManager


class HostManagers:
    """Those managers that this host has.

    Args:
        host: its name.
        managers: those that own what others start for them come first (Pacemaker before systemd).
    """

    is_locked = False

    def __init__(self, host: str, managers: Sequence[HostManager]) -> None:
        self._host = host
        self._managers = tuple(managers)

    def look(self, names: Collection[str] | None = None) -> Account:
        """One account of these services, or of all; a manager that does not answer is told of."""
        return merge(_ask(manager, names) for manager in self._managers)

    def status(self) -> Status:
        """What every manager says of its services."""
        from insvc.agent.managing import Status

        account = self.look()
        return Status(account.rows, account.unseen)

    def running(self) -> frozenset[str]:
        """Names of the services that are up now, jobs left out; none of a silent manager."""
        found: set[str] = set()
        for manager in self._managers:
            with suppress(WorldError):
                found |= manager.running()
        return frozenset(found)

    def row(self, service: str) -> ManagerRow:
        """What its manager says of one service.

        Raises:
            UnknownName: no manager of the host knows it.
            WorldError: none knows it, but one does not answer.
        """
        account = self.look([service])
        for row in account.rows:
            if row.name == service:
                return row
        if account.unseen:
            raise WorldError(
                service, f"is not found: {account.unseen[0]}", next_act="look again when it answers"
            )
        raise UnknownName(
            service,
            f"no manager of {self._host} knows it",
            next_act="list what is there with `insvc scan --local --all`",
        )

    def restart(self, manager: Manager, order: Order) -> Restarted:
        """Let its manager restart a service, or do what less is ordered.

        Raises:
            UnknownName: the host has no such manager, or the manager no such service.
            WorldError: the manager does not answer, or refuses.
        """
        return self._of_kind(manager, order.service).restart(order)

    def health_path(self, service: str) -> str | None:  # noqa: ARG002 - no definition says
        """Nothing: readiness is what a manager of a real host says."""
        return None

    def wait_for_job(self, service: str, timeout_s: float) -> bool:
        """Wait for the end of a job's present run; false when it did not end in time."""
        manager = self.row(service).manager
        return self._of_kind(manager, service).wait_for_end(service, timeout_s)

    def take_role(self, role: Role, timeout_s: float) -> tuple[str, ...]:  # noqa: ARG002
        """Refused: a plain host takes no turns.

        Raises:
            WorldError: always.
        """
        raise self._no_turns(f"cannot become {role}")

    def set_locked(self, *, locked: bool, timeout_s: float) -> tuple[str, ...]:  # noqa: ARG002
        """Refused: nobody can take over from a plain host.

        Raises:
            WorldError: always.
        """
        raise self._no_turns("cannot be locked" if locked else "is never locked")

    def _of_kind(self, manager: Manager, service: str) -> HostManager:
        for own in self._managers:
            if own.kind is manager:
                return own
        raise UnknownName(
            service,
            f"{self._host} has no {manager} that could restart it",
            next_act="restart it by hand, then `insvc scan --local` again",
        )

    def _no_turns(self, found: str) -> WorldError:
        return WorldError(
            self._host,
            f"{found}: it is a plain host, and no other takes over from it",
            next_act="make a new plan with `insvc plan --local`",
        )


def _ask(manager: HostManager, names: Collection[str] | None) -> Account:
    try:
        return manager.look(names)
    except WorldError as fault:
        return Account(unseen=(f"{manager.kind}: {fault}",))

"""What an act needs of its host: somebody who restarts, and somebody who looks."""

from typing import NamedTuple, Protocol

from insvc.model.manager_row import ManagerRow
from insvc.model.observation import Evidence, ProcessIdentity
from insvc.model.restart import Order, Restarted
from insvc.model.words import Manager, Role

SM = "sm"


class Status(NamedTuple):
    """What the managers say, and what of them could not be asked."""

    rows: tuple[ManagerRow, ...]
    unseen: tuple[str, ...]


class Managing(Protocol):
    """All the managers of one host behind one face."""

    @property
    def is_locked(self) -> bool:
        """Whether the host is out of service."""
        ...

    def status(self) -> Status:
        """What every manager says of its services."""
        ...

    def running(self) -> frozenset[str]:
        """Names of the services that are up now, jobs left out."""
        ...

    def row(self, service: str) -> ManagerRow:
        """What its manager says of one service.

        Raises:
            UnknownName: no manager of the host knows it.
        """
        ...

    def restart(self, manager: Manager, order: Order) -> Restarted:
        """Let its manager restart a service, or do what less is ordered.

        Raises:
            UnknownName: the manager does not know it.
            WorldError: the manager does not answer, or refuses.
        """
        ...

    def health_path(self, service: str) -> str | None:
        """The HTTP path by which a service is asked whether it serves; nothing where none is."""
        ...

    def wait_for_job(self, service: str, timeout_s: float) -> bool:
        """Wait for the end of a job's present run; false when it did not end in time."""
        ...

    def take_role(self, role: Role, timeout_s: float) -> tuple[str, ...]:
        """Go active or standby; answers with the services that did not follow in time."""
        ...

    def set_locked(self, *, locked: bool, timeout_s: float) -> tuple[str, ...]:
        """Take the host out of service or bring it back; answers with what did not follow."""
        ...


class Looking(Protocol):
    """What looks at the processes of one host."""

    def identities(self, row: ManagerRow) -> tuple[ProcessIdentity, ...]:
        """The live processes of one service, its main process first."""
        ...

    def stale_evidence(self, row: ManagerRow) -> tuple[Evidence, ...]:
        """What shows, or leaves open, that the service runs replaced code; empty when not."""
        ...

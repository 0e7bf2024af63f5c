"""What one manager of a real host tells of its services."""

from dataclasses import dataclass

from insvc.catalog.entry import Entry
from insvc.model.manager_row import ManagerRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What one manager of a real host knows of its services.

    Attributes:
        rows: its word on each service.
        entries: for each service what could be learnt about how to restart it, for those that no
            catalog knows; marked as discovered in their provenance.
        unseen: what it could not tell, one line each.
    """

    rows: tuple[ManagerRow, ...] = ()
    entries: tuple[Entry, ...] = ()
    unseen: tuple[str, ...] = ()

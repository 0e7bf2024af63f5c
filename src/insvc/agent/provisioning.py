"""sm's tables as they are in use on one host, and their change at an operator's word."""

import threading
from collections.abc import Collection
from pathlib import Path

from insvc.adapters.provisioning import SqliteProvisioning
from insvc.supervise.provisioning import Change, changed, replayed
from insvc.supervise.sm_tables import Tables


class Provisioning:
    """What is in use on the host with that root; any number of threads may ask.

    Args:
        root: the folder that holds the host's files.
        shipped: the tables as they come.

    Attributes:
        tables: as they are in use.
        faults: what was found wrong with what is written down, one line each.

    Raises:
        WorldError: what is written down cannot be read.
    """

    def __init__(self, root: Path, shipped: Tables) -> None:
        self._store = SqliteProvisioning(root)
        self._lock = threading.Lock()
        changes = self._store.changes()
        # What a change names may be delivered later; such a name is no reason to forget it.
        named = {one.member or one.name for one in changes}
        self.tables, faults = replayed(shipped, changes, named)
        self._written = self.tables
        self.faults = tuple(filter(None, (self._store.fault, *faults)))

    def change(self, change: Change, services: Collection[str], *, at_once: bool) -> None:
        """Check it against what is written down, and write it down.

        Args:
            change: what is asked for.
            services: that are delivered to this host.
            at_once: it is in use from now on, with all that was written down before; otherwise
                from the next start on.

        Raises:
            UnknownName: it names something that is nowhere described.
            InputError: the tables would contradict themselves; nothing was written.
            WorldError: the disk refused; nothing has changed.
        """
        with self._lock:
            after = changed(self._written, change, services)
            self._store.keep(change)
            self._written = after
            if at_once:
                self.tables = after

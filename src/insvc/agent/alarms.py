"""The alarms of one keeper: raised and cleared by what it knows, from one life to the next."""

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from insvc.adapters.alarms_sqlite import SqliteAlarms
from insvc.adapters.sqlite_file import put_aside
from insvc.errors import CorruptStore, WorldError
from insvc.model.alarm import Alarm, AlarmChange, AlarmKey, HostAlarms, StandingAlarm
from insvc.model.words import Manager
from insvc.supervise.alarms import merge, of_units, reconcile
from insvc.supervise.unit import Unit

AGENT = "agent"
WATCHDOG = "sm-watchdog"
CLOUD = "cloud"
PAIR = "pair"
_KEEPERS = (Manager.PMON, Manager.SM, AGENT, WATCHDOG, PAIR)
"""Who keeps a table on a host: managers of their services, the others of the host itself, and a
controller of its peer and the lease of both."""


class AlarmKeeper:
    """Keeps one table true.

    Args:
        folder: the host's folder.
        host: its name.
        keeper: whose table it is.
        now: seconds since the epoch.
    """

    def __init__(
        self, folder: Path, host: str, keeper: str, now: Callable[[], float] = time.time
    ) -> None:
        self._host = host
        self._now = now
        self._told = ""
        self._table = _open(_path(folder, keeper))
        self._standing: dict[AlarmKey, Alarm] = {
            one.alarm.key: one.alarm for one in self._table.standing()
        }

    def reconcile(self, units: Iterable[Unit], beside: Iterable[Alarm] = ()) -> None:
        """Let exactly those alarms stand that these services call for, and those beside them."""
        self.hold(merge((*of_units(self._host, units), *beside)))

    def hold(self, found: Iterable[Alarm]) -> None:
        """Let exactly these alarms stand."""
        changes = reconcile(self._standing, found, self._now())
        if not changes:
            return
        try:
            self._table.change(changes)
        except (WorldError, CorruptStore) as fault:
            # Whoever keeps a host up goes on; the changes are tried again with the next ones.
            if str(fault) != self._told:
                sys.stderr.write(f"alarms are not written down: {fault}\n")
            self._told = str(fault)
            return
        self._told = ""
        for change in changes:
            if change.what == "cleared":
                del self._standing[change.alarm.key]
            else:
                self._standing[change.alarm.key] = change.alarm

    def held(self) -> HostAlarms:
        """What the table holds."""
        return HostAlarms(standing=self._table.standing(), changes=self._table.changes())

    def close(self) -> None:
        """Let go of the table."""
        self._table.close()


def alarms_of(folder: Path) -> HostAlarms:
    """What the host in that folder holds of alarms.

    Raises:
        CorruptStore: a table cannot be read.
    """
    tables = [path for one in _KEEPERS if (path := _path(folder, one)).exists()]
    standing: list[StandingAlarm] = []
    changes: list[AlarmChange] = []
    for path in tables:
        with closing(SqliteAlarms(path)) as table:
            standing += table.standing()
            changes += table.changes()
    return HostAlarms(
        standing=tuple(standing), changes=tuple(sorted(changes, key=lambda one: one.at))
    )


def _path(folder: Path, keeper: str) -> Path:
    return folder / "run" / f"alarms-{keeper}.db"


def _open(path: Path) -> SqliteAlarms:
    """The table; one that cannot be trusted is put aside, for facts fill another."""
    try:
        return SqliteAlarms(path)
    except CorruptStore:
        put_aside(path)
        return SqliteAlarms(path)

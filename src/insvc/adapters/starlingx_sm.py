"""The port `HostManager` on StarlingX's service manager.

Its commands acknowledge nothing and end with 0, also for a name that it does not have. So a restart
is what is seen of it: another process, and enabled-active again after that, for a while.
"""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from insvc.adapters.starlingx import Keeper, command, own_groups, trusted_command
from insvc.adapters.starlingx_act import SmAct
from insvc.adapters.starlingx_db import read_tables
from insvc.catalog.account import Account
from insvc.catalog.circles import without_circles
from insvc.errors import UnknownName, WorldError
from insvc.inspect.starlingx_sm import ACTIVE, SmService, SmTables, entry_of, row_of
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager

_QUERY = "sm-query"
_SAFE, _WITH_DEPENDANTS = "sm-restart-safe", "sm-restart"
_SESSIONS = "var/tmp"
_DONE_BY = frozenset({Action.RESTART, Action.HANDLER})


def find(root: Path = Path("/")) -> "StarlingxSm | None":
    """That of this host; nothing where it is no controller of StarlingX's."""
    return None if command(root, _QUERY) is None else StarlingxSm(root)


class StarlingxSm:
    """The services of one controller.

    Args:
        root: the folder that holds the host's files.
    """

    kind = Manager.SM

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._keeper = Keeper(root)

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these services, or of all, from its database.

        Raises:
            WorldError: the database is not there or cannot be read.
        """
        tables = read_tables(self._root)
        found = [one for name, one in tables.services.items() if names is None or name in names]
        pids = {one.name: pid for one in found if (pid := self._pid(one)) is not None}
        groups = own_groups(pids)
        rows = tuple(
            row_of(
                one,
                pid=pids.get(one.name),
                group=groups.get(one.name),
                restarts=self._keeper.restarts(one.name, pids.get(one.name)),
            )
            for one in found
        )
        unseen = [
            f"{one.name}: is unmanaged: sm only pretends to act on it"
            for one in found
            if self._is_unmanaged(one.name)
        ]
        entries, circles = without_circles(entry_of(one, tables) for one in found)
        unseen += [f"sm.db: services need one another in a circle: {one}" for one in circles]
        return Account(rows=rows, entries=entries, unseen=tuple(unseen))

    def running(self) -> frozenset[str]:
        """Names of the services that are up now.

        Raises:
            WorldError: the database is not there or cannot be read.
        """
        rows = self.look().rows
        return frozenset(row.name for row in rows if row.state is InstanceState.RUNNING)

    def restart(self, order: Order) -> Restarted:
        """Ask sm to disable and enable one service, and watch what becomes of it.

        sm stops it its own way: it would count a signal of ours as a failure, so no drain is sent.

        Raises:
            UnknownName: sm has no such service; its commands themselves would answer 0.
            WorldError: sm does not answer, or cannot do what is ordered.
        """
        tables = read_tables(self._root)
        service = _require(tables, order.service)
        self._refuse(order)
        name = _WITH_DEPENDANTS if order.with_dependants else _SAFE
        path, query = (trusted_command(self._root, one) for one in (name, _QUERY))
        if service.standing.state != ACTIVE:
            said = f"is {service.standing}, expected {ACTIVE}: nothing was done"
            return Restarted(done=False, said=said)
        if order.clears_sessions:
            self._clear_sessions()
        act = SmAct(
            service=service,
            restart=path,
            query=query,
            order=order,
            tables=lambda: read_tables(self._root),
            pid_of=lambda: self._pid(service),
        )
        return act.carry_out(tables)

    def wait_for_end(self, service: str, timeout_s: float) -> bool:
        """Wait until its process of now has ended; sm starts another then.

        Raises:
            UnknownName: sm has no such service.
            WorldError: the database is not there or cannot be read.
        """
        from insvc.adapters.pidfd import read_identity
        from insvc.adapters.wait_end import wait_for_ends

        pid = self._pid(_require(read_tables(self._root), service))
        now = None if pid is None else read_identity(pid)
        return now is None or wait_for_ends([now], timeout_s)

    def _refuse(self, order: Order) -> None:
        """Refuse what sm cannot do.

        Raises:
            WorldError: it cannot.
        """
        found = ""
        if order.action not in _DONE_BY:
            found = f"sm can only restart a service; found {order.action} as order"
        elif self._is_unmanaged(order.service):
            found = "is unmanaged: sm would only pretend to restart it"
        if found:
            raise WorldError(
                order.service, found, next_act="restart it as the operators' page says"
            )

    def _clear_sessions(self) -> None:
        """Delete stored user sessions, as the operators' own script does before its restart."""
        for path in sorted((self._root / _SESSIONS).glob("sessionid*")):
            with suppress(OSError):
                path.unlink()

    def _pid(self, service: SmService) -> int | None:
        return self._keeper.pid(service.pidfile) if service.pidfile else None

    def _is_unmanaged(self, name: str) -> bool:
        return self._keeper.is_there(f"/var/run/sm/services/{name}.unmanaged")


def _require(tables: SmTables, name: str) -> SmService:
    if name not in tables.services:
        raise UnknownName(
            name,
            "sm has no such service that is provisioned",
            next_act="list what is there with `sm-dump`",
        )
    return tables.services[name]

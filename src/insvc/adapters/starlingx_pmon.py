"""The port `HostManager` on StarlingX's process monitor.

`pmon-restart` sends one datagram and ends with 0, whatever becomes of it: nobody acknowledges it.
So a restart is what is seen of it: another process in the pid file, and the old ones gone.
"""

import time
from collections.abc import Collection
from pathlib import Path

from insvc.adapters.bounded import run_bounded
from insvc.adapters.small_file import read_small
from insvc.adapters.starlingx import (
    LOOK_AGAIN_S,
    MOST_STARTS,
    Keeper,
    Watch,
    command,
    own_groups,
    trusted_command,
)
from insvc.catalog.account import Account
from insvc.errors import UnknownName, WorldError
from insvc.inspect.starlingx_pmon import Held, Monitored, entry_of, read_monitored, row_of
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager

_RESTART = "pmon-restart"
_FILES = "etc/pmon.d"
_COMMAND_S = 15.0
_LEAST_STEADY_S = 0.5
_DONE_BY = frozenset({Action.RESTART, Action.HANDLER})


def find(root: Path = Path("/")) -> "StarlingxPmon | None":
    """That of this host; nothing where it is no StarlingX host."""
    return None if command(root, _RESTART) is None else StarlingxPmon(root)


class StarlingxPmon:
    """The processes that pmond keeps alive.

    Args:
        root: the folder that holds the host's files.
    """

    kind = Manager.PMON

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._keeper = Keeper(root)

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these processes, or of all; what pmond passes over is told."""
        unseen: list[str] = []
        found = [one for one in self._monitored(unseen) if names is None or one.name in names]
        pids = {one.name: pid for one in found if (pid := self._pid(one)) is not None}
        groups = own_groups(pids, [f"{one.unit}.service" for one in found])
        rows = (
            row_of(
                one,
                Held(
                    pid=pids.get(one.name),
                    group=groups.get(one.name),
                    is_waiting=self._is_waiting(one),
                    restarts=self._keeper.restarts(one.name, pids.get(one.name)),
                ),
            )
            for one in found
            if one.pidfile is not None
        )
        told = tuple(rows)
        kept = {row.name for row in told}
        entries = tuple(entry_of(one) for one in found if one.name in kept)
        return Account(rows=told, entries=entries, unseen=tuple(unseen))

    def running(self) -> frozenset[str]:
        """Names of the processes that are up now."""
        rows = self.look().rows
        return frozenset(row.name for row in rows if row.state is InstanceState.RUNNING)

    def restart(self, order: Order) -> Restarted:
        """Ask pmond to restart one process, and watch what becomes of it.

        Raises:
            UnknownName: no file in /etc/pmon.d has it; `pmon-restart` itself would answer 0.
            WorldError: it cannot be ordered so, or the command may not be run.
        """
        process = self._require(order.service)
        if order.action not in _DONE_BY:
            raise _refused(order, f"pmond can only restart a process; found {order.action}")
        if process.pidfile is None:
            raise _refused(order, "pmond looks at it by a script, and restarts nothing by name")
        path = trusted_command(self._root, _RESTART)
        if self._pid(process) is None:
            return Restarted(done=False, said=f"nothing lives by its pid file {process.pidfile}")
        until = time.monotonic() + order.timeout_s
        watch = Watch(lambda: self._pid(process))
        sent = run_bounded(
            [str(path), process.name], min(_COMMAND_S, order.timeout_s), watch=watch.look
        )
        if sent.status != 0:
            return Restarted(done=False, said=f"{_RESTART} {sent}", times=watch.times)
        return _await(watch, max(process.startup_s, _LEAST_STEADY_S), until, order.timeout_s)

    def wait_for_end(self, service: str, timeout_s: float) -> bool:
        """Wait until its process of now has ended; pmond starts another then.

        Raises:
            UnknownName: no file in /etc/pmon.d has it.
        """
        from insvc.adapters.pidfd import read_identity
        from insvc.adapters.wait_end import wait_for_ends

        pid = self._pid(self._require(service))
        now = None if pid is None else read_identity(pid)
        return now is None or wait_for_ends([now], timeout_s)

    def _pid(self, process: Monitored) -> int | None:
        return None if process.pidfile is None else self._keeper.pid(process.pidfile)

    def _is_waiting(self, process: Monitored) -> bool:
        """Whether pmond leaves it alone until the host is configured."""
        return process.waits_for is not None and not self._keeper.is_there(process.waits_for)

    def _require(self, name: str) -> Monitored:
        for process in self._monitored([]):
            if process.name == name:
                return process
        raise UnknownName(
            name, "no file in /etc/pmon.d has it", next_act="list what is there with `insvc scan`"
        )

    def _monitored(self, unseen: list[str]) -> list[Monitored]:
        """What pmond monitors, by file name; of a name the first file counts."""
        found: dict[str, Monitored] = {}
        for path in sorted((self._root / _FILES).glob("*.conf")):
            try:
                process = read_monitored(read_small(path))
            except OSError as fault:
                unseen.append(f"/{_FILES}/{path.name}: cannot be read: {fault.strerror}")
            except ValueError as fault:
                unseen.append(f"/{_FILES}/{path.name}: {fault}")
            else:
                found.setdefault(process.name, process)
        return list(found.values())


def _await(watch: Watch, steady_s: float, until: float, timeout_s: float) -> Restarted:
    """What has become of it in time."""
    while True:
        now = watch.look()
        if now is not None and not watch.left and watch.steady_s >= steady_s:
            watch.times["ready"] = time.time()
            return Restarted(done=True, said=f"pmond runs it as pid {now.pid}", times=watch.times)
        starts = len(watch.starts)
        if starts > MOST_STARTS:
            said = f"pmond starts it again and again: {starts} times so far"
            return Restarted(done=False, said=said, times=watch.times)
        if time.monotonic() >= until:
            return Restarted(done=False, said=_why(watch, timeout_s), times=watch.times)
        time.sleep(LOOK_AGAIN_S)


def _why(watch: Watch, timeout_s: float) -> str:
    if watch.left:
        return f"within {timeout_s:g} s pmond has not restarted it: {watch.left[0]} runs on"
    if not watch.starts:
        return f"within {timeout_s:g} s pmond has ended it and not started it again"
    return f"within {timeout_s:g} s it did not stay up: started {len(watch.starts)} times"


def _refused(order: Order, found: str) -> WorldError:
    return WorldError(order.service, found, next_act="restart it as its own documents say")

"""One restart by StarlingX's service manager, seen through in its database and processes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from insvc.adapters.bounded import run_bounded
from insvc.adapters.starlingx import LOOK_AGAIN_S, MOST_STARTS, Watch
from insvc.errors import WorldError
from insvc.inspect.starlingx_sm import ACTIVE, SmService, SmTables, Standing, read_answer
from insvc.model.restart import Order, Restarted

_COMMAND_S = 15.0
_STEADY_S = 1.0
_NO_RECOVERY = "fatal-failure"


class _NotDoneError(Exception):
    """The act cannot go on; the text tells why."""


@dataclass(frozen=True, kw_only=True)
class SmAct:
    """One restart of one service.

    Attributes:
        service: as sm told of it before.
        restart: the command that asks sm for it.
        query: the command that tells how a service stands.
        order: what is ordered.
        tables: reads sm's database.
        pid_of: finds its main process.
    """

    service: SmService
    restart: Path
    query: Path
    order: Order
    tables: Callable[[], SmTables]
    pid_of: Callable[[], int | None]

    def carry_out(self, before: SmTables) -> Restarted:
        """Ask for it and wait; that it did not come about is an answer.

        Args:
            before: what sm's database holds now.
        """
        watch = Watch(self.pid_of)
        try:
            self._ask(self.restart)
            self._await(watch, self._along(before), time.monotonic() + self.order.timeout_s)
            self._confirm()
        except _NotDoneError as fault:
            return Restarted(done=False, said=str(fault), times=watch.times)
        pid = self.pid_of()
        said = f"{ACTIVE} again" + ("" if pid is None else f", as pid {pid}")
        return Restarted(done=True, said=said, times=watch.times)

    def _along(self, before: SmTables) -> tuple[str, ...]:
        """What goes down and up with it, as far as it is up."""
        if not self.order.with_dependants:
            return ()
        names = before.dependants(self.service.name)
        return tuple(one for one in names if before.services[one].standing.state == ACTIVE)

    def _ask(self, command: Path) -> str:
        """Run one of sm's commands on the service; what it says.

        Raises:
            _NotDoneError: it did not end as it always does.
        """
        done = run_bounded(
            [str(command), "service", self.service.name], min(_COMMAND_S, self.order.timeout_s)
        )
        if done.status != 0:
            raise _NotDoneError(f"{command.name} {done}")
        return done.told

    def _await(self, watch: Watch, along: tuple[str, ...], until: float) -> None:
        """Wait until it runs as another process, enabled-active, and stays so for a while.

        Raises:
            _NotDoneError: that did not come about in time, or cannot any more.
        """
        has_left, since = False, None
        while True:
            tables = self._tables()
            own = tables.services.get(self.service.name, self.service)
            has_left = has_left or own.standing.state != ACTIVE
            if has_left:
                watch.times.setdefault("stopped", time.time())
            is_new = self._is_new(watch, has_left=has_left)
            late = [one for one in along if not _is_active(tables, one)]
            if not is_new or not own.standing.is_active or late:
                since = None
            elif since is None:
                since = time.monotonic()
                watch.times["ready"] = time.time()
            elif time.monotonic() - since >= _STEADY_S and not self._is_young(watch):
                return
            if own.standing.condition == _NO_RECOVERY or len(watch.starts) > MOST_STARTS:
                raise _NotDoneError(_stuck(own.standing, watch))
            if time.monotonic() >= until:
                raise _NotDoneError(self._why(own.standing, watch, late, has_left=has_left))
            time.sleep(LOOK_AGAIN_S)

    def _tables(self) -> SmTables:
        """What the database holds.

        Raises:
            _NotDoneError: it cannot be read any more.
        """
        try:
            return self.tables()
        except WorldError as fault:
            raise _NotDoneError(f"what has become of it is unknown: {fault}") from fault

    def _is_new(self, watch: Watch, *, has_left: bool) -> bool:
        """Whether another process is there; of what has none, whether its state has changed."""
        now = watch.look()
        return has_left if not self.service.pidfile else now is not None and not watch.left

    def _is_young(self, watch: Watch) -> bool:
        return bool(self.service.pidfile) and watch.steady_s < _STEADY_S

    def _confirm(self) -> None:
        """Let sm's own command tell the same.

        Raises:
            _NotDoneError: it tells something else.
        """
        told = self._ask(self.query)
        standing = read_answer(self.service.name, told)
        if standing is None or not standing.is_active:
            raise _NotDoneError(f"is up, but {self.query.name} says: {told.strip()[:200]}")

    def _why(self, standing: Standing, watch: Watch, late: list[str], *, has_left: bool) -> str:
        within = f"within {self.order.timeout_s:g} s"
        if not has_left and watch.left:
            return f"{within} sm has not acted: it is {standing}, and {watch.left[0]} runs on"
        if watch.left:
            return f"is {standing} again, but its old process runs on: {watch.left[0]}"
        if not standing.is_active:
            return f"{within} it is {standing}, expected {ACTIVE}"
        if late:
            return f"is up, but what depends on it is not: {', '.join(late)}"
        return f"{within} it is {standing}, and did not stay up: {len(watch.starts)} starts"


def _is_active(tables: SmTables, name: str) -> bool:
    own = tables.services.get(name)
    return own is not None and own.standing.is_active


def _stuck(standing: Standing, watch: Watch) -> str:
    if standing.condition == _NO_RECOVERY:
        return f"is {standing}: sm tries no more"
    return f"is started again and again: {len(watch.starts)} times so far; it is {standing}"

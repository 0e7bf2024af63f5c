"""The port `HostManager` on supervisord."""

import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from insvc.adapters.procfs import ProcfsTable
from insvc.adapters.supervisord_act import RestartAct
from insvc.adapters.supervisord_conf import has_configuration, read_configuration
from insvc.adapters.supervisord_rpc import Refused, Rpc
from insvc.catalog.account import Account
from insvc.errors import UnknownName, WorldError
from insvc.inspect.supervisord import (
    BAD_NAME,
    HAS_PROCESS,
    RUNNING,
    Access,
    Program,
    entry_of,
    read_program,
    row_of,
    state_of,
)
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager
from insvc.ports import ProcessTable


def find(root: Path = Path("/")) -> "Supervisord | None":
    """The supervisord of this host, or nothing where it has none."""
    return Supervisord(root) if has_configuration(root) else None


class Supervisord:
    """The programs of one supervisord. It is asked anew each time; its configuration too.

    Args:
        root: the folder that holds the host's files.
        table: its processes.
        pause: what lets some seconds pass between two looks.
    """

    kind = Manager.SUPERVISORD

    def __init__(
        self,
        root: Path = Path("/"),
        table: ProcessTable | None = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._root = root
        self._table = table or ProcfsTable()
        self._pause = pause
        self._began: dict[str, int] = {}
        self._restarts: dict[str, int] = {}

    def look(self, names: Collection[str] | None = None) -> Account:
        """Its account of these programs, or of all.

        Raises:
            WorldError: it does not answer, or its configuration cannot be read.
        """
        access = read_configuration(self._root)
        if _is_down(access):
            return Account(unseen=(f"supervisord: {access.socket} is not there: it does not run",))
        rpc = Rpc(access)
        programs = [one for one in self._programs(rpc) if names is None or one.name in names]
        children = self._table.children(_pid(rpc))
        unseen: list[str] = []
        configs = _configs(rpc)
        rows = tuple(self._row(one, configs, children, unseen) for one in programs)
        entries = tuple(entry_of(one, configs.get(one.name)) for one in programs)
        return Account(rows=rows, entries=entries, unseen=tuple(unseen))

    def restart(self, order: Order) -> Restarted:
        """Stop one program, start it, and wait until supervisord calls it running.

        supervisord itself and its other programs are left alone.

        Raises:
            UnknownName: it has no such program.
            WorldError: it does not answer, or something else than a restart was ordered.
        """
        if order.action is not Action.RESTART:
            raise WorldError(
                order.service,
                f"supervisord can only restart a program; found {order.action} as order",
                next_act="restart it",
            )
        rpc = Rpc(read_configuration(self._root))
        before = _program(rpc, order.service)
        state = state_of(before, _configs(rpc).get(before.name))
        if state is InstanceState.STOPPED and not order.was_begun:
            return Restarted(done=False, said=f"is not meant to run: {before.told or 'stopped'}")
        ours = _pid(rpc)
        told = RestartAct(rpc, order, self._pause).carry_out(before)
        if _pid(rpc) != ours:
            return Restarted(done=False, said=f"supervisord itself was started again; {told.said}")
        return told

    def running(self) -> frozenset[str]:
        """Names of the programs that are up now.

        Raises:
            WorldError: it does not answer, or its configuration cannot be read.
        """
        access = read_configuration(self._root)
        if _is_down(access):
            return frozenset()
        return frozenset(one.name for one in self._programs(Rpc(access)) if one.state == RUNNING)

    def wait_for_end(self, service: str, timeout_s: float) -> bool:  # noqa: ARG002 - none ends
        """False for what runs: it has no jobs, and a program does not end by itself.

        Raises:
            UnknownName: it has no such program.
            WorldError: it does not answer.
        """
        return _program(Rpc(read_configuration(self._root)), service).state not in HAS_PROCESS

    def _programs(self, rpc: Rpc) -> list[Program]:
        answer = rpc.ask("supervisor.getAllProcessInfo")
        try:
            return [read_program(one) for one in answer]  # type: ignore[attr-defined]
        except (TypeError, ValueError) as fault:
            raise WorldError(
                f"supervisord at {rpc.name}", str(fault), next_act="check its version"
            ) from fault

    def _row(
        self,
        program: Program,
        configs: Mapping[str, Mapping[str, object]],
        children: Collection[int],
        unseen: list[str],
    ) -> ManagerRow:
        """The row; starts that were seen are counted, and its pid is checked to be a child."""
        last = self._began.setdefault(program.name, program.began)
        if program.began != last:
            self._began[program.name] = program.began
            self._restarts[program.name] = self._restarts.get(program.name, 0) + 1
        is_below = program.pid in children
        if program.state in HAS_PROCESS and program.pid and not is_below:
            unseen.append(f"{program.name}: supervisord says pid {program.pid}, none of its own")
        config = configs.get(program.name)
        restarts = self._restarts.get(program.name, 0)
        return row_of(program, config, restarts=restarts, is_below=is_below)


def _is_down(access: Access) -> bool:
    """Whether its socket is gone: it removes it when it ends."""
    return access.socket is not None and not Path(access.socket).exists()


def _pid(rpc: Rpc) -> int:
    found = rpc.ask("supervisor.getPID")
    return found if isinstance(found, int) else 0


def _program(rpc: Rpc, name: str) -> Program:
    """What it says of one program.

    Raises:
        UnknownName: it has none of that name.
        WorldError: it does not answer.
    """
    try:
        return read_program(rpc.ask("supervisor.getProcessInfo", name))
    except Refused as refused:
        if refused.code == BAD_NAME:
            raise UnknownName(
                name, "supervisord has no such program", next_act="look with `supervisorctl status`"
            ) from refused
        raise WorldError(
            name, str(refused), next_act="look with `supervisorctl status`"
        ) from refused


def _configs(rpc: Rpc) -> Mapping[str, Mapping[str, object]]:
    """The configuration of each program by name; empty where this supervisord tells none."""
    try:
        answer = rpc.ask("supervisor.getAllConfigInfo")
    except Refused:
        return {}
    found: dict[str, Mapping[str, object]] = {}
    for one in answer if isinstance(answer, list) else ():
        if isinstance(one, dict):
            group, name = one.get("group"), one.get("name")
            found[f"{name}" if group == name else f"{group}:{name}"] = one
    return found

"""Finds what resource agents have left running on this host, and of which resource it is."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from insvc.adapters.groups import pids_of_group
from insvc.adapters.procfs import ProcfsTable
from insvc.adapters.small_file import read_small
from insvc.inspect.cgroup import group_of
from insvc.inspect.instances import nearest
from insvc.inspect.pacemaker_cib import Primitive
from insvc.inspect.pacemaker_pids import INSTANCE, Left, may_be_left, pid_files, pid_in, share
from insvc.inspect.stat import parse_stat
from insvc.model.manager_row import ManagerRow
from insvc.ports import ProcessTable

_LIMIT_BYTES = 4096


class LeftBehind:
    """The processes of resource agents.

    Args:
        root: the folder that holds the host's files.
        proc: where procfs is mounted.
        groups: where the control groups are mounted.
        table: the host's processes.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        proc: Path = Path("/proc"),
        groups: Path = Path("/sys/fs/cgroup"),
        table: ProcessTable | None = None,
    ) -> None:
        self._root = root
        self._proc = proc
        self._groups = groups
        self._table = table or ProcfsTable(proc)

    def of(
        self, primitives: Iterable[Primitive], unit: ManagerRow | None
    ) -> tuple[Mapping[str, tuple[int, ...]], tuple[int, ...]]:
        """Pids by resource, and those that an agent left and that tell of no resource.

        Args:
            primitives: the resources that are active here and have no unit of systemd's.
            unit: Pacemaker's own, as systemd tells of it.
        """
        active = tuple(primitives)
        group = None if unit is None else unit.cgroup
        named = {one.name: pid for one in active if (pid := self._named(one, group)) is not None}
        names = frozenset(one.name for one in active)
        return share(names, named, self._left(group, unit, named.values()))

    def _named(self, primitive: Primitive, group: str | None) -> int | None:
        """The process that a pid file of the resource names, where it may be an agent's."""
        for path in pid_files(primitive):
            try:
                text = read_small(self._root / path.lstrip("/"), _LIMIT_BYTES)
            except OSError:
                continue
            pid = pid_in(text)
            where = None if pid is None else self._group(pid)
            if where is not None and may_be_left(where, group):
                return pid
        return None

    def _left(
        self, group: str | None, unit: ManagerRow | None, named: Collection[int]
    ) -> Iterator[Left]:
        """What is in Pacemaker's own control group, without Pacemaker and what it runs now."""
        found = () if group is None else pids_of_group(self._groups, group) or ()
        parents = {pid: parent for pid in found if (parent := self._parent(pid)) is not None}
        own = () if unit is None or unit.pid is None else (unit.pid,)
        for pid, parent in parents.items():
            if nearest(pid, own, parents) is None:
                resource = "" if pid in named else self._table.environment(pid).get(INSTANCE, "")
                yield Left(pid, parent, str(group), resource)

    def _parent(self, pid: int) -> int | None:
        try:
            stat = parse_stat((self._proc / str(pid) / "stat").read_bytes())
        except (OSError, ValueError):
            return None
        return stat.parent

    def _group(self, pid: int) -> str | None:
        """The control group of a process; nothing when it is gone."""
        try:
            return group_of((self._proc / str(pid) / "cgroup").read_bytes())
        except OSError:
            return None

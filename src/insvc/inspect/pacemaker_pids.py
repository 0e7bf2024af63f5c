"""Whose a process is that a resource agent has left running.

It was started by an agent, so it lies in the control group of Pacemaker's own unit, or in a session
where the agent became another user. Two things name its resource: the pid file that the agent is
given or keeps by default, and the environment that the agent handed down. Both are words of
others: they say whose a process is among the resources that are active here, and nothing else.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from insvc.inspect.cgroup import OwnerKind, is_within, owner_of
from insvc.inspect.pacemaker import bare
from insvc.inspect.pacemaker_cib import Primitive

INSTANCE = "OCF_RESOURCE_INSTANCE"
"""The variable by which Pacemaker tells an agent for which resource it is called."""
_PARAMETERS = ("pidfile", "pid_file", "pid")
_DEFAULTS = {
    "anything": ("/run/anything_{name}.pid", "/run/resource-agents/anything_{name}.pid"),
    "apache": ("/run/apache2/apache2.pid", "/run/httpd/httpd.pid"),
    "galera": ("/run/mysqld/mysqld.pid", "/run/mysql/mysqld.pid"),
    "mariadb": ("/run/mysqld/mysqld.pid", "/run/mysql/mysqld.pid"),
    "mysql": ("/run/mysqld/mysqld.pid", "/run/mysql/mysqld.pid"),
    "named": ("/run/named/named.pid", "/run/named.pid"),
    "nginx": ("/run/nginx.pid",),
    "pgsql": ("{pgdata}/postmaster.pid", "/var/lib/pgsql/data/postmaster.pid"),
    "redis": ("/run/redis/redis-server.pid", "/run/redis/redis.pid"),
}


class Left(NamedTuple):
    """A process that may be a resource's.

    Attributes:
        pid: its number.
        parent: that of who started it, or of process 1.
        group: its control group.
        resource: of which resource its environment speaks; empty where of none.
    """

    pid: int
    parent: int
    group: str
    resource: str = ""


def pid_files(primitive: Primitive) -> tuple[str, ...]:
    """Where its agent may keep the pid of what it started, absolute; the likeliest first."""
    given = [primitive.parameters.get(name, "") for name in _PARAMETERS]
    told = {"name": primitive.name, "pgdata": primitive.parameters.get("pgdata", "")}
    usual = [
        pattern.replace("{name}", told["name"]).replace("{pgdata}", told["pgdata"])
        for pattern in _DEFAULTS.get(primitive.kind, ())
    ]
    found = [one for one in (*given, *usual) if one.startswith("/") and "\0" not in one]
    return tuple(dict.fromkeys(found))


def pid_in(text: str) -> int | None:
    """The pid that the first line of a pid file holds; nothing where it holds none."""
    word = text.partition("\n")[0].strip()
    return int(word) if word.isascii() and word.isdecimal() and int(word[:10]) > 1 else None


def may_be_left(group: str, own: str | None) -> bool:
    """Whether a process in that control group can be of a resource agent's.

    Args:
        group: its control group.
        own: that of Pacemaker's unit; absent where it has none.
    """
    if own is not None and is_within(group, own):
        return True
    return owner_of(group).kind in {OwnerKind.SESSION, OwnerKind.NOBODY}


def share(
    active: Collection[str], named: Mapping[str, int], left: Iterable[Left]
) -> tuple[dict[str, tuple[int, ...]], tuple[int, ...]]:
    """Processes by resource, and those in Pacemaker's own group that tell of none.

    Args:
        active: names of the resources that are active here.
        named: pids by resource, as pid files say.
        left: processes that are not Pacemaker's own.
    """
    processes = {one.pid: one for one in left}
    found: dict[str, dict[int, None]] = {name: {pid: None} for name, pid in named.items()}
    owner = {pid: name for name, pid in named.items()}
    for one in processes.values():
        name = bare(one.resource) if bare(one.resource) in active else one.resource
        if one.pid not in owner and name in active:
            owner[one.pid] = name
    for pid, name in owner.items():
        parent = processes[pid].parent if pid in processes else 0
        if owner.get(parent) != name:
            found.setdefault(name, {})[pid] = None
    unknown = tuple(pid for pid in processes if _owner(pid, processes, owner) is None)
    return {name: tuple(pids) for name, pids in found.items()}, unknown


def _owner(pid: int, processes: Mapping[int, Left], owner: Mapping[int, str]) -> str | None:
    """The resource of a process, or of the nearest above it that has one."""
    seen: set[int] = set()
    while pid in processes and pid not in seen and pid not in owner:
        seen.add(pid)
        pid = processes[pid].parent
    return owner.get(pid)

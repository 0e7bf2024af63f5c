"""What a script in /etc/init.d says of its service. It is read as text and never run for that.

Sources: the header and the actions of the Linux Standard Base, the older `chkconfig` comments, and
plain assignments at the beginning of a line (`DAEMON=…`, `PIDFILE=…`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from insvc.catalog.entry import Entry, Impact, Service
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager, Personality, Redundancy

_BEGIN, _END = "### BEGIN INIT INFO", "### END INIT INFO"
_FIELD = re.compile(r"#\s?([A-Za-z][\w-]*):[ \t]*(.*)")
_CHKCONFIG = re.compile(r"#\s*(chkconfig|processname|pidfile):[ \t]*(\S.*)")
_ASSIGNED = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|[^\s;&|#]*)")
_USED = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^${}]*))?\}|([A-Za-z_]\w*))")
_PATH = re.compile(r"/[\w./@:+-]+")
_PROGRAMS: Final = ("DAEMON", "daemon", "DAEMON_PATH", "PROG", "prog", "exec", "BINARY")
_PIDFILES: Final = ("PIDFILE", "pidfile", "PID_FILE", "pid_file", "PID")
_MADE = "init-d-script"
_NO_DAEMON = "none"
_LONGEST_VALUE = 256
_MOST_VALUES = 200
_DEPTH = 8
_LINES = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class InitScript:
    """One script as far as its text tells.

    Attributes:
        name: of its file.
        provides: what it is called by others' headers.
        needs: what its header wants to be started before it.
        description: its short description; empty where it gives none.
        program: path of the program it starts; absent where its text names none.
        pidfiles: where its main process may have written its pid, best first.
        offers: actions it surely knows.
    """

    name: str
    provides: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    description: str = ""
    program: str | None = None
    pidfiles: tuple[str, ...] = ()
    offers: frozenset[str] = field(default_factory=frozenset)


def read_script(name: str, text: str) -> InitScript | None:
    """What the script says; nothing where it has no header by which it could be known.

    Args:
        name: of its file.
        text: of the file.
    """
    lines = text.splitlines()[:_LINES]
    header = _header(lines)
    told = (_CHKCONFIG.match(line) for line in lines)
    comments = {found[1]: found[2] for found in told if found is not None}
    if header is None and "chkconfig" not in comments:
        return None
    values = _values(lines)
    words = header or {}
    program = _program(name, values, comments)
    return InitScript(
        name=name,
        provides=tuple(dict.fromkeys((*words.get("provides", "").split(), name))),
        needs=tuple(words.get("required-start", "").split()),
        description=words.get("short-description", ""),
        program=program,
        pidfiles=_pidfiles(name, program, values, comments),
        offers=_offers(lines),
    )


def _header(lines: Iterable[str]) -> dict[str, str] | None:
    """The fields between the two marks, names in lower case; nothing where one is missing."""
    fields: dict[str, str] = {}
    is_within = False
    for line in lines:
        if line.strip() == _BEGIN:
            is_within = True
        elif line.strip() == _END and is_within:
            return fields
        elif is_within and (found := _FIELD.match(line)):
            fields.setdefault(found[1].lower(), found[2].strip())
    return None


def _values(lines: Iterable[str]) -> dict[str, str]:
    """What is plainly assigned at the beginning of a line, the first assignment of a name."""
    values: dict[str, str] = {}
    for line in lines:
        found = _ASSIGNED.match(line)
        if found is not None and len(values) < _MOST_VALUES:
            values.setdefault(found[1], _unquoted(found[2])[:_LONGEST_VALUE])
    return values


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def _filled(text: str, values: Mapping[str, str]) -> str | None:
    """The text with its variables filled in; nothing where only a shell could tell."""
    for _ in range(_DEPTH):
        if len(text) > _LONGEST_VALUE:
            return None
        filled = _USED.sub(lambda found: _value_of(found, values), text)
        if filled == text:
            break
        text = filled
    return text if _PATH.fullmatch(text) and ".." not in text.split("/") else None


def _value_of(found: re.Match[str], values: Mapping[str, str]) -> str:
    """A variable's value, its default, or the sign `$`, which no path that is used may have."""
    return values.get(found[1] or found[3], found[2] or "$")


def _program(name: str, values: Mapping[str, str], comments: Mapping[str, str]) -> str | None:
    """The program: as named in so many words, else an assigned path that is called as it is.

    A script that says it has no pid file at all only sets something up, and starts no daemon.
    """
    if values.get("PIDFILE") == _NO_DAEMON:
        return None
    named = (*(values.get(one, "") for one in _PROGRAMS), comments.get("processname", ""))
    for text in named:
        path = _filled(text, values)
        if path is not None:
            return path
    called = {name, values.get("NAME", name)}
    for text in values.values():
        path = _filled(text, values)
        folders, _, last = (path or "").rpartition("/")
        if last in called and folders.endswith("bin"):
            return path
    return None


def _pidfiles(
    name: str, program: str | None, values: Mapping[str, str], comments: Mapping[str, str]
) -> tuple[str, ...]:
    """Those it names, else where such files usually are."""
    told = (*(values.get(one, "") for one in _PIDFILES), comments.get("pidfile", ""))
    found = [path for text in told if (path := _filled(text, values)) is not None]
    if not found and program is not None:
        stems = dict.fromkeys((name, program.rpartition("/")[2]))
        found = [path for one in stems for path in (f"/run/{one}.pid", f"/run/{one}/{one}.pid")]
    return tuple(dict.fromkeys(found))


def _offers(lines: list[str]) -> frozenset[str]:
    """The actions that it names as a case; all of them where a frame of the system runs it."""
    actions = ("start", "stop", "restart", "status")
    if lines and _MADE in lines[0]:
        return frozenset(actions)
    found: set[str] = set()
    for line in lines:
        case, ends, _ = line.partition(")")
        words = {one.strip().removeprefix("(").strip(" \t\"'") for one in case.split("|")}
        found.update(words.intersection(actions) if ends else ())
    return frozenset(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a look at the host found of a service.

    Attributes:
        pid: its main process; absent where none runs.
        is_unclear: whether several could be its main process, and nothing tells which is.
        left: the pid file or lock that it left behind when it died; empty where none is there.
        is_enabled: whether the system starts it at boot.
    """

    pid: int | None = None
    is_unclear: bool = False
    left: str = ""
    is_enabled: bool = False


def state_of(found: Found) -> InstanceState:
    """What the service does, by the same signs that the answers of `status` stand for."""
    if found.is_unclear:
        return InstanceState.UNKNOWN
    if found.pid is not None:
        return InstanceState.RUNNING
    if found.left:
        return InstanceState.FAILED
    return InstanceState.STOPPED if found.is_enabled else InstanceState.DISABLED


def is_meant_to_run(found: Found) -> bool:
    """Whether it runs, or has died: what was stopped in good order is to stay down."""
    return state_of(found) not in {InstanceState.STOPPED, InstanceState.DISABLED}


def row_of(script: InitScript, found: Found) -> ManagerRow:
    """The row of one service. Nobody counts its restarts: nothing starts it again."""
    return ManagerRow(
        name=script.name,
        manager=Manager.LSB,
        state=state_of(found),
        desired=InstanceState.RUNNING if is_meant_to_run(found) else InstanceState.STOPPED,
        pid=found.pid,
    )


def entry_of(script: InitScript, others: Iterable[InitScript]) -> Entry:
    """How its service can be restarted, as discovered.

    Args:
        script: of the service.
        others: the scripts of services, from which the names in its header are told.
    """
    providers = {name: one.name for one in others for name in one.provides}
    needs = [providers[one] for one in script.needs if one in providers]
    return Entry(
        name=script.name.lower(),
        title=script.name,
        function=script.description or "a service that a script in /etc/init.d starts",
        in_service_patchable=True,
        managed_by=Manager.LSB,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=script.name, pidfile=next(iter(script.pidfiles), None)),),
        depends_on=tuple(dict.fromkeys(one.lower() for one in needs if one != script.name)),
        impact=Impact(new_requests="refused", recovers="retry"),
        provenance=dict.fromkeys(
            ("managed_by", "services", "action", "depends_on"),
            f"discovered: /etc/init.d/{script.name}",
        ),
    )

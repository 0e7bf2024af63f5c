"""What supervisord says of its programs, and where it can be asked. Source: its own manual."""

import configparser
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from posixpath import dirname, join
from typing import NamedTuple

from insvc.catalog.entry import Entry, Impact, Service
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager, Personality, Redundancy

_STATES = {
    0: InstanceState.STOPPED,
    10: InstanceState.STARTING,
    20: InstanceState.RUNNING,
    30: InstanceState.FAILED,
    40: InstanceState.STOPPING,
    100: InstanceState.FAILED,
    200: InstanceState.FAILED,
}
RUNNING, BACKOFF, FATAL, EXITED = 20, 30, 200, 100
HAS_PROCESS = frozenset({10, 20, 40})
IS_DOWN = frozenset({0, BACKOFF, EXITED, FATAL})
_DID = {
    FATAL: "gave up",
    BACKOFF: "is about to try again",
    EXITED: "leaves it ended",
}
_HOST_AND_PORT = re.compile(r"(?:(?P<host>[^:]*|\[[0-9a-fA-F:]+\]):)?(?P<port>\d{1,5})")
_ANYWHERE = frozenset({"", "*", "0.0.0.0"})  # noqa: S104 - found in a file, not listened on
BAD_NAME, ALREADY_STARTED, NOT_RUNNING = 10, 60, 70
FAULTS: Mapping[int, str] = {
    6: "supervisord is shutting down",
    BAD_NAME: "supervisord has no such program",
    11: "supervisord knows no such signal",
    20: "the program's file is not there",
    21: "the program's file cannot be executed",
    30: "supervisord could not do it",
    40: "it ended before it had run for its startsecs",
    50: "its process could not be started",
    ALREADY_STARTED: "it runs already",
    NOT_RUNNING: "it does not run",
}


class Access(NamedTuple):
    """Where supervisord can be asked.

    Attributes:
        socket: path of its Unix socket; absent where it listens on a port alone.
        host, port: where else it listens.
        username, password: what it asks for; empty where it asks for nothing.
    """

    socket: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    username: str = ""
    password: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One program as supervisord tells of it.

    Attributes:
        name: `program`, or `group:program` where its group bears another name.
        state: supervisord's number.
        pid: of its process; 0 where none runs.
        began: when that was started, whole seconds since the epoch.
        exit_status: of the last run.
        told: supervisord's own sentence about it.
        spawn_error: why it could not be started; empty where it could.
    """

    name: str
    state: int
    pid: int = 0
    began: int = 0
    exit_status: int = 0
    told: str = ""
    spawn_error: str = ""


def read_program(info: object) -> Program:
    """What one answer of getProcessInfo says.

    Raises:
        ValueError: it is no such answer.
    """
    if not isinstance(info, dict):
        raise ValueError(f"found {type(info).__name__}, expected what is known of a program")  # noqa: TRY004 - of the text, not of our code
    group, name = _text(info, "group"), _text(info, "name")
    return Program(
        name=name if group in {"", name} else f"{group}:{name}",
        state=_number(info, "state"),
        pid=_number(info, "pid"),
        began=_number(info, "start"),
        exit_status=_number(info, "exitstatus"),
        told=_text(info, "description"),
        spawn_error=_text(info, "spawnerr"),
    )


def row_of(
    program: Program, config: Mapping[str, object] | None, *, restarts: int, is_below: bool
) -> ManagerRow:
    """The row of one program.

    Args:
        program: what supervisord says.
        config: its configuration, where supervisord told it.
        restarts: how often it was seen to be started again.
        is_below: whether its process was found among supervisord's children.
    """
    is_up = program.state in HAS_PROCESS and program.pid > 0
    state = state_of(program, config)
    is_meant = state is not InstanceState.STOPPED
    return ManagerRow(
        name=program.name,
        manager=Manager.SUPERVISORD,
        state=state,
        desired=InstanceState.RUNNING if is_meant else InstanceState.STOPPED,
        pid=program.pid if is_up and is_below else None,
        restarts=restarts,
    )


def state_of(program: Program, config: Mapping[str, object] | None) -> InstanceState:
    """What it does; one that ended with a status that was not expected has failed."""
    expected = (config or {}).get("exitcodes", [0])
    if program.state == EXITED and isinstance(expected, list):
        is_expected = program.exit_status in expected
        return InstanceState.STOPPED if is_expected else InstanceState.FAILED
    return _STATES.get(program.state, InstanceState.UNKNOWN)


def entry_of(program: Program, config: Mapping[str, object] | None) -> Entry:
    """How a program can be restarted, as discovered.

    Args:
        program: what supervisord says.
        config: its configuration, where supervisord told it.
    """
    known = config or {}
    bounds = [known.get(name) for name in ("stopwaitsecs", "startsecs")]
    numbers = [float(one) for one in bounds if isinstance(one, int)]
    fields = ("managed_by", "services", "action") + (("impact",) if numbers else ())
    return Entry(
        name=program.name.lower(),
        title=program.name,
        function="a program that supervisord keeps running",
        in_service_patchable=True,
        managed_by=Manager.SUPERVISORD,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=program.name),),
        impact=Impact(
            new_requests="refused",
            longest_s=sum(numbers) if numbers else None,
            recovers="retry",
            note="" if numbers else "how long it may take to stop is not known",
        ),
        provenance=dict.fromkeys(fields, "discovered: supervisord"),
    )


def words_of(program: Program) -> str:
    """Why a program is not up, in words."""
    did = _DID.get(program.state, f"says state {program.state}")
    if program.spawn_error:
        return f"supervisord {did}: {program.spawn_error}"
    status = f"its last run ended with status {program.exit_status}"
    return f"supervisord {did}: {status} ({program.told or 'no more'})"


def read_access(text: str, source: str, extra: Iterable[str] = ()) -> Access | None:
    """Where supervisord can be asked; nothing where it serves nobody.

    Args:
        text: its configuration.
        source: path of the file.
        extra: texts of the files it includes.

    Raises:
        ValueError: it is no such file, or says what cannot be known from it alone.
    """
    parser = _parsed(text, extra)
    here = dirname(source)
    for section in ("unix_http_server", "inet_http_server"):
        if not parser.has_section(section):
            continue
        values = {name: _expanded(value, here) for name, value in parser.items(section)}
        username, password = values.get("username", ""), values.get("password", "")
        if password.upper().startswith("{SHA}"):
            raise ValueError(f"[{section}] keeps its password hashed; nobody can log in with that")
        if section == "unix_http_server" and values.get("file"):
            path = join(here, values["file"])
            return Access(socket=path, username=username, password=password)
        if values.get("port"):
            host, port = _address(values["port"])
            return Access(host=host, port=port, username=username, password=password)
    return None


def included(text: str, source: str) -> tuple[str, ...]:
    """Patterns of the files that it includes, absolute.

    Raises:
        ValueError: it is no such file.
    """
    parser = _parsed(text, ())
    here = dirname(source)
    patterns = parser.get("include", "files", fallback="").split()
    return tuple(join(here, _expanded(pattern, here)) for pattern in patterns)


def _parsed(text: str, extra: Iterable[str]) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(
        strict=False, inline_comment_prefixes=(";", "#"), default_section="\0"
    )
    try:
        for one in (text, *extra):
            parser.read_string(one)
    except configparser.Error as fault:
        raise ValueError(f"is no configuration of supervisord: {fault.message}") from fault
    return parser


def _expanded(value: str, here: str) -> str:
    """The value with its own folder filled in.

    Raises:
        ValueError: it depends on what only supervisord's own process knows.
    """
    filled = value.replace("%(here)s", here)
    if "%(" in filled:
        raise ValueError(f"found {value!r}, expected a value that is there in full")
    return filled.replace("%%", "%").strip()


def _address(text: str) -> tuple[str, int]:
    found = _HOST_AND_PORT.fullmatch(text)
    if found is None:
        raise ValueError(f"found {text!r}, expected HOST:PORT")
    host = (found["host"] or "").strip("[]")
    return ("127.0.0.1" if host in _ANYWHERE else host), int(found["port"])


def _text(info: Mapping[object, object], name: str) -> str:
    found = info.get(name, "")
    if not isinstance(found, str):
        raise ValueError(f"found {found!r} as {name}, expected text")  # noqa: TRY004 - as above
    return found


def _number(info: Mapping[object, object], name: str) -> int:
    found = info.get(name, 0)
    if not isinstance(found, int):
        raise ValueError(f"found {found!r} as {name}, expected a number")  # noqa: TRY004 - as above
    return found

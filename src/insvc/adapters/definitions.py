"""What a host is, and what its packages tell its managers: small JSON files, read as they are."""

import json
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from insvc.adapters.wire import from_json
from insvc.errors import InputError, InsvcError
from insvc.model.act import DrainRule
from insvc.model.cron_schedule import next_run
from insvc.model.words import Manager, Personality, Role
from insvc.supervise.definition import Heartbeat, ServiceDefinition
from insvc.supervise.pair import PairDefinition

FOLDER = "etc/insvc/services.d"
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class HostFile:
    """The host that an agent serves.

    Source: `host.json` in the host's folder, written by whoever made the host.

    Attributes:
        host: its name.
        personality: what it is for; `subfunctions`: further purposes.
        address: where its services listen.
        oam_address: the floating address that the active controller serves.
        initial_role: its role when it is first started; absent on hosts that do not take turns.
        python: the interpreter that runs its programs.
        reboot_command: what reboots it where nothing less helps: a quorum is lost (pmon), a thread
            stalls for too long (sm-watchdog), the active role cannot be ended. Absent: nothing.
        pair: the other controller, with which it takes turns by a lease; absent where there is
            none.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    host: str
    personality: Personality
    subfunctions: tuple[Personality, ...] = ()
    address: str
    oam_address: str
    initial_role: Role | None = None
    python: str
    reboot_command: tuple[str, ...] = ()
    pair: PairDefinition | None = None


def read_host(folder: Path) -> HostFile:
    """The host of that folder.

    Raises:
        InputError: `host.json` is missing or not as expected.
    """
    return from_json(HostFile, _read(folder / "host.json"))


def read_definitions(
    root: Path, managers: frozenset[Manager]
) -> tuple[Mapping[str, ServiceDefinition], tuple[str, ...]]:
    """The services of those managers by name, and one line for every file that is faulty.

    A faulty file hides only its own service; the rest of the host stays managed.
    """
    found: dict[str, ServiceDefinition] = {}
    faults: list[str] = []
    folder = root / FOLDER
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            definition = from_json(ServiceDefinition, _read(path))
            check_definition(definition)
        except InsvcError as fault:
            faults.append(f"{path.name}: {fault}")
            continue
        if definition.manager in managers:
            found[definition.name] = definition
    return found, tuple(faults)


def check_definition(definition: ServiceDefinition) -> None:
    """Refuse what a manager could not act on.

    Raises:
        InputError: its schedule, its pattern of helpers or its way to stop is none.
    """
    name = definition.name
    check_drain(definition.drain, name)
    if bool(definition.command) == (definition.script is not None):
        reason = "found both or neither of a command and a script, expected one of them"
        raise InputError(name, reason, next_act="name its program, or its script")
    if definition.hands_over and (definition.port is None or definition.script is not None):
        reason = "hands its socket over, and has no port, or a script that starts it"
        raise InputError(name, reason, next_act="name its port and its program")
    asked = (definition, definition.active_check, definition.heartbeat)
    for port in (one.port for one in asked if one is not None and one.port is not None):
        if not 0 < port < 1 << 16:
            reason = f"found {port} as port, expected 1 to 65535"
            raise InputError(name, reason, next_act="correct its definition")
    _check_heartbeat(name, definition.heartbeat)
    has_process = definition.script is None or definition.script.has_process
    if has_process and not definition.pidfile:
        raise InputError(name, "found no pid file", next_act="name the file it writes its pid to")
    try:
        re.compile(definition.helpers or "")
        if definition.manager is Manager.CRON:
            next_run(definition.schedule or "", _SOME_DAY)
    except (re.error, ValueError) as fault:
        raise InputError(name, str(fault), next_act="correct its definition") from fault


def _check_heartbeat(name: str, beat: Heartbeat | None) -> None:
    if beat is None or (0 < beat.warn <= beat.degrade <= beat.fail and beat.interval_s > 0):
        return
    reason = f"found {beat}, expected 0 < warn <= degrade <= fail and an interval"
    raise InputError(name, reason, next_act="correct its heartbeat")


def check_drain(rule: DrainRule, name: str) -> None:
    """Refuse a way to stop a service that does not exist.

    Raises:
        InputError: there is no such signal, or no such end of the drain time.
    """
    if f"SIG{rule.signal}" not in signal.Signals.__members__:
        reason = f"found signal {rule.signal!r}, expected one such as TERM or USR1"
        raise InputError(name, reason, next_act="correct its drain rule")
    if rule.on_timeout not in {"kill", "leave"}:
        reason = f"found on_timeout {rule.on_timeout!r}, expected kill or leave"
        raise InputError(name, reason, next_act="correct its drain rule")


def _read(path: Path) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise InputError(
            str(path), f"cannot be read: {fault.strerror}", next_act="check the path"
        ) from fault
    except ValueError as fault:
        raise InputError(str(path), f"is not JSON: {fault}", next_act="correct the file") from fault

"""What a host is, and what its packages tell its managers: small JSON files, read as they are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from insvc.adapters.wire import from_json
from insvc.errors import InputError, InsvcError
from insvc.model.words import Manager, Personality, Role
from insvc.supervise.definition import ServiceDefinition

FOLDER = "etc/insvc/services.d"


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
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    host: str
    personality: Personality
    subfunctions: tuple[Personality, ...] = ()
    address: str
    oam_address: str
    initial_role: Role | None = None
    python: str


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
        except InsvcError as fault:
            faults.append(f"{path.name}: {fault}")
            continue
        if definition.manager in managers:
            found[definition.name] = definition
    return found, tuple(faults)


def _read(path: Path) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise InputError(
            str(path), f"cannot be read: {fault.strerror}", next_act="check the path"
        ) from fault
    except ValueError as fault:
        raise InputError(str(path), f"is not JSON: {fault}", next_act="correct the file") from fault

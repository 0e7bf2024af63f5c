"""What a manager knows, in one file, so that its next life goes on where this one ended.

The file is a list of lines, each a JSON object that tells one thing anew: the duty, a definition,
a unit. Of several about the same thing the last one counts. So a change costs the change alone, be
there a thousand services; a life that is cut off in the middle of a line has told all but that
line. From time to time the file is written afresh with what still counts.
"""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from insvc.adapters.pidfd import boot_id
from insvc.adapters.wire import from_json, to_json
from insvc.errors import InsvcError
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Duty, Unit

FORMAT = "insvc-manager/2"
_WHOLE_FORMAT = "insvc-manager/1"
"""The former format: one object with everything in it."""
_SPARE_BYTES = 1 << 20
_SPARE_TIMES = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What a manager's file tells.

    Attributes:
        format: name and version of the format.
        role: active or standby on hosts that take turns.
        locked: the host is out of service.
        held: services being taken down together.
        stopped: services that an operator has stopped, and until when.
        units: what was known of each service.
        boot: id of the machine's boot in which that was so; empty where an older file tells none.
    """

    format: str = FORMAT
    role: str | None = None
    locked: bool = False
    held: tuple[str, ...] = ()
    stopped: dict[str, float] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    boot: str = field(default="", compare=False)


def of_this_boot(known: Remembered, first_state: str) -> dict[str, Unit]:
    """What is known of each service in this boot of the machine: of an earlier one its definition.

    Its process ended with that boot, its failures are cured or come again, and the clock of its
    calendar has begun anew.
    """
    if known.boot in {"", boot_id()}:
        return known.units
    units = known.units.items()
    return {name: Unit(definition=one.definition, state=first_state) for name, one in units}


class Memory:
    """One manager's file. It belongs to one thread of one process.

    Args:
        path: the file; its folder must exist.

    Attributes:
        fault: why the last change could not be written down; empty once all is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._duty = ""
        self._definitions: dict[str, tuple[ServiceDefinition, str]] = {}
        self._units: dict[str, str] = {}
        self._fd: int | None = None
        self._appended_bytes = 0
        self._live_bytes = 0
        self.fault = ""

    def save(self, duty: Duty, units: Mapping[str, Unit], changed: Collection[str]) -> None:
        """Write down the duty and those units, if they are not what was written last.

        Args:
            duty: what the manager is to keep up.
            units: all that is known now.
            changed: names of those that may have changed since the last call; one that is not
                among the units is forgotten.
        """
        lines = [*self._duty_lines(duty)]
        for name in changed:
            lines += self._unit_lines(name, units.get(name))
        if lines or self.fault:
            self._write("".join(lines).encode())

    def load(self) -> Remembered | None:
        """What an earlier life knew; nothing where there was none, or its file cannot be read."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        # What follows the last newline was being written when the earlier life was cut off.
        lines = [_read_line(one) for one in text.split("\n")[:-1]] or [_read_line(text)]
        known = lines[0].get("format")
        if known == _WHOLE_FORMAT or (known == FORMAT and "units" in lines[0]):
            return _read_whole(lines[0])
        return _read_all(lines[1:]) if known == FORMAT else None

    def close(self) -> None:
        """Let go of the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _duty_lines(self, duty: Duty) -> Iterator[str]:
        told = replace(
            Remembered(),
            role=duty.role,
            locked=duty.locked,
            held=tuple(sorted(duty.held)),
            stopped=dict(duty.stopped),
            boot=boot_id(),
        )
        text = _line({"duty": {**to_json(told), "units": {}}})
        if text != self._duty:
            self._duty = text
            yield text

    def _unit_lines(self, name: str, unit: Unit | None) -> Iterator[str]:
        if unit is None:
            self._definitions.pop(name, None)
            if self._units.pop(name, None) is not None:
                yield _line({"gone": name})
            return
        known = self._definitions.get(name)
        if known is None or known[0] is not unit.definition:
            told = _line({"definition": to_json(unit.definition)})
            self._definitions[name] = (unit.definition, told)
            if known is None or known[1] != told:
                yield told
        text = _line({"name": name, "unit": _without_definition(unit)})
        if text != self._units.get(name):
            self._units[name] = text
            yield text

    def _write(self, content: bytes) -> None:
        """Append it, or write all afresh; what cannot be written now is written next time."""
        spare = max(_SPARE_BYTES, _SPARE_TIMES * self._live_bytes)
        try:
            if self._fd is None or self.fault or self._appended_bytes + len(content) > spare:
                self._write_afresh()
            else:
                _write_fully(self._fd, content)
                self._appended_bytes += len(content)
            self.fault = ""
        except OSError as fault:
            self.fault = f"{self._path}: {fault.strerror}"

    def _write_afresh(self) -> None:
        definitions = (text for _, text in self._definitions.values())
        first = _line({"format": FORMAT})
        content = "".join([first, self._duty, *definitions, *self._units.values()]).encode()
        fresh = self._path.with_name(self._path.name + ".new")
        self.close()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(fresh, flags, 0o644)
        try:
            _write_fully(fd, content)
            fresh.replace(self._path)
        except OSError:
            os.close(fd)
            raise
        self._fd = fd
        self._live_bytes, self._appended_bytes = len(content), 0


def _write_fully(fd: int, content: bytes) -> None:
    while content:
        content = content[os.write(fd, content) :]


def _line(what: Mapping[str, Any]) -> str:
    return json.dumps(what, separators=(",", ":")) + "\n"


def _without_definition(unit: Unit) -> dict[str, Any]:
    return {name: to_json(getattr(unit, name)) for name in Unit.__slots__ if name != "definition"}


def _read_line(text: str) -> dict[str, Any]:
    """The object of that line; an empty one where it is none."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}


def _read_whole(told: Mapping[str, Any]) -> Remembered | None:
    try:
        return from_json(Remembered, {**told, "format": FORMAT})
    except InsvcError:
        return None


def _read_all(lines: Collection[Mapping[str, Any]]) -> Remembered:
    """What counts of those lines. One that cannot be read is passed over."""
    duty = Remembered()
    definitions: dict[object, object] = {}
    units: dict[object, Mapping[str, Any]] = {}
    for line in lines:
        match line:
            case {"duty": dict(told)}:
                duty = _read_whole(told) or duty
            case {"definition": {"name": str(name)}}:
                definitions[name] = line["definition"]
            case {"name": str(name), "unit": dict(unit)}:
                units[name] = unit
            case {"gone": str(name)}:
                units.pop(name, None)
            case _:
                pass
    found = {}
    for key, one in units.items():
        with suppress(InsvcError):
            found[str(key)] = from_json(Unit, {**one, "definition": definitions.get(key)})
    return replace(duty, units=found)

"""What a manager knows, in one file, so that its next life goes on where this one ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from insvc.adapters.wire import from_json, to_json
from insvc.errors import InsvcError
from insvc.supervise.unit import Duty, Unit

FORMAT = "insvc-manager/1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """The content of a manager's file.

    Attributes:
        format: name and version of the format.
        role: active or standby on hosts that take turns.
        locked: the host is out of service.
        held: services being taken down together.
        stopped: services that an operator has stopped, and until when.
        units: what was known of each service.
    """

    format: str = FORMAT
    role: str | None = None
    locked: bool = False
    held: tuple[str, ...] = ()
    stopped: dict[str, float] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)


class Memory:
    """One manager's file. A reader sees either the former content or the new one.

    Args:
        path: the file; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._texts: dict[str, tuple[Unit, str]] = {}
        self._written = ""

    def save(self, duty: Duty, units: Mapping[str, Unit]) -> None:
        """Write what is known now; what has not changed since the last call costs nothing."""
        head = to_json(
            replace(
                Remembered(),
                role=duty.role,
                locked=duty.locked,
                held=tuple(sorted(duty.held)),
                stopped=dict(duty.stopped),
            )
        )
        head["units"] = {}
        parts = ", ".join(f"{json.dumps(name)}: {self._text(name, units[name])}" for name in units)
        text = json.dumps(head).replace('"units": {}', '"units": {' + parts + "}")
        if text == self._written:
            return
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._path)
        self._written = text

    def load(self) -> Remembered | None:
        """What an earlier life knew; nothing where there was none, or its file cannot be read."""
        try:
            found = from_json(Remembered, json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, InsvcError):
            return None
        return found if found.format == FORMAT else None

    def _text(self, name: str, unit: Unit) -> str:
        known = self._texts.get(name)
        if known is None or known[0] is not unit:
            known = (unit, json.dumps(to_json(unit)))
            self._texts[name] = known
        return known[1]

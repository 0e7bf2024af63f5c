"""The patches installed through this cloud's agents: one JSON file of its controller."""

import json
from collections.abc import Sequence
from pathlib import Path

from insvc.adapters.formats import read_text
from insvc.adapters.report_files import write_text
from insvc.errors import CorruptStore
from insvc.execute.bodies import from_json, to_json
from insvc.patch.installed import InstalledPatch

_FORMAT = "insvc-patches/1"


def read_patches(path: Path) -> tuple[InstalledPatch, ...]:
    """Every patch in the file, oldest first; none where there is no file.

    Raises:
        CorruptStore: it holds something else.
    """
    if not path.is_file():
        return ()
    try:
        document = json.loads(read_text(path))
    except json.JSONDecodeError as fault:
        raise _corrupt(path, f"is no JSON (line {fault.lineno})") from fault
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise _corrupt(path, f"does not say that it is {_FORMAT}")
    return from_json(tuple[InstalledPatch, ...], document.get("patches"), str(path))


def add_patch(path: Path, patch: InstalledPatch) -> None:
    """Write one more patch down; it is on disk when this returns.

    Raises:
        CorruptStore: the file holds something else; it was left as it was found.
        WorldError: it cannot be written.
    """
    _write(path, [*read_patches(path), patch])


def _write(path: Path, patches: Sequence[InstalledPatch]) -> None:
    document = {"format": _FORMAT, "patches": to_json(list(patches))}
    write_text(path, json.dumps(document, indent=2) + "\n")


def _corrupt(path: Path, reason: str) -> CorruptStore:
    return CorruptStore(
        str(path),
        reason,
        next_act="restore it from a backup, or move it away: no patch before can be undone then",
    )

"""Keeps which threads stall from one life of who looks at them to the next, within one boot."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from insvc.adapters.pidfd import boot_id
from insvc.adapters.small_file import read_small
from insvc.adapters.wire import from_json
from insvc.errors import InputError
from insvc.supervise.stalls import Stall, ThreadKey, ThreadLook


def read_stalls(path: Path) -> dict[ThreadKey, Stall]:
    """What the life before has seen in this boot; nothing where that is not known.

    Of one that has moved meanwhile the next look finds out.
    """
    with suppress(OSError, ValueError, TypeError, KeyError, InputError):
        told = json.loads(read_small(path))
        if told["boot"] == boot_id():
            return {one.look.key: one for one in map(_stall, told["stalls"])}
    return {}


def write_stalls(path: Path, stalls: Mapping[ThreadKey, Stall]) -> None:
    """Write them down, whole; a disk that refuses costs the next life its start alone."""
    fresh = path.with_name(f"{path.name}.new")
    text = json.dumps({"boot": boot_id(), "stalls": [asdict(one) for one in stalls.values()]})
    with suppress(OSError):
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)


def _stall(told: dict[str, dict[str, object]]) -> Stall:
    look = told["look"]
    key = ThreadKey(*from_json(tuple[int, int, int], look["key"]))
    return Stall(
        look=ThreadLook(
            key=key,
            program=from_json(str, look["program"]),
            state=from_json(str, look["state"]),
            cpu_ticks=from_json(int, look["cpu_ticks"]),
            switches=from_json(int, look["switches"]),
        ),
        since=from_json(float, told["since"]),
    )
